"""Similarities, which have one scale, one rotation and one shift, and pixels moved by them.

Points are continuous: the top left corner of an image is (0, 0), its first pixel's centre (½, ½).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def similarity(
    scale: float, turn: float, source: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(2, 3) affine matrix that scales, turns clockwise by `turn` degrees and takes source to target.

    Args:
        scale: target pixels per source pixel.
        turn: degrees, clockwise in the image.
        source: (2,) px.
        target: (2,) px.
    """
    c, s = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    (x, y), (to_x, to_y) = source, target
    return np.array([[c, -s, to_x - c * x + s * y], [s, c, to_y - s * x - c * y]])


def fit_similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3) similarity that takes (n, 2) points nearest to (n, 2) targets, without mirroring.

    In the plane the least squares have a closed form: as complex numbers, target = a · source + b.
    """
    z, w = (p @ np.array([1, 1j]) for p in (source, target))
    z0, w0 = z - z.mean(), w - w.mean()
    a = np.vdot(z0, w0) / np.vdot(z0, z0)
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def warp(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """Cut a (size, size, 3) uint8 crop out of (h, w, 3) uint8; black where the image has nothing.

    Args:
        pixels: RGB.
        matrix: (2, 3) similarity, image to crop.
        size: side of the crop, px.
    """
    scale = math.hypot(*matrix[:, 0])
    if scale <= 0.5:  # bilinear sampling would skip pixels: average them first
        factor = int(1 / scale)
        pixels, matrix = _around(pixels, matrix, size)
        pixels, matrix = shrink(pixels, factor), matrix * (factor, factor, 1)
    centred = matrix.copy()
    # OpenCV puts pixel centres at whole numbers
    centred[:, 2] += (matrix[:, 0] + matrix[:, 1] - 1) / 2
    return np.asarray(cv2.warpAffine(pixels, centred, (size, size)), np.uint8)


def _around(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the image that the crop shows, and the matrix from there."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]])
    seen = np.linalg.solve(matrix[:, :2], (corners - matrix[:, 2]).T)
    limits = np.array(pixels.shape[1::-1])[:, None]
    low, high = np.clip([np.floor(seen.min(1)) - 1, np.ceil(seen.max(1)) + 1], 0, limits.T)
    low = np.minimum(low, limits[:, 0] - 1)
    (x0, y0), (x1, y1) = low.astype(int), np.maximum(high, low + 1).astype(int)
    shifted = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ low])
    return pixels[y0:y1, x0:x1], shifted


def shrink(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average blocks of factor x factor pixels; a rest at the right and lower edge is left out."""
    h, w = (max(1, n // factor) for n in pixels.shape[:2])
    blocks = pixels[: h * factor, : w * factor]
    return np.asarray(cv2.resize(blocks, (w, h), interpolation=cv2.INTER_AREA), np.uint8)


def centre_crop(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The largest square in the middle of (h, w, 3) pixels as (size, size, 3)."""
    h, w = pixels.shape[:2]
    middle, target = np.array([w, h]) / 2, np.full(2, size / 2)
    return warp(pixels, similarity(size / min(h, w), 0.0, middle, target), size)
