"""Zip files of every kind, and those that lie."""

from __future__ import annotations

import io
import struct
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from faceprep.archives.reading import read_member
from faceprep.errors import Unreadable
from tests.archives.made import FILES, JPEG, contents, listed, refused, written, zip_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_members_are_read(tmp_path: Path, method: int) -> None:
    assert contents(written(tmp_path, zip_of(FILES, method), "a.zip")) == FILES


def test_zip64_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 4)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    content = zip_of(FILES)
    assert b"PK\6\6" in content
    assert contents(written(tmp_path, content, "a.zip")) == FILES


def test_what_lies_before_and_a_comment_behind_do_not_matter(tmp_path: Path) -> None:
    buffer = io.BytesIO(zip_of(FILES))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"made by hand"
    path = written(tmp_path, b"PK\3\4 a program that unpacks itself" + buffer.getvalue(), "a.zip")
    assert contents(path) == FILES


def test_a_program_streamed_it_and_wrote_sizes_behind(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert contents(written(tmp_path, pipe.content, "a.zip")) == FILES


def test_links_folders_and_names_of_careless_programs(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a/link.jpg")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        pipe = zipfile.ZipInfo("a/pipe.jpg")
        pipe.create_system, pipe.external_attr = 3, 0o010666 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(pipe, "")
        archive.writestr("a/", "")
        archive.writestr("a\\b\\1.jpg", JPEG)
        archive.writestr("..\\..\\1.jpg", JPEG)
    skipped = Counter[str]()
    (image,) = listed(written(tmp_path, buffer.getvalue(), "a.zip"), skipped)
    assert image.path == "a/b/1.jpg"
    assert skipped == {
        "links in archives (pack with --dereference --hard-dereference)": 1,
        "devices and the like in archives": 1,
        "members of archives whose names point outside": 1,
    }


@pytest.mark.parametrize("cut", [1, 10, 22, 100, 300])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    assert "part of it is missing" in refused(written(tmp_path, zip_of(FILES)[:-cut], "a.zip"))


def test_one_of_several_pieces_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_of(FILES))
    content[-18] = 1
    assert "one of several pieces" in refused(written(tmp_path, bytes(content), "a.zip"))


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    assert "lie on top of each other" in refused(written(tmp_path, overlapping(), "a.zip"))


def overlapping() -> bytes:
    """Two names for the same bytes."""
    content = zip_of({"a/1.jpg": JPEG})
    begin, end = content.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    entry = content[begin:end]
    twice = entry + entry.replace(b"a/1.jpg", b"a/2.jpg")
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(twice), begin, 0)
    return content[:begin] + twice + tail


def test_an_extra_field_that_claims_more_than_it_has_is_refused(tmp_path: Path) -> None:
    content = zip_of({"a/1.jpg": JPEG})
    begin, end = content.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    extra = struct.pack("<2HQ", 1, 16, len(JPEG))
    entry = bytearray(content[begin:end] + extra)
    entry[20:28] = b"\xff" * 8  # both sizes stand in the extra field
    entry[30] = len(extra)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), begin, 0)
    path = written(tmp_path, content[:begin] + entry + tail, "a.zip")
    assert "names a member that is not in it" in refused(path)


def test_a_directory_that_claims_a_bomb_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_of({"a/1.jpg": JPEG, "a/2.jpg": JPEG}))
    for begin in (content.index(b"PK\1\2"), content.rindex(b"PK\1\2")):
        content[begin + 24 : begin + 28] = b"\xf0\xff\xff\xff"
    assert "inflates to over 100 times" in refused(written(tmp_path, bytes(content), "a.zip"))


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (8, 1, "encrypted in its archive"),
        (10, 12, "packed in its archive by method 12"),
        (16, 0xAA, "its checksum is another"),
        (24, 5, "not the 5 bytes it declares"),
        (20, 5, "damaged in its archive"),
    ],
)
def test_a_member_that_cannot_be_read_is_a_row_of_its_own(
    tmp_path: Path, at: int, value: int, reason: str
) -> None:
    content = bytearray(zip_of({"a/1.jpg": JPEG * 20}))
    begin = content.index(b"PK\1\2")
    content[begin + at] = value
    if at == 24:
        content[begin + 25] = 0
    (image,) = listed(written(tmp_path, bytes(content), "a.zip"))
    with pytest.raises(Unreadable, match=reason):
        read_member(str(tmp_path), image.place, str(tmp_path))
