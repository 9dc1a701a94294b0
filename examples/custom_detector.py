"""A detector of one's own, in one file: a cascade of scikit-image, and keypoints from the face mesh.

    PYTHONPATH=. faceprep extract photos --detector custom_detector:Cascade --out faces-cascade

`--detector module:Class` names a class that is made with `--min-score` and has a method `detect`: pixels
in, a list of `Detection`s out, as `faceprep.faces.detect.Detector` says. Each worker process makes one,
from its own import of the module. Everything else (limits, time, tiles for small faces, pose, crops, the
table) is faceprep's.

A `Detection` wants six keypoints, for pose and crops come from them. Most detectors give five (eyes, nose
tip, corners of the mouth): `six_keypoints` makes six of these, and is all that MTCNN, RetinaFace, SCRFD or
YuNet need besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from skimage.data import lbp_frontal_face_cascade_filename
from skimage.feature import Cascade as Windows

from faceprep.faces.detect import Box, Detection
from faceprep.faces.mesh import fit_mesh
from faceprep.faces.pose import CANONICAL_KEYPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SMALLEST = 24  # px: the window of the cascade
FINEST = 8  # of the smallest windows that are tried, so many fit side by side into the image


class Cascade:
    """Frontal faces by local binary patterns (Viola & Jones 2001, Liao et al. 2007).

    Args:
        min_score: not used, for a cascade says yes or no: every score is 1.
    """

    def __init__(self, min_score: float) -> None:  # noqa: ARG002 - see above
        cascade = lbp_frontal_face_cascade_filename()  # type: ignore[no-untyped-call]
        self._windows = Windows(cascade)

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """All faces in (h, w, 3) uint8 RGB that the mesh takes for faces too, in its pixels."""
        edge = max(pixels.shape[:2]) // 4  # px, so that a face may fill the picture
        padded = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), "edge")
        side = min(padded.shape[:2])
        if side < SMALLEST:
            return []
        least = max(SMALLEST, side // FINEST)
        found = self._windows.detect_multi_scale(
            padded, 1.1, 1.0, (least, least), (side, side), min_neighbor_number=2
        )
        return [each.moved(1.0, -edge, -edge) for each in _confirmed(padded, found)]


def _confirmed(pixels: NDArray[np.uint8], found: list[dict[str, Any]]) -> Iterator[Detection]:
    """Windows around a nose of their own: a face gives several, and a pattern on a wall gives one too."""
    noses: list[NDArray[np.float64]] = []
    for window in sorted(found, key=lambda each: -each["width"]):
        box = Box(window["c"], window["r"], window["width"], window["height"])
        mesh = fit_mesh(pixels, box)
        if mesh and _holds(box, mesh.five_points[2]) and not any(_holds(box, n) for n in noses):
            noses.append(mesh.five_points[2])
            yield Detection(1.0, box, six_keypoints(mesh.five_points))


def _holds(box: Box, point: NDArray[np.float64]) -> bool:
    return bool(np.abs(point - box.center).max() < box.side / 2)


def six_keypoints(five: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add the ears to what most detectors give.

    The canonical head of `faceprep.faces.pose` is laid over eyes, nose and mouth by scaled orthographic
    projection; its ears, hidden or not, are then known.

    Args:
        five: (5, 2) x and y in pixels: eye at the image's left, eye at its right, nose tip, corner of the
            mouth at the left, at the right.

    Returns:
        (6, 2) in the order of `Detection.keypoints`.
    """
    seen = np.vstack([five[:3], five[3:].mean(axis=0)])  # (4, 2): eyes, nose tip, mouth
    known, ears = CANONICAL_KEYPOINTS[:4], CANONICAL_KEYPOINTS[4:]
    middle, origin = seen.mean(axis=0), known.mean(axis=0)
    affine = np.linalg.lstsq(known - origin, seen - middle, rcond=None)[0]  # (3, 2)
    left, stretches, right = np.linalg.svd(affine, full_matrices=False)
    projected = (ears - origin) @ (left @ right) * stretches.mean() + middle
    return np.vstack([seen, projected])
