"""Calibrate the canonical keypoints of `faceprep.faces.pose` against the face mesh.

    python examples/calibrate_pose.py path/to/cfp

Every face that BlazeFace finds and the mesh answers for gives six keypoints in the image and, from
the mesh, the head's rotation. Which six points of a rigid head, seen by scaled orthographic
projection, explain them best? With the rotations known that is linear in the points, and with the
points known the scale of each face has a closed form: the two are solved in turn. The script prints
the table that stands in `pose.py`, and how far the two tiers are apart with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import numpy as np
from numpy.typing import NDArray

from faceprep import storage
from faceprep.errors import ImageError
from faceprep.extract.catalog import read_catalog
from faceprep.faces.decode import decode
from faceprep.faces.detect import FACE_RULES, BlazeFace, look_closer
from faceprep.faces.mesh import fit_mesh
from faceprep.faces.pose import CANONICAL_KEYPOINTS, EYE_SPAN, fit_head, pose_of, rotation_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = NDArray[np.float64]

MIN_SCORE = 0.3
ITERATIONS = 50
FRONTAL = 30.0  # degrees of yaw by the mesh: the two groups that differences are printed for
MIRRORED = [1, 0, 2, 3, 5, 4]  # left and right keypoints exchanged


@dataclass(frozen=True)
class Observations:
    """One row per face: keypoints (n, 6, 2) px, and the mesh's rotations (n, 3, 3)."""

    keypoints: Floats
    rotations: Floats


def observe(source: str) -> Observations:
    """Detect and mesh every image of a data set, in this process."""
    pairs = list(_faces(source))
    return Observations(np.array([k for k, _ in pairs]), np.array([r for _, r in pairs]))


def _faces(source: str) -> Iterator[tuple[Floats, Floats]]:
    catalog, detector = read_catalog(source, "auto"), BlazeFace(MIN_SCORE)
    for key in catalog.images["key"].to_pylist():
        try:
            image = decode(storage.read_bytes(storage.join(catalog.root, key)), 10**8)
        except ImageError:
            continue
        if not (found := detector.detect(image.pixels)):
            continue
        subject = FACE_RULES["subject"](found, image.width / 2, image.height / 2)[0]
        subject = look_closer(detector, image.pixels, subject)
        if mesh := fit_mesh(image.pixels, subject.box):
            pose = mesh.pose
            yield subject.keypoints, rotation_matrix(pose.yaw, pose.pitch, pose.roll)


def calibrate(seen: Observations) -> Floats:
    """The six points, (6, 3) in centimetres of the head frame, origin at their mean, symmetric."""
    offsets = seen.keypoints - seen.keypoints.mean(axis=1, keepdims=True)
    projections = seen.rotations[:, :2]
    normal = np.einsum("nde,ndf->ef", projections, projections)
    points: Floats = CANONICAL_KEYPOINTS.copy()
    for _ in range(ITERATIONS):
        seen_points = np.einsum("nde,ke->nkd", projections, points)
        scales = (seen_points * offsets).sum((1, 2)) / (seen_points**2).sum((1, 2))
        right = np.einsum("nde,nkd->ke", projections, offsets / scales[:, None, None])
        points = np.linalg.solve(normal, right.T).T
        points = (points + points[MIRRORED] * (-1, 1, 1)) / 2
        points = (points - points.mean(axis=0)) * EYE_SPAN / (points[1, 0] - points[0, 0])
    return points


def pitch_gain(seen: Observations) -> float:
    """Spread of the mesh's pitch over that of the keypoints', as standard deviations."""
    fitted = [pose_of(fit_head(keypoints).rotation).pitch for keypoints in seen.keypoints]
    meshed = [pose_of(rotation).pitch for rotation in seen.rotations]
    return float(np.std(meshed) / np.std(fitted))


def differences(seen: Observations) -> Floats:
    """Mean absolute differences, keypoints to mesh, with the points in use: (2, 3) degrees.

    Rows: faces within `FRONTAL` degrees of yaw, and beyond. Columns: yaw, pitch, roll.
    """
    fitted = (fit_head(keypoints).pose for keypoints in seen.keypoints)
    meshed = [pose_of(rotation) for rotation in seen.rotations]
    apart = np.array(
        [
            (a.yaw - b.yaw, a.pitch - b.pitch, a.roll - b.roll)
            for a, b in zip(fitted, meshed, strict=True)
        ]
    )
    apart = np.abs((apart + 180) % 360 - 180)
    frontal = np.array([abs(pose.yaw) <= FRONTAL for pose in meshed])
    return np.array([apart[frontal].mean(axis=0), apart[~frontal].mean(axis=0)])


@click.command()
@click.argument("source")
def main(source: str) -> None:
    """Print the canonical keypoints that the faces in SOURCE call for."""
    seen = observe(source)
    click.echo(f"{len(seen.keypoints)} faces with keypoints and mesh; centimetres, head frame:")
    for x, y, z in calibrate(seen):
        click.echo(f"        [{x:.2f}, {y:.2f}, {z:.2f}],")
    click.echo(f"gain of pitch with the points in use: {pitch_gain(seen):.2f}")
    click.echo("mean absolute difference to the mesh with the points in use (yaw, pitch, roll):")
    for name, (yaw, pitch, roll) in zip(("frontal", "profile"), differences(seen), strict=True):
        click.echo(f"  {name}  {yaw:.2f}  {pitch:.2f}  {roll:.2f} degrees")


if __name__ == "__main__":
    main()
