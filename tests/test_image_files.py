"""What is taken for an image: names first, first bytes where names do not tell."""

from __future__ import annotations

import pytest

from faceprep.image_files import IMAGE_SUFFIXES, objection


def closed() -> bytes:
    raise PermissionError("closed")


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_a_name_decides_without_a_look(suffix: str) -> None:
    assert objection(f"a/b{suffix.upper()}", closed) is None


@pytest.mark.parametrize("name", ["list.txt", "x.jpg.part", "labels.mat", "set.zip"])
def test_what_lies_beside_images_is_not_looked_into(name: str) -> None:
    assert objection(name, lambda: b"\xff\xd8\xff") == "not images"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", None),
        (b"\x89PNG\r\n", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"\0\0\0\x1cftypavif", None),
        (b"%PDF-1.7", "not images"),
        (b"", "not images"),
    ],
)
def test_other_names_are_told_by_their_first_bytes(head: bytes, expected: str | None) -> None:
    assert objection("photo.0001", lambda: head) == expected


def test_what_cannot_be_opened_gets_a_row_that_says_so() -> None:
    assert objection("photo", closed) is None
