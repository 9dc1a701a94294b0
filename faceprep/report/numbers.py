"""How angles, sizes and the like are spread over all faces: counts, so that their number does not matter."""

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


def histograms(faces: pa.Table) -> tuple[Histogram, ...]:
    """How often each value occurs among the faces of `rows.Rows`."""
    return tuple(histogram(measure, floats(faces, column)) for column, measure in MEASURES.items())


def histogram(measure: Measure, values: NDArray[np.float64]) -> Histogram:
    """How often each of some values occurs; NaN is unknown."""
    unknown = int(np.count_nonzero(np.isnan(values)))
    return Histogram(measure.name, measure.unit, measure.edges, measure.count(values), unknown)


def density(faces: pa.Table) -> Density:
    """How often each yaw occurs with each pitch; faces without a pose are left out."""
    yaw, pitch = floats(faces, "yaw"), floats(faces, "pitch")
    known = np.isfinite(yaw) & np.isfinite(pitch)
    across, down = MEASURES["yaw"], MEASURES["pitch"]
    counts, _, _ = np.histogram2d(
        across.within(yaw[known]), down.within(pitch[known]), bins=(across.edges, down.edges)
    )
    return Density(across.edges, down.edges, counts.astype(np.int64))
