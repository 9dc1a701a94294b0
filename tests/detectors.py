"""Detectors that fail for real, each at images of one size; given to extract as `module:Class`."""

from __future__ import annotations

import ctypes
import time
from typing import TYPE_CHECKING

from faceprep.faces.detect import BlazeFace, Detection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEGFAULTS, HANGS, RAISES = 61, 62, 63
"""Width of the images at which `Treacherous` fails."""


class Treacherous(BlazeFace):
    """BlazeFace, but for a segmentation fault, a hang and an exception."""

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """As BlazeFace, unless the image is as wide as one of the constants above."""
        width = pixels.shape[1]
        if width == SEGFAULTS:
            ctypes.string_at(0)
        if width == HANGS:
            time.sleep(3600)
        if width == RAISES:
            raise ArithmeticError("a detector's own mistake")
        return super().detect(pixels)


class Deadly(BlazeFace):
    """Dies of everything, as on a machine that lacks an instruction."""

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """Never returns."""
        ctypes.string_at(0)
        return super().detect(pixels)


class Slow(BlazeFace):
    """Takes its time, so that something can happen meanwhile."""

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """As BlazeFace, a fifth of a second later."""
        time.sleep(0.2)
        return super().detect(pixels)
