"""Pictures of predictions, in worker processes: crop, feature and prediction side by side. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep import sheets, storage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_SIDE = 128
"""px of a picture; smaller ones are enlarged."""

_COMPRESSION = 3
"""Of PNG, 0 to 9: a third of the time of 6, and a few per cent larger."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One picture to draw.

    Attributes:
        location: of the PNG file.
        crop: the face, as a JPEG or PNG file.
        feature: what the model sees of it, (h, w, 1 or 3) float32, 0 to 1.
        prediction: what it makes of it, likewise.
    """

    location: str
    crop: bytes
    feature: NDArray[np.float32]
    prediction: NDArray[np.float32]


def draw(drawings: tuple[Drawing, ...]) -> None:
    """Write each of them: what a worker does. Raises StorageError."""
    for drawing in drawings:
        content = _encoded(drawing)
        with storage.atomic_output(drawing.location, quick=True) as file:
            file.write(content)


def _encoded(drawing: Drawing) -> bytes:
    import cv2

    side = _side(drawing)
    crop = np.asarray(cv2.imdecode(np.frombuffer(drawing.crop, np.uint8), cv2.IMREAD_COLOR_RGB))
    smoothly = cv2.INTER_AREA if len(crop) > side else cv2.INTER_CUBIC
    crop = cv2.resize(crop, (side, side), interpolation=smoothly)
    sheet = sheets.grid([[crop.astype(np.float32) / 255, drawing.feature, drawing.prediction]])
    how = [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION]
    return cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), how)[1].tobytes()


def _side(drawing: Drawing) -> int:
    """Of the picture: so that the model's pixels are enlarged by a whole number."""
    model: int = max(*drawing.feature.shape[:2], *drawing.prediction.shape[:2])
    return model * -(-_LEAST_SIDE // model)
