"""Decoding and resizing: against Pillow, and against tensorflow's own antialiased resize."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from faceprep.dataset_folder import ImageForm
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.train.images import decode, decode_batch, reduction, resize_weights, resized, scaled
from faceprep.train.options import Shape
from tests.train.small_pairs import draw_face

if TYPE_CHECKING:
    from numpy.typing import NDArray


def encoded_face(image: ImageForm, identity: int = 1) -> bytes:
    suffix = {"jpeg": "jpg"}.get(image.format, image.format)
    return encode(draw_face(identity, 20.0, image.size), ExtractOptions(format=suffix))


def by_pillow(encoded: bytes, shape: Shape) -> NDArray[np.float32]:
    """Decoded at full size, and resized in one go; (h, w, channels), 0 to 1."""
    with Image.open(io.BytesIO(encoded)) as opened:
        image = opened.convert("L" if shape.channels == 1 else "RGB")
    small = image.resize((shape.width, shape.height), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32).reshape(shape) / np.float32(255)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("form", ["jpeg", "png"])
@pytest.mark.parametrize(
    ("size", "height", "width"),
    [(64, 64, 64), (96, 64, 64), (160, 64, 64), (160, 32, 48), (50, 64, 64)],
    ids=["as it is", "smaller", "half scale", "not square", "larger"],
)
def test_a_face_looks_as_pillow_shows_it(
    channels: int, form: str, size: int, height: int, width: int
) -> None:
    image, shape = ImageForm(size, form), Shape(height, width, channels)
    encoded = encoded_face(image)
    found = decode(tf.constant(encoded), shape, image).numpy()
    assert found.dtype == np.float32
    assert found.shape == shape
    assert found.min() >= 0
    assert found.max() <= 1
    # a reduced scale blurs differently from a filter, at the edges of a drawing most of all
    tolerance = 0.004 if reduction(shape, image) == 1 else 0.012
    assert np.abs(found - by_pillow(encoded, shape)).mean() < tolerance


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_grey_is_luma_in_either_format(form: str, colour: tuple[int, int, int]) -> None:
    image = ImageForm(16, form)
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(buffer, form)
    found = decode(tf.constant(buffer.getvalue()), Shape(16, 16, 1), image).numpy()
    luma = np.dot(colour, [0.299, 0.587, 0.114]) / 255
    assert np.allclose(found, luma, atol=0.006)


@pytest.mark.parametrize(
    ("size", "side", "form", "ratio"),
    [
        (160, 64, "jpeg", 2),
        (160, 160, "jpeg", 1),
        (160, 81, "jpeg", 1),
        (160, 80, "jpeg", 2),
        (160, 40, "jpeg", 4),
        (160, 8, "jpeg", 8),
        (64, 128, "jpeg", 1),
        (160, 64, "png", 1),
    ],
)
def test_jpegs_are_decoded_no_larger_than_needed(
    size: int, side: int, form: str, ratio: int
) -> None:
    assert reduction(Shape(side, side, 1), ImageForm(size, form)) == ratio
    assert reduction(Shape(side, 8, 1), ImageForm(size, form)) == ratio


@pytest.mark.parametrize(("source", "target"), [(80, 64), (64, 64), (33, 8), (20, 64)])
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_resize_is_tensorflows_antialiased_one(
    source: int, target: int, count: int, channels: int
) -> None:
    shape = (count, source, source, channels)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    wide = Shape(target, target + 3, channels)
    expected = tf.image.resize(pixels, wide[:2], antialias=True)
    assert np.allclose(resized(tf.constant(pixels), wide), expected, atol=0.01)


def test_each_pixel_gets_a_whole_share() -> None:
    weights = resize_weights(33, 8)
    assert weights.shape == (8, 33)
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.array_equal(resize_weights(8, 8), np.eye(8, dtype=np.float32))


def test_rows_and_columns_go_where_they_are_told() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 6, 6, 3), np.uint8)
    shape, order = Shape(4, 4, 3), np.array([[3, 2, 1, 0], [0, 0, 1, 2]], np.int32)
    plain = resized(tf.constant(pixels), shape).numpy()
    rows = resized(tf.constant(pixels), shape, rows=tf.constant(order)).numpy()
    columns = resized(tf.constant(pixels), shape, columns=tf.constant(order)).numpy()
    for n in range(2):
        assert np.allclose(rows[n], plain[n][order[n]], atol=1e-3)
        assert np.allclose(columns[n], plain[n][:, order[n]], atol=1e-3)


def test_white_is_one_and_stays_one_when_brighter() -> None:
    values = tf.constant([0.0, 51.0, 255.0])
    assert np.allclose(scaled(values), [0, 0.2, 1])
    assert np.allclose(scaled(values, 2.0), [0, 0.4, 1])


def test_a_batch_is_its_images_one_by_one() -> None:
    image, names = ImageForm(48, "jpeg"), ("one", "two")
    shapes = dict(zip(names, (Shape(24, 24, 1), Shape(48, 48, 3)), strict=True))
    faces = [encoded_face(image, identity) for identity in range(3)]
    found = decode_batch(dict.fromkeys(names, tf.constant(faces)), shapes, image)
    assert found["one"].shape == (3, 24, 24, 1)
    assert found["two"].shape == (3, 48, 48, 3)
    for n, face in enumerate(faces):
        alone = decode(tf.constant(face), shapes["one"], image)
        assert np.allclose(scaled(resized(found["one"], shapes["one"]))[n], alone, atol=1e-6)


def test_an_image_of_another_size_is_no_match() -> None:
    encoded = encoded_face(ImageForm(48, "jpeg"))
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(tf.constant(encoded), Shape(24, 24, 1), ImageForm(64, "jpeg"))
