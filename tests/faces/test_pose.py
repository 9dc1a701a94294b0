"""Pose: the definition, the fit to keypoints, and how near both sources come to the truth."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.sample_faces import SampleImage, make_sample
from faceprep.faces.decode import decode
from faceprep.faces.detect import FACE_RULES, BlazeFace, find_faces, look_closer
from faceprep.faces.mesh import fit_mesh
from faceprep.faces.pose import (
    CANONICAL_KEYPOINTS,
    EYE_SPAN,
    PITCH_GAIN,
    HeadFit,
    Pose,
    fit_head,
    frontality,
    pose_of,
    rotation_matrix,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NO_POSE = np.full(3, np.nan)
MIRRORED = [1, 0, 2, 3, 5, 4]  # the keypoints as a mirror names them

angles = st.tuples(st.floats(-179, 179), st.floats(-85, 85), st.floats(-179, 179))
turned_faces = st.tuples(st.floats(-80, 80), st.floats(-60, 60), st.floats(-90, 90))
scales = st.floats(0.05, 200)
shifts = st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000))


def project(
    pose: tuple[float, float, float], scale: float = 10, shift: tuple[float, float] = (0, 0)
) -> NDArray[np.float64]:
    """The canonical keypoints, (6, 2) px, of a head in a pose (yaw, pitch, roll)."""
    return scale * CANONICAL_KEYPOINTS @ rotation_matrix(*pose)[:2].T + shift


def as_array(pose: Pose) -> NDArray[np.float64]:
    return np.array(astuple(pose))


def turn_between(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.abs((a - b + 180) % 360 - 180).max())


@given(angles)
def test_a_rotation_matrix_is_a_proper_rotation(pose: tuple[float, float, float]) -> None:
    rotation = rotation_matrix(*pose)
    assert np.allclose(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1)


@given(angles)
def test_angles_survive_the_way_to_a_matrix_and_back(pose: tuple[float, float, float]) -> None:
    assert turn_between(as_array(pose_of(rotation_matrix(*pose))), np.array(pose)) < 1e-6


FACING, CROWN = np.array([0.0, 0.0, -1.0]), np.array([0.0, -1.0, 0.0])


@pytest.mark.parametrize(
    ("pose", "direction", "seen_at"),
    [
        ((30, 0, 0), FACING, (0.5, 0.0)),  # yaw > 0: toward the image's right
        ((0, 30, 0), FACING, (0.0, -0.5)),  # pitch > 0: looks up
        ((0, 0, 30), FACING, (0.0, 0.0)),
        ((0, 0, 30), CROWN, (0.5, -(0.75**0.5))),  # roll > 0: tilts clockwise
        ((50, 20, 0), CROWN, (0.0, -np.cos(np.radians(20)))),  # roll is what tilts the axis, alone
    ],
)
def test_the_signs_are_those_of_the_definition(
    pose: tuple[float, float, float],
    direction: NDArray[np.float64],
    seen_at: tuple[float, float],
) -> None:
    assert rotation_matrix(*pose)[:2] @ direction == pytest.approx(np.array(seen_at))


@pytest.mark.parametrize("pitch", [-90.0, 90.0])
def test_looking_straight_up_or_down_still_has_angles(pitch: float) -> None:
    rotation = rotation_matrix(20, pitch, 0)
    angles_found = pose_of(rotation)
    assert angles_found.pitch == pytest.approx(pitch)
    assert np.allclose(rotation_matrix(*astuple(angles_found)), rotation, atol=1e-6)


@given(turned_faces, scales, shifts)
def test_a_projected_head_is_recovered(
    pose: tuple[float, float, float], scale: float, shift: tuple[float, float]
) -> None:
    head = fit_head(project(pose, scale, shift))
    assert turn_between(as_array(pose_of(head.rotation)), np.array(pose)) < 1e-3
    assert head.scale == pytest.approx(scale, rel=1e-4)
    rounding = 0.01 * scale  # the canonical points are rounded, and so is their mean
    assert np.allclose(head.origin, shift, atol=rounding)
    assert np.allclose(
        head.project(CANONICAL_KEYPOINTS), project(pose, scale, shift), atol=rounding
    )


noise = st.lists(st.floats(-3, 3), min_size=12, max_size=12)


@given(turned_faces, noise, st.floats(-180, 180))
def test_turning_the_picture_changes_roll_alone(
    pose: tuple[float, float, float], noise: list[float], turn: float
) -> None:
    keypoints = project(pose) + np.reshape(noise, (6, 2))
    before = as_array(fit_head(keypoints).pose)
    after = as_array(fit_head(keypoints @ rotation_matrix(0, 0, turn)[:2, :2].T).pose)
    assert turn_between(after, before + np.array([0, 0, turn])) < 1e-3


@given(turned_faces, noise)
def test_mirroring_negates_yaw_and_roll(
    pose: tuple[float, float, float], noise: list[float]
) -> None:
    keypoints = project(pose) + np.reshape(noise, (6, 2))
    mirrored = (keypoints * (-1, 1))[MIRRORED]
    expected = as_array(fit_head(keypoints).pose) * (-1, 1, -1)
    assert turn_between(as_array(fit_head(mirrored).pose), expected) < 1e-3


@given(st.lists(st.floats(-1000, 1000), min_size=12, max_size=12))
def test_any_keypoints_have_a_rotation(values: list[float]) -> None:
    rotation = fit_head(np.reshape(values, (6, 2))).rotation
    assert np.isfinite(rotation).all()
    assert (np.linalg.norm(rotation, axis=1) < 1 + 1e-6).all()


def test_keypoints_on_a_line_still_have_a_pose() -> None:
    line = np.outer(np.arange(6.0), (1.0, 2.0))
    assert np.isfinite(as_array(fit_head(line).pose)).all()


def test_the_canonical_head_is_symmetrical_and_centred() -> None:
    assert np.allclose(CANONICAL_KEYPOINTS[MIRRORED] * (-1, 1, 1), CANONICAL_KEYPOINTS)
    assert np.allclose(CANONICAL_KEYPOINTS.mean(axis=0), 0, atol=0.01)
    assert CANONICAL_KEYPOINTS[1, 0] - CANONICAL_KEYPOINTS[0, 0] == pytest.approx(EYE_SPAN)


def test_a_point_of_the_head_is_projected_where_it_is() -> None:
    head = HeadFit(rotation_matrix(90, 0, 0), 10.0, np.array([100.0, 50.0]))
    assert head.project(np.array([0.0, 2.0, -3.0])) == pytest.approx(np.array([130.0, 70.0]))


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        (Pose(0, 0, 0), 100),
        (Pose(0, 0, 179), 100),  # roll does not count
        (Pose(45, 0, 0), 50),
        (Pose(0, -45, 0), 50),
        (Pose(-30, 30, 10), 56.25),
        (Pose(60, -40, -20), 14.67),  # the signed sum is 0: not frontal for all that
        (Pose(90, 0, 0), 0),
        (Pose(-120, 0, 0), 0),  # cos² would grow again
        (Pose(180, 0, 0), 0),
        (Pose(0, 90, 0), 0),
        (Pose(0, -135, 0), 0),
    ],
)
def test_frontality(pose: Pose, expected: float) -> None:
    assert frontality(pose) == pytest.approx(expected, abs=0.01)


@given(turned_faces)
def test_frontality_follows_the_angle_between_gaze_and_camera(
    pose: tuple[float, float, float],
) -> None:
    toward_camera = -(rotation_matrix(*pose) @ FACING)[2]
    assert frontality(Pose(*pose)) == pytest.approx(100 * toward_camera**2)


class Measured(NamedTuple):
    """Yaw, pitch and roll, (3,) each, of one photograph; not a number where there is none."""

    keypoints: NDArray[np.float64]
    mesh: NDArray[np.float64]


def measure(photograph: Path) -> Measured:
    image = decode(photograph.read_bytes(), 10**8)
    found = find_faces(BlazeFace(0.3), image.pixels)
    if not found:
        return Measured(NO_POSE, NO_POSE)
    [face] = FACE_RULES["subject"](found, image.width / 2, image.height / 2)
    face = look_closer(BlazeFace(0.3), image.pixels, face)
    mesh = fit_mesh(image.pixels, face.box)
    head = fit_head(face.keypoints)
    return Measured(as_array(head.pose), as_array(mesh.pose) if mesh else NO_POSE)


class Rendered(NamedTuple):
    """(n, 3) each, degrees; one row per image within |yaw| <= 45 and |pitch| <= 25."""

    true: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    mesh: NDArray[np.float64]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    out = tmp_path_factory.mktemp("poses")
    images = [image for image in make_sample(out, identities=8, images=12) if moderate(image)]
    measured = [measure(out / "raw" / image.key) for image in images]
    true = [(image.yaw, image.pitch, image.roll) for image in images]
    return Rendered(np.array(true), *(np.array(column) for column in zip(*measured, strict=True)))


def moderate(image: SampleImage) -> bool:
    return abs(image.yaw) <= 45 and abs(image.pitch) <= 25


@pytest.mark.parametrize(("source", "degrees"), [("keypoints", 5.0), ("mesh", 4.0)])
def test_the_pose_of_rendered_heads_is_near_the_truth(
    rendered: Rendered, source: str, degrees: float
) -> None:
    errors = np.abs(getattr(rendered, source) - rendered.true).mean(axis=0)
    assert (errors <= degrees).all(), dict(zip(("yaw", "pitch", "roll"), errors, strict=True))


@pytest.mark.parametrize("source", ["keypoints", "mesh"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_measured_angles_grow_with_the_true_ones(
    rendered: Rendered, source: str, axis: int
) -> None:
    measured = getattr(rendered, source)[:, axis]
    assert np.corrcoef(measured, rendered.true[:, axis])[0, 1] > 0.8


@pytest.fixture(scope="session")
def photographs(cfp: Path) -> dict[str, list[Measured]]:
    """Every eighth identity of CFP, by view."""
    folders = [cfp / "Data" / "Images" / f"{k:03d}" for k in range(1, 401, 8)]
    views = ("frontal", "profile")
    return {v: [measure(p) for f in folders for p in sorted((f / v).iterdir())] for v in views}


def test_yaw_from_keypoints_tells_profiles_from_frontal_faces(
    photographs: dict[str, list[Measured]],
) -> None:
    frontal, profile = (
        np.abs([m.keypoints[0] for m in photographs[view]]) for view in ("frontal", "profile")
    )
    area_under_roc = (frontal[:, None] < profile).mean()
    assert area_under_roc >= 0.9995


@pytest.mark.parametrize(
    ("view", "limits"), [("frontal", (2.5, 4.0, 2.5)), ("profile", (8.0, 8.0, 8.0))]
)
def test_keypoints_and_mesh_agree(
    photographs: dict[str, list[Measured]], view: str, limits: tuple[float, float, float]
) -> None:
    differences = np.abs([m.keypoints - m.mesh for m in photographs[view]])
    answered = ~np.isnan(differences).any(axis=1)
    assert answered.mean() > 0.5
    assert (differences[answered].mean(axis=0) <= limits).all()


def test_the_pitch_that_blazeface_understates_is_put_right() -> None:
    head = fit_head(project((0.0, 10.0, 0.0), 1.0, (0.0, 0.0)))
    assert head.pose.pitch == pytest.approx(PITCH_GAIN * 10, abs=0.01)
    assert (head.pose.yaw, head.pose.roll) == pytest.approx((0, 0), abs=1e-9)
