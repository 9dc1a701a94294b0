"""How measures of faces are spread: counts, so that the number of faces does not matter. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Measure:
    """Something measured of a face.

    Attributes:
        name: in words.
        unit: empty for none.
        edges: of its bins, rising, one more than there are bins.
    """

    name: str
    unit: str
    edges: NDArray[np.float64]

    @property
    def title(self) -> str:
        """Name and unit, for an axis."""
        return f"{self.name}, {self.unit}" if self.unit else self.name

    @property
    def is_logarithmic(self) -> bool:
        """Whether each bin is as many times as wide as the one before."""
        return bool(self.edges[0] > 0)

    def nothing(self) -> NDArray[np.int64]:
        """The counts of no faces."""
        return np.zeros(len(self.edges) - 1, np.int64)

    def count(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """In each bin; what lies outside counts in the first and the last one, NaN nowhere."""
        known = self.within(values[~np.isnan(values)])
        return np.histogram(known, self.edges)[0].astype(np.int64)

    def within(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values, those outside the edges moved to the nearest bin."""
        return np.clip(values, self.edges[0], self.edges[-1])


MEASURES = {
    "yaw": Measure("yaw", "°", np.arange(-90.0, 91.0, 5.0)),
    "pitch": Measure("pitch", "°", np.arange(-60.0, 61.0, 5.0)),
    "frontality": Measure("frontality", "", np.arange(0.0, 101.0, 5.0)),
    "size": Measure("face size", "px", np.geomspace(16, 4096, 33)),
    "sharpness": Measure("sharpness", "", np.geomspace(1, 1e5, 41)),
    "score": Measure("score", "", np.linspace(0, 1, 41)),
}
"""Each by its name; the size is that of the face box's longer side, as --min-face takes it. Their bins are
the same for every folder, so that plots can be compared."""

TURNED = Measure("|yaw|", "°", np.arange(0.0, 91.0, 5.0))
"""How far to either side."""
