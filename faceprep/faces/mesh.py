"""The face mesh: a second, dearer opinion on pose, and landmarks that five-point alignment needs.

It refuses a fifth to a third of the profiles, so it never decides whether there is a face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep.faces import runtime
from faceprep.faces.pose import Pose, pose_of
from faceprep.faces.warp import similarity, warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.faces.detect import Box

_CONTEXT = 2.0
"""Side of the searched square, in sides of the face box."""

_SEARCH_SIDE = 256
"""The landmark network's own input; BlazeFace inside the bundle needs no more either."""

_FLIP = np.diag([1.0, -1.0, -1.0])
"""MediaPipe's frame (y up, z toward the viewer) to ours and back."""

_FIVE_POINTS = ((33, 133), (362, 263), (1,), (61,), (291,))
"""Mesh vertices whose mean is: eye at the left, eye at the right, nose tip, mouth corners."""


@dataclass(frozen=True, slots=True)
class MeshFit:
    """What the mesh says of one face.

    Attributes:
        pose: degrees, as `pose` defines them.
        five_points: (5, 2) float64, px: eye at the image's left, eye at its right, nose tip, mouth
            corner at the left, mouth corner at the right.
    """

    pose: Pose
    five_points: NDArray[np.float64]


def fit_mesh(pixels: NDArray[np.uint8], box: Box) -> MeshFit | None:
    """Fit the mesh to the face in `box`; None where the mesh finds no face.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        box: the face, in its pixels.
    """
    scale = _SEARCH_SIDE / (_CONTEXT * box.side)
    to_search = similarity(scale, 0.0, box.center, np.full(2, _SEARCH_SIDE / 2))
    search = warp(pixels, to_search, _SEARCH_SIDE)
    result = runtime.landmarker().detect(runtime.mediapipe_image(search))
    if not result.face_landmarks:
        return None
    vertices = np.array([(v.x, v.y) for v in result.face_landmarks[0]]) * _SEARCH_SIDE
    points = np.array([vertices[list(group)].mean(axis=0) for group in _FIVE_POINTS])
    rotation = _FLIP @ np.asarray(result.facial_transformation_matrixes[0])[:3, :3] @ _FLIP
    return MeshFit(pose_of(rotation), (points - to_search[:, 2]) / scale)
