"""Whole archives: what is in them is what was put in, and a hostile one costs a line."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.archives.listing import images_in
from faceprep.archives.reading import read_member
from faceprep.archives.seek_points import SeekPointFiles
from faceprep.errors import ImageError, InputError
from tests.archives.made import (
    FILES,
    JPEG,
    MAKERS,
    add,
    contents,
    listed,
    noise,
    refused,
    tar_of,
    tgz_of,
    written,
    zip_of,
)  # fmt: skip

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"),
    min_size=1,
    max_size=9,
).filter(lambda name: not name.startswith(".") and name != "__MACOSX")
TREES = st.dictionaries(
    st.tuples(NAMES, NAMES).map(lambda pair: f"{pair[0]}/{pair[1]}.jpg"),
    st.binary(max_size=2000),
    max_size=6,
)


@settings(deadline=None, max_examples=40)
@given(TREES, st.sampled_from(sorted(MAKERS)))
def test_what_is_packed_is_listed_and_read_as_it_was(files: dict[str, bytes], name: str) -> None:
    with TemporaryDirectory() as folder:
        assert contents(written(Path(folder), MAKERS[name](files), name)) == files


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(sorted(MAKERS)))
def test_no_damage_gives_more_than_a_line_or_a_row(data: st.DataObject, name: str) -> None:
    content = bytearray(MAKERS[name](FILES))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    with TemporaryDirectory() as folder:
        path = written(Path(folder), bytes(content[:length]), name)
        try:
            members = listed(path)
        except InputError:
            return
        for member in members:
            with suppress(ImageError):
                assert len(read_member(folder, member.place, folder)) == member.place.length


def test_an_archive_is_what_its_first_bytes_say(tmp_path: Path) -> None:
    assert contents(written(tmp_path, zip_of(FILES), "a.tar.gz")) == FILES
    assert contents(written(tmp_path, tar_of(FILES), "b.zip")) == FILES
    assert contents(written(tmp_path, tgz_of(FILES), "c.tar")) == FILES


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_no_image_is_counted(tmp_path: Path, name: str) -> None:
    files = {
        **FILES,
        "lfw/names.txt": b"",
        "lfw/photo": JPEG,
        "lfw/notes": b"no image by its first bytes",
        "lfw/.hidden.jpg": JPEG,
        "__MACOSX/lfw/._1.jpg": JPEG,
        "lfw/more.zip": b"",
        "lfw/more.tar.xz": b"",
        "lfw/../../x.jpg": JPEG,
    }
    skipped = Counter[str]()
    members = listed(written(tmp_path, MAKERS[name](files), name), skipped)
    assert {member.path for member in members} == {*FILES, "lfw/photo"}
    assert skipped == {
        "not images": 2,
        "hidden": 2,
        "archives within archives (unpack them)": 2,
        "members of archives whose names point outside": 1,
    }
    assert not (tmp_path.parent / "x.jpg").exists()


@pytest.mark.parametrize("name", MAKERS)
def test_an_empty_archive_holds_nothing(tmp_path: Path, name: str) -> None:
    assert listed(written(tmp_path, MAKERS[name]({}), name)) == []


def test_a_name_that_is_no_text_is_counted(tmp_path: Path) -> None:
    content = tar_of({"a/xx.jpg": JPEG}, tarfile.USTAR_FORMAT)
    header = bytearray(content[:512])
    header[2:4] = b"\xff\xfe"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    skipped = Counter[str]()
    assert listed(written(tmp_path, bytes(header) + content[512:]), skipped) == []
    assert skipped == {"names that are not UTF-8 (rename them)": 1}


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceprep.archives.listing._MOST_MEMBERS", 2)
    assert "has more than 2 members" in refused(written(tmp_path, tar_of(FILES)))


def test_a_bomb_within_a_tar_is_refused_before_it_is_inflated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceprep.archives.inflating.HARMLESS", 1 << 22)
    bomb = gzip.compress(tar_of({"a/1.jpg": bytes(1 << 24)}))
    assert "inflates to over 100 times its size" in refused(written(tmp_path, bomb, "a.tgz"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.tar: the archive cannot be read \(No such file"):
        list(images_in(str(tmp_path), "a.tar", Counter(), SeekPointFiles()))


def test_members_are_read_in_any_order(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for number in range(300):
            add(archive, f"a/{number}.jpg", JPEG + noise(20_000, number))
    members = listed(written(tmp_path, buffer.getvalue(), "a.tgz"))
    for member in reversed(members):  # the worst order
        number = int(member.path[2:-4])
        assert read_member(str(tmp_path), member.place, str(tmp_path)) == JPEG + noise(
            20_000, number
        )
