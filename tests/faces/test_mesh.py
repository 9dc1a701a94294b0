"""The mesh: an answer for a face, none for what is no face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from faceprep.faces.decode import decode
from faceprep.faces.detect import BlazeFace, Box, Detection
from faceprep.faces.mesh import MeshFit, fit_mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from examples.sample_faces import SampleImage
    from tests.conftest import Sample


@pytest.fixture
def truth(sample: Sample) -> SampleImage:
    """The near-frontal image of the first person."""
    return sample.images[0]


@pytest.fixture
def pixels(sample: Sample, truth: SampleImage) -> NDArray[np.uint8]:
    return decode((sample.root / truth.key).read_bytes(), 10**8).pixels


@pytest.fixture
def face(pixels: NDArray[np.uint8]) -> Detection:
    [found] = BlazeFace(0.3).detect(pixels)
    return found


def fitted(pixels: NDArray[np.uint8], box: Box) -> MeshFit:
    fit = fit_mesh(pixels, box)
    assert fit is not None
    return fit


def test_the_pose_of_a_frontal_head_is_near_the_truth(
    pixels: NDArray[np.uint8], face: Detection, truth: SampleImage
) -> None:
    pose = fitted(pixels, face.box).pose
    assert abs(pose.yaw - truth.yaw) < 5
    assert abs(pose.pitch - truth.pitch) < 5
    assert abs(pose.roll - truth.roll) < 3


def test_the_five_points_lie_near_the_keypoints_that_show_the_same(
    pixels: NDArray[np.uint8], face: Detection
) -> None:
    left_eye, right_eye, nose, left_mouth, right_mouth = fitted(pixels, face.box).five_points
    found = np.array([left_eye, right_eye, nose, (left_mouth + right_mouth) / 2])
    apart = np.linalg.norm(found - face.keypoints[:4], axis=1)
    assert (apart < 0.12 * face.box.side).all()
    assert left_mouth[0] < right_mouth[0]


def test_the_points_move_with_the_image(pixels: NDArray[np.uint8], face: Detection) -> None:
    wider = cv2.copyMakeBorder(pixels, 70, 0, 40, 0, cv2.BORDER_REPLICATE)
    before = fitted(pixels, face.box)
    after = fitted(np.asarray(wider, np.uint8), face.moved(1.0, 40, 70).box)
    moved = after.five_points - before.five_points
    assert np.allclose(moved, [40, 70], atol=0.02 * face.box.side)
    assert abs(after.pose.yaw - before.pose.yaw) < 3


def test_there_is_no_mesh_where_there_is_no_face() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    assert fit_mesh(noise, Box(50, 50, 100, 100)) is None


def test_a_box_outside_the_image_has_no_mesh(pixels: NDArray[np.uint8]) -> None:
    assert fit_mesh(pixels, Box(-3000, -3000, 100, 100)) is None
