"""One image out of an archive, and what stands in the way."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.archives.place import LARGEST
from faceprep.archives.reading import beginning, read_member
from faceprep.errors import InputError, TooLarge, Unreadable
from tests.archives.made import FILES, JPEG, MAKERS, listed, written, zip_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", MAKERS)
def test_another_archive_of_the_same_name_ends_the_run(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, MAKERS[name](FILES), name)
    image = listed(path)[0]
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(InputError, match="put the old one back, or start afresh with --overwrite"):
        read_member(str(tmp_path), image.place, str(tmp_path))


@pytest.mark.parametrize("name", MAKERS)
def test_an_archive_that_is_gone_is_an_error_of_reading(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, MAKERS[name](FILES), name)
    image = listed(path)[0]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_member(str(tmp_path), image.place, str(tmp_path))


@pytest.mark.parametrize("attribute", ["length", "packed"])
def test_a_member_that_is_too_large_is_not_begun(tmp_path: Path, attribute: str) -> None:
    place = listed(written(tmp_path, zip_of(FILES), "a.zip"))[0].place
    changed: dict[str, Any] = {attribute: LARGEST + 1}
    large = dataclasses.replace(place, **changed)
    with pytest.raises(TooLarge, match="134,217,729 bytes in its archive"):
        read_member(str(tmp_path), large, str(tmp_path))


@pytest.mark.parametrize("name", ["a.tgz", "a.zip"])
def test_a_checksum_that_is_another_is_damage(tmp_path: Path, name: str) -> None:
    place = listed(written(tmp_path, MAKERS[name](FILES), name))[0].place
    assert place.crc is not None
    with pytest.raises(Unreadable, match="its checksum is another"):
        read_member(str(tmp_path), dataclasses.replace(place, crc=place.crc ^ 1), str(tmp_path))


def test_a_header_of_its_own_may_be_longer_than_most(tmp_path: Path) -> None:
    content = zip_of({"a/1.jpg": JPEG})
    place = listed(written(tmp_path, content, "a.zip"))[0].place
    extra = b"\xfe\xca" + (5000).to_bytes(2, "little") + bytes(5000)
    changed = (
        content[:28] + len(extra).to_bytes(2, "little") + content[30:37] + extra + content[37:]
    )
    written(tmp_path, changed, "b.zip")
    moved = dataclasses.replace(place, archive="b.zip", archive_size=len(changed))
    assert read_member(str(tmp_path), moved, str(tmp_path)) == JPEG


def test_a_member_without_a_header_is_damaged(tmp_path: Path) -> None:
    place = listed(written(tmp_path, zip_of(FILES), "a.zip"))[0].place
    with pytest.raises(Unreadable, match="no header where its directory says"):
        read_member(str(tmp_path), dataclasses.replace(place, offset=3), str(tmp_path))


def test_a_member_that_reaches_beyond_the_end_is_damaged(tmp_path: Path) -> None:
    place = listed(written(tmp_path, zip_of(FILES), "a.zip"))[0].place
    beyond = dataclasses.replace(place, packed=place.archive_size)
    with pytest.raises(Unreadable, match="reaches beyond the end"):
        read_member(str(tmp_path), beyond, str(tmp_path))


def test_the_beginning_of_a_member_is_read_without_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, zip_of({"a/1.jpg": JPEG * 100_000}), "a.zip")
    (image,) = listed(path)
    with path.open("rb") as file:
        assert beginning(file, image.place, 9) == JPEG[:9]
