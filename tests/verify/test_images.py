"""Images that are what they should be, and all the ways in which they are not."""

from __future__ import annotations

import random
from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from faceprep.dataset_folder import ImageForm
from faceprep.verify.images import ImageCheck, image_fault

if TYPE_CHECKING:
    from faceprep.records import ShardFace

SIZE = 48
PIXELS = np.random.default_rng(0).integers(0, 255, (SIZE, SIZE, 3), np.uint8)
JPEG = simplejpeg.encode_jpeg(PIXELS, 95, colorsubsampling="420")
PNG = cv2.imencode(".png", PIXELS)[1].tobytes()
FORMS = {"jpeg": ImageForm(SIZE, "jpeg"), "png": ImageForm(SIZE, "png")}


def png(mode: str, size: tuple[int, int] = (SIZE, SIZE)) -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, "png")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("jpeg", JPEG),
        ("jpeg", simplejpeg.encode_jpeg(PIXELS, 95, colorsubsampling="444")),
        ("png", PNG),
        ("png", png("RGB")),
    ],
)
def test_a_sound_image_has_no_fault(name: str, image: bytes) -> None:
    assert image_fault(image, FORMS[name]) is None


@pytest.mark.parametrize(
    ("name", "image", "words"),
    [
        ("jpeg", b"", "not a jpeg image"),
        ("png", b"", "not a png image"),
        ("jpeg", PNG, "not a jpeg image"),
        ("png", JPEG, "not a png image"),
        ("jpeg", b"\xff\xd8\xff", "not a jpeg image"),
        ("jpeg", simplejpeg.encode_jpeg(PIXELS[1:]), "48 x 47 pixels, not 48 x 48"),
        ("png", png("RGB", (7, SIZE)), "7 x 48 pixels, not 48 x 48"),
        ("png", png("RGB", (8_000, 8_000)), "8000 x 8000 pixels, not 48 x 48"),
        ("png", png("L"), "its colours are L, where three channels are stated"),
        ("png", png("RGBA"), "its colours are RGBA, where three channels are stated"),
        ("png", png("P"), "its colours are P, where three channels are stated"),
        ("jpeg", JPEG[:-2], "damaged"),
        ("jpeg", JPEG[:-200], "damaged (Premature end of JPEG file"),
        ("jpeg", JPEG[:-200] + bytes(198) + JPEG[-2:], "damaged"),
        ("png", PNG[:-200], "damaged"),
        ("png", PNG[:-4], "damaged (its end is missing)"),
        ("png", PNG + b"more", "damaged (its end is missing)"),
    ],
)
def test_what_is_wrong_is_said(name: str, image: bytes, words: str) -> None:
    assert (image_fault(image, FORMS[name]) or "").startswith(words)


def test_any_flipped_byte_of_a_png_is_found() -> None:
    for place in range(len(PNG)):
        damaged = bytearray(PNG)
        damaged[place] ^= 1 << place % 8
        assert image_fault(bytes(damaged), FORMS["png"])


def test_a_small_grey_decoding_finds_the_damage_that_a_full_one_finds(
    people: dict[str, list[ShardFace]],
) -> None:
    draw = random.Random(0)
    crops = [face.image for faces in people.values() for face in faces]
    seen = []
    for _ in range(500):
        damaged = bytearray(draw.choice(crops))
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] ^= draw.randint(1, 255)
        seen.append(full_decoding_fails(bytes(damaged)))
        fault = image_fault(bytes(damaged), ImageForm(160, "jpeg"))
        assert not seen[-1] or fault
    assert any(seen)


def full_decoding_fails(image: bytes) -> bool:
    try:
        simplejpeg.decode_jpeg(image, "RGB")
    except ValueError:
        return True
    return False


def test_an_image_that_comes_again_is_counted_again_and_a_wrong_one_told_again() -> None:
    check = ImageCheck(FORMS["jpeg"])
    assert [check.fault(JPEG, 1) for _ in range(3)] == [None] * 3
    assert all(check.fault(PNG, 2) for _ in range(3))
    assert check.count == 6
