"""Alignment: crops in which the head is where it should be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from faceprep.faces.align import (
    ARCFACE_TEMPLATE,
    align_arcface,
    align_box,
    align_eyes,
    align_like_arcface,
    sharpness,
)
from faceprep.faces.detect import Box
from faceprep.faces.pose import CANONICAL_KEYPOINTS, HeadFit, rotation_matrix
from faceprep.faces.warp import similarity

Floats = NDArray[np.float64]

turns = st.floats(-180, 180)
points = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)).map(np.array)
IDENTITY = np.eye(2, 3)


def apply(matrix: Floats, points: Floats) -> Floats:
    return points @ matrix[:, :2].T + matrix[:, 2]


def head(
    scale: float, origin: Floats, yaw: float = 0, pitch: float = 0, roll: float = 0
) -> HeadFit:
    return HeadFit(rotation_matrix(yaw, pitch, roll), scale, origin)


@given(st.floats(0.5, 100), points, turns, st.floats(-40, 40), st.floats(0, 1))
def test_eyes_are_level_and_at_one_place_whatever_the_scale_shift_and_roll(
    scale: float, origin: Floats, roll: float, pitch: float, margin: float
) -> None:
    face = head(scale, origin, pitch=pitch, roll=roll)
    eyes = apply(align_eyes(face, 160, margin), face.project(CANONICAL_KEYPOINTS[:2]))
    reference = head(1.0, np.zeros(2), pitch=pitch)
    expected = apply(align_eyes(reference, 160, margin), reference.project(CANONICAL_KEYPOINTS[:2]))
    assert np.allclose(eyes, expected, atol=1e-3)
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-3)
    assert eyes.mean(axis=0)[0] == pytest.approx(80, abs=1e-3)


@pytest.mark.parametrize("yaw", [-90, -45, 0, 45, 90])
def test_a_turned_head_keeps_its_size_and_place_in_the_crop(yaw: float) -> None:
    face = head(3.0, np.array([200.0, 100.0]), yaw=yaw)
    matrix = align_eyes(face, 160, 0.1)
    crown_and_chin = apply(matrix, face.project(np.array([[0.0, -8.0, 0.0], [0.0, 8.0, 0.0]])))
    assert crown_and_chin[:, 0] == pytest.approx([80, 80])
    assert np.ptp(crown_and_chin[:, 1]) == pytest.approx(16 * 160 / (17 * 1.2))


def test_a_margin_adds_its_share_of_context_on_each_side() -> None:
    face = head(3.0, np.array([200.0, 100.0]))
    scales = [float(align_eyes(face, 160, margin)[0, 0]) for margin in (0.0, 0.5)]
    assert scales[0] == pytest.approx(2 * scales[1])


def test_a_box_fills_the_crop_and_is_not_turned() -> None:
    matrix = align_box(Box(10, 20, 40, 80), 160, 0.0)
    corners = np.array([[-10.0, 20.0], [70.0, 100.0], [30.0, 60.0]])
    assert np.allclose(apply(matrix, corners), [[0, 0], [160, 160], [80, 80]])


def test_the_template_itself_needs_no_alignment() -> None:
    assert np.allclose(align_arcface(ARCFACE_TEMPLATE, 112), IDENTITY, atol=1e-9)


@given(st.floats(0.1, 20), turns, points, st.sampled_from([112, 160, 224]))
def test_five_points_that_form_the_template_are_brought_onto_it(
    scale: float, turn: float, target: Floats, size: int
) -> None:
    five = apply(similarity(scale, turn, np.zeros(2), target), ARCFACE_TEMPLATE)
    aligned = apply(align_arcface(five, size), five)
    assert np.allclose(aligned, ARCFACE_TEMPLATE * size / 112, atol=1e-5)


@given(st.floats(0.5, 100), points, turns)
def test_without_five_points_the_eyes_come_where_arcface_has_them(
    scale: float, origin: Floats, roll: float
) -> None:
    face = head(scale, origin, roll=roll)
    eyes = apply(align_like_arcface(face, 112), face.project(CANONICAL_KEYPOINTS[:2]))
    assert np.allclose(eyes, ARCFACE_TEMPLATE[:2], atol=0.2)


def test_blur_takes_sharpness_away() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    series = [noise, *(np.asarray(cv2.GaussianBlur(noise, (0, 0), s), np.uint8) for s in (1, 2, 4))]
    values = [sharpness(crop) for crop in series]
    assert values == sorted(values, reverse=True)
    assert values[0] > 10 * values[2]


def test_an_even_crop_has_no_sharpness() -> None:
    assert sharpness(np.full((80, 80, 3), 90, np.uint8)) == 0.0


def test_what_lies_around_the_face_does_not_count_as_sharpness() -> None:
    face = np.full((80, 80, 3), 90, np.uint8)
    face[30:50, 30:50] = 140
    framed = face.copy()
    framed[:, :10] = framed[70:] = 255
    assert sharpness(framed) == sharpness(face) > 0
