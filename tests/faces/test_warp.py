"""Similarities that land where they should, and pixels moved by them that do not alias."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from faceprep.faces.align import ARCFACE_TEMPLATE
from faceprep.faces.warp import centre_crop, fit_similarity, similarity, warp

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


@pytest.mark.parametrize("shape", [(60, 100), (100, 60), (60, 60)])
def test_the_centre_is_the_largest_square_in_the_middle(shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    top, left = (shape[0] - 60) // 2, (shape[1] - 60) // 2
    pixels[top : top + 60, left : left + 60] = texture(60)
    assert (centre_crop(pixels, 60) == texture(60)).all()
