"""A crop to the bytes of an image file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import simplejpeg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faceprep.faces.options import FaceOptions


def encode(crop: NDArray[np.uint8], options: FaceOptions) -> bytes:
    """A crop, (size, size, 3) RGB, as a JPEG or PNG file."""
    if options.format == "jpg":
        return bytes(simplejpeg.encode_jpeg(crop, options.quality, colorsubsampling="420"))
    return cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))[1].tobytes()
