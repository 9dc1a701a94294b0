"""Decoding: every format to the same pixels, and every kind of damage to a row instead of a crash."""

from __future__ import annotations

import csv
import resource
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from faceprep.errors import ImageError, TooLarge, Unreadable
from faceprep.faces.decode import decode
from tests.faces.images import (
    FORMATS,
    STORED,
    WITH_EXIF,
    encode,
    encoded_upright,
    huge_bmp,
    huge_gif,
    huge_jpeg,
    huge_png,
    orientation_tag,
    oriented,
    upright_picture,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

LIMIT = 1_000_000
TOLERANCE = {kind: 8 if kind in ("JPEG", "MPO", "AVIF") else 0 for kind in FORMATS}
MAGIC = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"MM\0*")


def assert_same_picture(found: NDArray[np.uint8], image: Image.Image, tolerance: int) -> None:
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance


def first_pixel(image: Image.Image, kind: str, **options: Any) -> list[int]:
    return [int(v) for v in decode(encode(image, kind, **options), LIMIT).pixels[0, 0]]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_is_told_by_its_content(kind: str) -> None:
    decoded = decode(encoded_upright(kind), LIMIT)
    assert_same_picture(decoded.pixels, upright_picture(), TOLERANCE[kind])
    assert (decoded.width, decoded.height) == (64, 48)
    assert decoded.damage is None
    assert decoded.reduction == 1.0


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", WITH_EXIF)
def test_every_exif_orientation_gives_the_same_upright_picture(kind: str, orientation: int) -> None:
    decoded = decode(oriented(kind, orientation), LIMIT)
    assert_same_picture(decoded.pixels, upright_picture(), TOLERANCE[kind])
    assert (decoded.width, decoded.height) == (64, 48)
    assert decoded.pixels.flags.c_contiguous


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    decoded = decode(
        encode(upright_picture(), "JPEG", exif=orientation_tag(orientation), quality=95), LIMIT
    )
    assert (decoded.width, decoded.height) == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("block", [b"", b"not TIFF", b"MM\0*\0\0\0\x08\0\x05\1\x12", b"II*\0\xff"])
def test_a_broken_exif_block_turns_nothing_and_says_nothing(kind: str, block: bytes) -> None:
    data = encode(upright_picture(), kind, exif=b"Exif\0\0" + block, **FORMATS[kind])
    decoded = decode(data, LIMIT)  # a warning would be an error here
    assert_same_picture(decoded.pixels, upright_picture(), TOLERANCE[kind])


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "expected"),
    [
        ("L", 77, "JPEG", [77, 77, 77]),
        ("L", 77, "PNG", [77, 77, 77]),
        ("1", 1, "PNG", [255, 255, 255]),
        ("P", 0, "GIF", [0, 0, 0]),
        ("LA", (0, 51), "PNG", [204, 204, 204]),
        ("RGBA", (255, 0, 0, 0), "PNG", [255, 255, 255]),
        ("RGBA", (255, 0, 0, 255), "WEBP", [255, 0, 0]),
        ("RGBA", (0, 0, 255, 51), "TIFF", [204, 204, 255]),
        ("CMYK", (0, 255, 255, 0), "TIFF", [255, 0, 0]),
    ],
)
def test_every_kind_of_colour_becomes_rgb_over_white(
    mode: str, colour: Any, kind: str, expected: list[int]
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    found = first_pixel(Image.new(mode, (16, 16), colour), kind, **options)
    assert np.abs(np.subtract(found, expected)).max() <= 1


def test_adobes_inverted_cmyk_jpeg_has_its_true_colours() -> None:
    data = encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    assert b"Adobe" in data
    red, green, blue = decode(data, LIMIT).pixels[8, 8]
    assert red > 240
    assert max(green, blue) < 15


def test_palette_colours_are_looked_up_and_the_transparent_one_is_white() -> None:
    image = Image.new("P", (16, 16), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    assert first_pixel(image, "PNG") == [10, 200, 30]
    assert first_pixel(image, "PNG", transparency=1) == [255, 255, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_to_eight(kind: str) -> None:
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    found = decode(encode(Image.fromarray(values), kind), LIMIT).pixels
    assert np.abs(found[..., 0] - values / 257.0).max() <= 0.5
    assert (found == found[..., :1]).all()


@pytest.mark.parametrize(("top", "scale"), [(1.0, 255.0), (0.25, 255.0), (4000.0, 255.0 / 4000)])
def test_floats_run_to_one_or_to_their_largest_value(top: float, scale: float) -> None:
    values = np.linspace(0, top, 256, dtype=np.float32).reshape(16, 16)
    found = decode(encode(Image.fromarray(values), "TIFF"), LIMIT).pixels
    assert np.abs(found[..., 0] - values * scale).max() <= 0.51


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    first, second = (Image.new("RGB", (32, 32), colour) for colour in ("lime", "red"))
    found = first_pixel(first, kind, save_all=True, append_images=[second])
    assert np.abs(np.subtract(found, [0, 255, 0])).max() <= 8


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n", "git lfs pull"),
        (b"<html>404 Not Found</html>", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not an image"),
        (b"\xff\xd8", "not an image"),
    ],
)
def test_what_is_no_image_is_refused_with_a_helpful_reason(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        decode(data, LIMIT)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_limit_on_pixels_is_exact(kind: str) -> None:
    data = encoded_upright(kind)
    assert decode(data, 64 * 48).width == 64
    with pytest.raises(TooLarge, match="--max-pixels"):
        decode(data, 64 * 48 - 1)


@pytest.mark.parametrize("bomb", [huge_png, huge_jpeg, huge_bmp, huge_gif])
def test_a_decompression_bomb_costs_nothing(bomb: Callable[[], bytes]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge):
        decode(bomb(), 100_000_000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50_000, "kilobytes; the decoded image would take gigabytes"


def test_pillows_own_limits_play_no_part_and_stay_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 7)
    png = encoded_upright("PNG")
    assert decode(oriented("JPEG", 6), LIMIT).width == 64
    assert decode(png, LIMIT).width == 64
    assert decode(png[: len(png) * 3 // 4], LIMIT).damage
    for bad in (huge_png(), b"no image"):
        with pytest.raises(ImageError):
            decode(bad, LIMIT)
    assert Image.MAX_IMAGE_PIXELS == 7
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@settings(deadline=None)
@given(share=st.floats(0, 0.99))
def test_a_truncated_jpeg_shows_damage_or_nothing(share: float) -> None:
    data = encoded_upright("JPEG")
    try:
        decoded = decode(data[: int(share * len(data))], LIMIT)
    except Unreadable:
        return
    assert decoded.damage
    assert decoded.pixels.shape == (48, 64, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_truncated_file_is_decoded_as_far_as_it_goes(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (15, 20, 3), np.uint8)
    image = Image.fromarray(noise).resize((320, 240))
    data = encode(image, kind)
    decoded = decode(data[: len(data) // 2], LIMIT)
    whole = decode(data, LIMIT).pixels
    assert decoded.damage
    assert (decoded.pixels[:64] == whole[:64]).all()
    assert (decoded.pixels[-16:] != whole[-16:]).any()


def decode_or_refuse(data: bytes) -> None:
    """Any other exception than ImageError fails the test."""
    try:
        decoded = decode(data, LIMIT, 32)
    except ImageError:
        return
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.shape[2] == 3
    assert decoded.width * decoded.height <= LIMIT


@settings(deadline=None, max_examples=150)
@given(
    data=st.sampled_from([oriented(kind, 6) for kind in WITH_EXIF] + [encoded_upright("BMP")]),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_flipped_bytes_are_refused_or_shown(
    data: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    bent = bytearray(data)
    for where, value in changes:
        bent[int(where * len(bent))] = value
    decode_or_refuse(bytes(bent[: int(kept * len(bent))]))


@settings(deadline=None)
@given(magic=st.sampled_from(MAGIC), noise=st.binary(max_size=300))
def test_random_bytes_are_refused(magic: bytes, noise: bytes) -> None:
    decode_or_refuse(magic + noise)


@settings(deadline=None, max_examples=60)
@given(
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    min_side=st.integers(1, 900),
    orientation=st.sampled_from([1, 6]),
)
def test_a_reduced_image_keeps_its_size_in_mind_and_its_longer_side_in_bounds(
    width: int, height: int, min_side: int, orientation: int
) -> None:
    data = encode(
        Image.new("RGB", (width, height), "teal"), "JPEG", exif=orientation_tag(orientation)
    )
    decoded = decode(data, LIMIT, min_side)
    upright = (width, height) if orientation == 1 else (height, width)
    longest, shown = max(upright), max(decoded.pixels.shape[:2])
    assert (decoded.width, decoded.height) == upright
    assert min(min_side, longest) <= shown <= longest
    assert decoded.reduction in {1, 2, 4, 8}
    assert shown == -(-longest // decoded.reduction)


def test_a_reduced_image_is_the_same_picture_in_small() -> None:
    data = encode(upright_picture(1600, 1200), "JPEG", quality=95)
    decoded = decode(data, 10 * LIMIT, 400)
    assert decoded.reduction == 4.0
    assert_same_picture(decoded.pixels, upright_picture(1600, 1200).resize((400, 300)), 8)


def outcome(data: bytes) -> str:
    try:
        return "damaged" if decode(data, 100_000_000).damage else "ok"
    except ImageError as error:
        return error.status


def allowed_outcomes(pillow_says: str) -> set[str]:
    if pillow_says == "ok":
        return {"ok"}
    if "DecompressionBomb" in pillow_says:
        return {"too_large"}
    return {"damaged", "unreadable"} if "truncated" in pillow_says else {"unreadable"}


def test_files_that_break_pipelines_end_as_their_manifest_says(breakers: Path) -> None:
    with (breakers / "MANIFEST.tsv").open(newline="") as manifest:
        rows = list(csv.reader(manifest, delimiter="\t"))[1:]
    assert rows
    for name, *_, pillow_says in rows:
        assert outcome((breakers / name).read_bytes()) in allowed_outcomes(pillow_says), name
