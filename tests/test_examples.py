"""The examples run, and the numbers that one of them calibrates are those in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from examples import calibrate_pose, custom_detector, sample_faces
from faceprep.faces.pose import CANONICAL_KEYPOINTS, EYE_SPAN, rotation_matrix

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample


def test_the_sample_is_the_same_every_time(sample: Sample, tmp_path: Path) -> None:
    rows = sample_faces.make_sample(tmp_path, identities=2, images=2)
    for row in rows:
        assert (tmp_path / "raw" / row.key).read_bytes() == (sample.root / row.key).read_bytes()
        assert row in sample.images


def test_the_sample_covers_the_poses(tmp_path: Path) -> None:
    rows = [
        sample_faces.choose_pose(i, k, np.random.default_rng([i, k]))
        for i in range(8)
        for k in range(12)
    ]
    yaws, pitches = [row.yaw for row in rows], [row.pitch for row in rows]
    assert min(yaws) <= -59
    assert max(yaws) >= 59
    assert min(pitches) <= -28
    assert max(pitches) >= 28
    assert all(abs(row.yaw) <= 3 and abs(row.pitch) <= 3 for row in rows[::12])


def test_the_sample_command_writes_images_and_poses(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        sample_faces.main, [str(tmp_path), "--identities", "1", "--images", "2"]
    )
    assert run.exit_code == 0, run.output
    lines = (tmp_path / "poses.csv").read_text().splitlines()
    assert lines[0] == "key,identity,yaw,pitch,roll"
    assert [line.split(",")[0] for line in lines[1:]] == ["person_00/00.jpg", "person_00/01.jpg"]


def test_calibration_prints_a_table_for_pose(sample: Sample) -> None:
    run = CliRunner().invoke(calibrate_pose.main, [str(sample.root)])
    assert run.exit_code == 0, run.output
    assert run.output.count("        [") == len(CANONICAL_KEYPOINTS)


def test_the_canonical_keypoints_are_a_symmetric_head_about_its_mean() -> None:
    assert np.abs(CANONICAL_KEYPOINTS.mean(axis=0)).max() < 0.011
    mirrored = CANONICAL_KEYPOINTS[calibrate_pose.MIRRORED] * (-1, 1, 1)
    assert np.array_equal(mirrored, CANONICAL_KEYPOINTS)
    assert CANONICAL_KEYPOINTS[1, 0] - CANONICAL_KEYPOINTS[0, 0] == pytest.approx(EYE_SPAN)


def test_calibrating_on_photographs_gives_the_points_in_use(cfp: Path, tmp_path: Path) -> None:
    for number in range(1, 400, 20):
        identity = f"{number:03d}"
        (tmp_path / identity).symlink_to(cfp / "Data" / "Images" / identity)
    points = calibrate_pose.calibrate(calibrate_pose.observe(str(tmp_path)))
    assert np.abs(points - CANONICAL_KEYPOINTS).max() < 0.5


@pytest.mark.parametrize("turn", [(0, 0, 0), (40, 10, 5), (-70, -20, 15)])
def test_the_ears_are_found_to_five_points(turn: tuple[float, float, float]) -> None:
    projected = CANONICAL_KEYPOINTS @ rotation_matrix(*turn)[:2].T * 20 + (300, 200)
    left_corner, right_corner = projected[3] - (5, 0), projected[3] + (5, 0)
    five = np.vstack([projected[:3], left_corner, right_corner])
    assert custom_detector.six_keypoints(five) == pytest.approx(projected)
