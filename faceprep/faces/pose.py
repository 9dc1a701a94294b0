"""Head pose: the authority on its definition, and the fast way to it from six keypoints.

**Frame.** Image axes: x to the right, y down, z away from the viewer. Degrees.

- yaw > 0 when the face turns toward the image's right,
- pitch > 0 when it looks up,
- roll > 0 when the head tilts clockwise in the image.

**Composition.** R = Rz(roll) · Rx(pitch) · Ry(yaw) takes head coordinates (the same axes, a head
that faces the viewer) to image coordinates. Roll comes last, so turning the picture changes roll
alone; `roll` is how far the head's vertical axis is tilted in the picture, and turning the picture
back by it makes that axis vertical. The one degenerate case is a pitch of ±90°; the order roll, yaw,
pitch, common elsewhere, degenerates at the profiles that these data sets are made of. The angle
between the line of sight and the facing direction is acos(cos yaw · cos pitch) in either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EYE_SPAN = 6.3
"""Centimetres between the pupils of the canonical head; the adult mean (Dodgson 2004, 63.4 mm)."""

CANONICAL_KEYPOINTS = np.array(
    [
        [-3.15, -2.31, -1.02],
        [3.15, -2.31, -1.02],
        [0.00, 1.00, -5.08],
        [0.00, 4.30, -3.29],
        [-6.57, -0.35, 5.21],
        [6.57, -0.35, 5.21],
    ]
)
"""(6, 3) float64, centimetres, head frame, origin at their mean: where BlazeFace's keypoints sit.

Calibrated against the face mesh by `examples/calibrate_pose.py`, which prints this table, on CFP
identities 001 to 400. Order: as `detect.Detection.keypoints`.
"""

PITCH_GAIN = 1.26
"""BlazeFace draws the keypoints of raised and lowered heads toward those of level ones. This is the
spread of the mesh's pitch over that of the keypoints', as `examples/calibrate_pose.py` finds it on the
same faces; for yaw and roll the two spreads agree within 3 %."""

_FROM_KEYPOINTS = np.linalg.pinv(CANONICAL_KEYPOINTS).T


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees, as this module defines them."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class HeadFit:
    """The canonical head laid over a face by scaled orthographic projection.

    Attributes:
        rotation: (3, 3) float64, head to image frame.
        scale: pixels per centimetre; unlike the eye distance it does not shrink as the head turns.
        origin: (2,) float64, where the canonical head's origin is in the image, px.
    """

    rotation: NDArray[np.float64]
    scale: float
    origin: NDArray[np.float64]

    @property
    def pose(self) -> Pose:
        """The rotation as angles, with the pitch that BlazeFace understates put right."""
        seen = pose_of(self.rotation)
        return Pose(seen.yaw, max(-90.0, min(90.0, PITCH_GAIN * seen.pitch)), seen.roll)

    def project(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 3) in centimetres of the head frame to (..., 2) in pixels."""
        return self.scale * point @ self.rotation[:2].T + self.origin


def fit_head(keypoints: NDArray[np.float64]) -> HeadFit:
    """Lay the canonical head over six keypoints, (6, 2) in pixels.

    The least-squares affine map A from head to image, (2, 3), is one product with a constant matrix.
    The nearest scaled rotation has the rows of its polar factor, (A Aᵀ)^-½ A, whose 2 x 2 square root
    has a closed form (scaled orthographic pose: DeMenthon & Davis 1995; polar factor: Horn et al. 1988).
    """
    origin = keypoints.mean(axis=0)
    affine = (keypoints - origin).T @ _FROM_KEYPOINTS
    (xx, xy), (_, yy) = (affine @ affine.T).tolist()
    root = math.sqrt(max(xx * yy - xy * xy, 1e-12))  # never 0: keypoints may lie on a line
    stretch = math.sqrt(xx + yy + 2 * root)  # the sum of the two singular values
    inverse = np.array([[yy + root, -xy], [-xy, xx + root]]) / (stretch * root)
    right, down = (inverse @ affine).tolist()
    return HeadFit(np.array([right, down, _cross(right, down)]), stretch / 2, origin)


def _cross(a: list[float], b: list[float]) -> list[float]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def rotation_matrix(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """(3, 3) head-to-image rotation for angles in degrees."""
    (sy, sp, sr), (cy, cp, cr) = (f(np.radians([yaw, pitch, roll])) for f in (np.sin, np.cos))
    turn = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(tilt @ nod @ turn)


def pose_of(rotation: NDArray[np.float64]) -> Pose:
    """The angles of a (3, 3) head-to-image rotation; the inverse of `rotation_matrix`."""
    yaw = math.atan2(rotation[2, 0], rotation[2, 2])
    pitch = math.asin(min(1.0, max(-1.0, -rotation[2, 1])))
    roll = math.atan2(-rotation[0, 1], rotation[1, 1])
    return Pose(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def frontality(pose: Pose) -> float:
    """100 · cos²(yaw) · cos²(pitch), 0 beyond 90°: 100 is a face that looks at the viewer.

    After the per-axis cos² head-pose measures of ISO/IEC 29794-5 as OFIQ implements them. Roll does
    not count: alignment removes it.
    """
    if abs(pose.yaw) >= 90 or abs(pose.pitch) >= 90:
        return 0.0
    cosine = math.cos(math.radians(pose.yaw)) * math.cos(math.radians(pose.pitch))
    return 100 * cosine**2


def facing_angle(yaw: NDArray[np.float64], pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) degrees between the facing direction and the line of sight, 0 to 180.

    Args:
        yaw: (n,) degrees, as this module defines it; NaN without a pose.
        pitch: likewise. Roll does not count: alignment removes it.
    """
    cosine = np.cos(np.radians(yaw)) * np.cos(np.radians(pitch))
    return np.asarray(np.degrees(np.arccos(cosine)))
