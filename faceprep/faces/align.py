"""Pixels and a face to an aligned crop.

Everything here is a similarity, so that faces are never sheared; points are as in `warp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from faceprep.faces.pose import CANONICAL_KEYPOINTS, EYE_SPAN
from faceprep.faces.warp import fit_similarity, similarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.faces.detect import Box
    from faceprep.faces.options import FaceOptions
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


def alignment(
    options: FaceOptions, box: Box, head: HeadFit, five_points: NDArray[np.float64] | None
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
