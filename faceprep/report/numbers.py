"""How angles, sizes and the like are spread over all faces: counts and quantiles, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faceprep.report.contents import Density, Histogram
from faceprep.report.rows import floats
from faceprep.spread import MEASURES

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from faceprep.spread import Measure

_SHARES = (0.05, 0.5, 0.95)


def histograms(faces: pa.Table) -> tuple[Histogram, ...]:
    """How often each value occurs among the faces of `rows.Rows`."""
    return tuple(histogram(measure, floats(faces, column)) for column, measure in MEASURES.items())


def histogram(measure: Measure, values: NDArray[np.float64]) -> Histogram:
    """How often each of some values occurs; NaN is unknown."""
    unknown = int(np.count_nonzero(np.isnan(values)))
    counts = measure.count(values)
    return Histogram(measure.name, measure.unit, measure.edges, counts, unknown, _quantiles(values))


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Of the values themselves, not of their bins; None where none is finite."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, middle, high = np.quantile(finite, _SHARES, overwrite_input=True)
    return float(low), float(middle), float(high)


def density(faces: pa.Table) -> Density:
    """How often each yaw occurs with each pitch; faces without a pose are left out."""
    yaw, pitch = floats(faces, "yaw"), floats(faces, "pitch")
    known = np.isfinite(yaw) & np.isfinite(pitch)
    across, down = MEASURES["yaw"], MEASURES["pitch"]
    counts, _, _ = np.histogram2d(
        across.within(yaw[known]), down.within(pitch[known]), bins=(across.edges, down.edges)
    )
    return Density(across.edges, down.edges, counts.astype(np.int64))
