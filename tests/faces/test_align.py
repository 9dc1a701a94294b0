"""Alignment: similarities that land where they should, and crops that do not alias."""

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
    fit_similarity,
    sharpness,
    similarity,
    warp,
)
from faceprep.faces.detect import Box
from faceprep.faces.pose import CANONICAL_KEYPOINTS, HeadFit, rotation_matrix

Floats = NDArray[np.float64]

scales = st.floats(0.01, 100)
turns = st.floats(-180, 180)
points = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)).map(np.array)
IDENTITY = np.eye(2, 3)


def apply(matrix: Floats, points: Floats) -> Floats:
    return points @ matrix[:, :2].T + matrix[:, 2]


def texture(side: int) -> NDArray[np.uint8]:
    """Smooth (side, side, 3): a few waves in each direction, each channel another."""
    x, y = np.meshgrid(*[np.linspace(0, 1, side, endpoint=False) + 0.5 / side] * 2)
    waves = [np.sin(9 * x + 5 * y), np.cos(7 * y), np.sin(6 * x - 8 * y)]
    return np.asarray(127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)


def head(
    scale: float, origin: Floats, yaw: float = 0, pitch: float = 0, roll: float = 0
) -> HeadFit:
    return HeadFit(rotation_matrix(yaw, pitch, roll), scale, origin)


def mean_difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(np.abs(a.astype(int) - b).mean())


@given(scales, turns, points, points)
def test_a_similarity_takes_source_to_target_and_does_what_it_says(
    scale: float, turn: float, source: Floats, target: Floats
) -> None:
    matrix = similarity(scale, turn, source, target)
    along = apply(matrix, source + np.array([1.0, 0.0])) - target
    angle = np.radians(turn)
    assert np.allclose(apply(matrix, source), target, atol=1e-5)
    assert np.allclose(along, scale * np.array([np.cos(angle), np.sin(angle)]), atol=1e-5)
    assert np.linalg.det(matrix[:, :2]) == pytest.approx(scale**2)


@given(scales, turns, points)
def test_fitting_recovers_a_known_similarity(scale: float, turn: float, target: Floats) -> None:
    known = similarity(scale, turn, np.array([50.0, 60.0]), target)
    fitted = fit_similarity(ARCFACE_TEMPLATE, apply(known, ARCFACE_TEMPLATE))
    assert np.allclose(fitted, known, atol=1e-6 * (1 + np.abs(known).max()))


def test_fitting_is_least_squares_and_never_mirrors() -> None:
    mirrored = ARCFACE_TEMPLATE * (-1, 1)
    fitted = fit_similarity(ARCFACE_TEMPLATE, mirrored)
    assert np.linalg.det(fitted[:, :2]) > 0
    best = np.square(apply(fitted, ARCFACE_TEMPLATE) - mirrored).sum()
    for nudge in 1e-3 * np.array([[[1, 0, 0], [0, 1, 0]], [[0, -1, 0], [1, 0, 0]]]):
        for nudged in (fitted + nudge, fitted - nudge):
            assert np.square(apply(nudged, ARCFACE_TEMPLATE) - mirrored).sum() > best


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


def test_the_identity_gives_the_pixels_themselves() -> None:
    assert (warp(texture(64), IDENTITY, 64) == texture(64)).all()


def test_a_shift_moves_whole_pixels_and_leaves_black() -> None:
    shifted = warp(texture(64), similarity(1, 0, np.zeros(2), np.array([5.0, -3.0])), 64)
    assert (shifted[:61, 5:] == texture(64)[3:, :59]).all()
    assert not shifted[61:].any()
    assert not shifted[:, :5].any()


def test_a_quarter_turn_about_the_middle_is_that_of_the_array() -> None:
    middle = np.array([32.0, 32.0])
    turned = warp(texture(64), similarity(1, 90, middle, middle), 64)
    assert mean_difference(turned, np.asarray(np.rot90(texture(64), -1))) < 0.5


@pytest.mark.parametrize("factor", [1 / 3, 0.5, 2, 3, 4, 6.5, 8])
def test_an_enlarged_image_gives_nearly_the_same_crop(factor: float) -> None:
    side = round(96 * factor)
    to_crop = similarity(1.1, 20, np.array([48.0, 48.0]), np.array([40.0, 40.0]))
    from_enlarged = to_crop * (96 / side, 96 / side, 1)
    found = warp(texture(side), from_enlarged, 80)
    inside = warp(np.full((96, 96, 3), 255, np.uint8), to_crop, 80) == 255
    expected = warp(texture(96), to_crop, 80)
    assert np.abs(found.astype(int) - expected)[inside].mean() < 3


@pytest.mark.parametrize("factor", [2, 4, 10])
def test_a_reduced_checkerboard_is_grey(factor: int) -> None:
    board = np.indices((320, 320)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    crop = warp(pixels, similarity(1 / factor, 0, np.zeros(2), np.zeros(2)), 320 // factor)
    assert np.abs(crop[1:-1, 1:-1].astype(int) - 127).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1)])
def test_tiny_images_can_be_warped(shape: tuple[int, int]) -> None:
    crop = warp(
        np.full((*shape, 3), 9, np.uint8), similarity(0.01, 30, np.zeros(2), np.ones(2)), 32
    )
    assert crop.shape == (32, 32, 3)


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
