"""Tar files of every kind, read as Python's tarfile reads them, and refused when they are not whole."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from faceprep.archives.tar_members import FILE, FOLDER, LINK, SPARSE, SPECIAL
from tests.archives.made import (
    FILES,
    JPEG,
    add,
    contents,
    listed,
    refused,
    tar_of,
    with_size,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

LONG = "lfw/" + "Ann/" * 60 + "1.jpg"
FORMATS = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read(tmp_path: Path, form: str) -> None:
    files = {**FILES, "lfw/" + "a" * 90 + "/1.jpg": JPEG}
    if form != "ustar":
        files[LONG] = JPEG + b"long"
        files["lfw/é😀/1.jpg"] = JPEG
    assert contents(written(tmp_path, tar_of(files, FORMATS[form]))) == files


def test_a_size_may_stand_in_another_header(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a/1.jpg")
        info.size, info.pax_headers = len(JPEG), {"size": str(len(JPEG)), "comment": "x=y\nz"}
        archive.addfile(info, io.BytesIO(JPEG))
        add(archive, "a/2.jpg", JPEG)
    assert contents(written(tmp_path, buffer.getvalue())) == {"a/1.jpg": JPEG, "a/2.jpg": JPEG}


def test_links_devices_and_sparse_files_are_counted_and_nothing_else(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"Z"):
            add(archive, "a/x.jpg", kind=kind)
        add(archive, "a", kind=tarfile.DIRTYPE)
        info = tarfile.TarInfo("a/sparse.jpg")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "a/sparse.jpg"}
        archive.addfile(info)
        add(archive, "a/real.jpg", JPEG)
    skipped = Counter[str]()
    (image,) = listed(written(tmp_path, buffer.getvalue()), skipped)
    assert image.path == "a/real.jpg"
    assert skipped == {
        "links in archives (pack with --dereference --hard-dereference)": 2,
        "devices and the like in archives": 3,
        "sparse files in archives (pack without --sparse)": 1,
    }
    assert len({FILE, FOLDER, LINK, SPARSE, SPECIAL}) == 5


@pytest.mark.parametrize("length", [0, 100, 512, 513, 600, 1024, 2048, 3000])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    content = tar_of(FILES)
    assert "part of it is missing" in refused(written(tmp_path, content[:length]))


def test_a_file_without_an_end_mark_is_refused(tmp_path: Path) -> None:
    content = tar_of(FILES).rstrip(b"\0")
    content += bytes(-len(content) % 512)
    assert "ends without tar's end mark" in refused(written(tmp_path, content))


def test_several_put_together_are_refused(tmp_path: Path) -> None:
    both = written(tmp_path, tar_of(FILES) + tar_of(FILES))
    assert "several archives put together" in refused(both)


def test_text_is_no_archive(tmp_path: Path) -> None:
    assert "is no tar file" in refused(written(tmp_path, b"<html>Not found</html>" * 100))


def test_a_header_that_was_changed_is_refused_with_its_place(tmp_path: Path) -> None:
    content = bytearray(tar_of(FILES))
    content[1024] ^= 1
    assert "is damaged at byte 1,024" in refused(written(tmp_path, bytes(content)))


def test_a_name_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    bomb = info.tobuf(tarfile.GNU_FORMAT) + bytes(4096)
    assert "describes a member in 1,073,741,824 bytes" in refused(written(tmp_path, bomb))


@pytest.mark.parametrize("size", [1 << 40, 1 << 62, 1 << 80])
def test_a_member_that_claims_more_than_there_is_is_refused(tmp_path: Path, size: int) -> None:
    content = with_size(b"\x80" + size.to_bytes(11, "big"))
    assert "archive" in refused(written(tmp_path, content))


@pytest.mark.parametrize(
    "field", [b"-0000001000\0", b"-0000000001\0", b"0000_000001\0", b"+1", b"9"]
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_size_is_made_of_octal_digits_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: bytes, packed: bool
) -> None:
    monkeypatch.setattr("faceprep.archives.listing._MOST_MEMBERS", 100)  # it went round in circles
    content = with_size(field.ljust(12, b"\0"))
    path = written(tmp_path, gzip.compress(content) if packed else content)
    assert "is no tar file, or a damaged one" in refused(path)


def described_by(records: bytes) -> bytes:
    """A tar file with one member, and these records in a pax header before it."""
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, len(records)
    header = info.tobuf(tarfile.USTAR_FORMAT) + records + bytes(-len(records) % 512)
    return header + tar_of({"a/1.jpg": JPEG})


def test_a_header_of_very_many_records_takes_no_longer_than_its_length(tmp_path: Path) -> None:
    path = written(tmp_path, described_by(b"5 a=\n" * 200_000))
    begun = time.process_time()
    assert contents(path) == {"a/1.jpg": JPEG}
    assert time.process_time() - begun < 3  # twice that, when the rest is copied for each


@pytest.mark.parametrize(
    "records", [b"0 a=\n", b"6 a=\n", b"4 a=\n", b"2 a=\n", b"-5 a=\n", b"5 ab\n", b"5", b"x a=\n"]
)
def test_a_record_of_the_wrong_length_is_refused(tmp_path: Path, records: bytes) -> None:
    assert "is damaged: a " in refused(written(tmp_path, described_by(records)))
