"""Pixels and a face to an aligned crop.

Everything here is a similarity: one scale, one rotation, one shift, so that faces are never sheared.
Points are continuous: the top left corner of an image is (0, 0), its first pixel's centre (½, ½).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from faceprep.faces.pose import CANONICAL_KEYPOINTS, EYE_SPAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.extract.options import ExtractOptions
    from faceprep.faces.detect import Box
    from faceprep.faces.pose import HeadFit

HEAD_SIDE = 17.0
"""Centimetres of the canonical head that a crop without margin shows: hairline to below the chin."""

HEAD_CENTER = np.array([0.0, 0.6, 0.0])
"""Centimetres, head frame: the middle of the crop. On the head's axis, so that a profile, whose eyes
are at the picture's edge, is as well centred as a frontal face."""

ARCFACE_TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""(5, 2) px in 112 x 112: eyes, nose tip, mouth corners, as InsightFace aligns for ArcFace."""

ARCFACE_SIDE = 112


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


def alignment(
    options: ExtractOptions, box: Box, head: HeadFit, five_points: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """(2, 3) image to crop, as the options say.

    Args:
        options: of extract.
        box: of the face, px.
        head: the canonical head laid over it.
        five_points: (5, 2) px, of the mesh; None where there is none.
    """
    if options.align == "box":
        return align_box(box, options.size, options.margin)
    if options.align == "arcface" and five_points is not None:
        return align_arcface(five_points, options.size)
    if options.align == "arcface":
        return align_like_arcface(head, options.size)
    return align_eyes(head, options.size, options.margin)


def align_eyes(head: HeadFit, size: int, margin: float) -> NDArray[np.float64]:
    """(2, 3) image to crop: the head upright, its eyes at one height and at one scale.

    The scale and the middle are those of the fitted canonical head, not of two eye points, which
    coincide in a profile.
    """
    scale = size / (HEAD_SIDE * (1 + 2 * margin)) / head.scale
    middle = head.project(HEAD_CENTER)
    return similarity(scale, -head.pose.roll, middle, np.full(2, size / 2))


def align_box(box: Box, size: int, margin: float) -> NDArray[np.float64]:
    """(2, 3) image to crop: the detector's box made square, not turned."""
    return similarity(size / (box.side * (1 + 2 * margin)), 0.0, box.center, np.full(2, size / 2))


def align_arcface(five_points: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """(2, 3) image to crop: the least-squares similarity onto ArcFace's template, scaled to `size`.

    Args:
        five_points: (5, 2) px, in the order of the template.
        size: side of the crop, px; 112 is the template's own.
    """
    return fit_similarity(five_points, ARCFACE_TEMPLATE * (size / ARCFACE_SIDE))


def align_like_arcface(head: HeadFit, size: int) -> NDArray[np.float64]:
    """(2, 3) image to crop for a face that the mesh refuses: upright, scaled and placed as ArcFace's.

    The template is the canonical head seen from the front: its eyes 35.2 px apart (of 112), the
    middle between them at (55.9, 51.6).
    """
    template = ARCFACE_TEMPLATE * (size / ARCFACE_SIDE)
    eyes = template[1, 0] - template[0, 0]
    scale = eyes / (EYE_SPAN * head.scale)
    between_eyes = CANONICAL_KEYPOINTS[:2].mean(axis=0)
    drop = (template[:2].mean(axis=0) - size / 2)[1] / (eyes / EYE_SPAN)
    middle = head.project(np.array([0.0, between_eyes[1] - drop, HEAD_CENTER[2]]))
    return similarity(scale, -head.pose.roll, middle, np.full(2, size / 2))


def centre_crop(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The largest square in the middle of (h, w, 3) pixels as (size, size, 3)."""
    h, w = pixels.shape[:2]
    middle, target = np.array([w, h]) / 2, np.full(2, size / 2)
    return warp(pixels, similarity(size / min(h, w), 0.0, middle, target), size)


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


def sharpness(crop: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of the grey crop's middle half (Pech-Pacheco et al. 2000).

    The middle shows eyes to mouth. Further out lie the background and the edge of the photograph,
    whose step to black would count for as much as the whole face.

    Args:
        crop: (size, size, 3), RGB.
    """
    size = len(crop)
    middle = crop[size // 4 : size - size // 4, size // 4 : size - size // 4]
    laplacian = cv2.Laplacian(cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY), cv2.CV_16S)
    mean = cv2.mean(laplacian)[0]
    # twice as fast as cv2.meanStdDev
    return cv2.norm(laplacian, cv2.NORM_L2SQR) / laplacian.size - mean * mean
