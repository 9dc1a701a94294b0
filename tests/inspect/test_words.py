"""Values in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import storage
from faceprep.errors import StorageError
from faceprep.inspect.words import (
    Picture,
    face_words,
    json_value,
    number,
    picture,
    printable,
    save_pictures,
)
from tests.inspect.made import SIDE, crop

if TYPE_CHECKING:
    from pathlib import Path

JPEG, PNG = crop(1), crop(1, "png")
NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-62.06, "−62.1"), (3.0, "3.0"), (-0.04, "0.0"), (0.0, "0.0"), (1234.56, "1234.6")],
)
def test_a_number_has_one_decimal_and_a_minus_as_in_print(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (JPEG, Picture("jpeg", SIDE, SIDE, len(JPEG))),
        (PNG, Picture("png", SIDE, SIDE, len(PNG))),
        (JPEG[:10], Picture(None, 0, 0, 10)),
        (PNG[:10], Picture(None, 0, 0, 10)),
        (b"", Picture(None, 0, 0, 0)),
        (b"GIF89a", Picture(None, 0, 0, 6)),
    ],
)
def test_an_image_is_measured_by_its_header(data: bytes, expected: Picture) -> None:
    assert picture(data) == expected


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: JPEG[:30] + tail))
def test_no_bytes_are_too_strange_to_be_looked_at(data: bytes) -> None:
    assert picture(data).bytes == len(data)


def test_an_image_in_words() -> None:
    assert str(picture(JPEG)) == f"{SIDE}×{SIDE} jpeg, {len(JPEG):,} bytes"
    assert str(picture(b"abc")) == "no image, 3 bytes"


@pytest.mark.parametrize(
    ("face", "words"),
    [
        ({"identity": "001"}, "x (identity 001)"),
        (
            {"identity": "001", "clip": "", "view": None, "yaw": -62.1, "frontality": 21.84},
            "x (identity 001, yaw −62.1°, frontality 21.8)",
        ),
        (
            {"identity": "a", "clip": "2", "view": "profile", "pitch": 3.0, "roll": NAN},
            "x (identity a, clip 2, view profile, pitch 3.0°)",
        ),
        (
            {"identity": "a", "yaw": NAN, "found": False},
            "x (identity a, no face was found: the centre of the image stands in)",
        ),
    ],
)
def test_a_face_says_what_is_known_of_it(face: dict[str, Any], words: str) -> None:
    assert face_words(face, "x", None) == words


def test_a_face_with_a_crop_says_its_size() -> None:
    words = face_words({"identity": "001"}, "x", JPEG)
    assert words == f"x (identity 001; {SIDE}×{SIDE} jpeg, {len(JPEG):,} bytes)"


@pytest.mark.parametrize("value", [None, 1, "a", True, 1.5, NAN, float("inf"), [1.0], JPEG, b""])
def test_every_value_becomes_json_that_others_read(value: Any) -> None:
    assert json.dumps(json_value(value), allow_nan=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann/1.jpg", "ann/1.jpg"),
        ("José 李 עברית", "José 李 עברית"),
        ("\x1b[2Jann", r"\x1b[2Jann"),
        ("a\nb", r"a\nb"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
    ],
)
def test_a_terminal_is_told_no_commands(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_images_are_saved_under_their_record_and_role(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    images = [("feature", JPEG), ("target", PNG), ("other", b"?"), ("none", None)]
    saved = save_pictures(str(folder), 7, images)
    names = ["007-feature.jpg", "007-target.png", "007-other.bin"]
    assert [name.rsplit("/", 1)[-1] for name in saved] == names
    assert sorted(storage.names(str(folder))) == sorted(names)
    assert (folder / "007-feature.jpg").read_bytes() == JPEG


def test_nothing_is_saved_unless_asked_for() -> None:
    assert save_pictures(None, 0, [("feature", JPEG)]) == ()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file: a file stands"):
        save_pictures(str(tmp_path / "file"), 0, [("feature", JPEG)])
