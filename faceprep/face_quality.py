"""How good the picture of a face is: one number, for stages that choose among faces or tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray


def quality(faces: pa.Table, crop_side: int) -> NDArray[np.float64]:
    """(n,) √sharpness · min(longer side of the box, side of the crop) · score.

    The root, because the variance of a Laplacian is in grey levels squared; the limit, because pixels
    of the source beyond the crop's are averaged away. It compares faces of one folder.

    Args:
        faces: `sharpness`, `box_width`, `box_height` and `score` of `records.FaceRow`; NaN comes of null.
        crop_side: px.
    """
    side = np.maximum(_numbers(faces["box_width"]), _numbers(faces["box_height"]))
    root = np.sqrt(np.maximum(_numbers(faces["sharpness"]), 0.0))  # may round to below 0
    return np.asarray(root * np.minimum(side, crop_side) * _numbers(faces["score"]))


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
