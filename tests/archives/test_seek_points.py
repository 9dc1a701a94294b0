"""Seek points, from the listing to the folder of faces and from there to workers."""

from __future__ import annotations

import gc
import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from faceprep.archives.inflating import MEMBER, Point
from faceprep.archives.listing import images_in
from faceprep.archives.seek_points import FOLDER, SeekPointFiles, SeekPoints
from faceprep.errors import InputError, StorageError
from tests.archives.made import noise, tgz_of

if TYPE_CHECKING:
    from pathlib import Path

POINTS = [
    Point(0, 0, MEMBER, b""),
    Point(5_000_000_000, 70, 3, b"w" * 32768),
    Point(5_000_000_100, 90, 8, b"x"),
]


def kept(folder: Path, archive: str = "a.tgz", size: int = 100) -> SeekPointFiles:
    files = SeekPointFiles()
    with files.of(archive, size) as note:
        for point in POINTS:
            note(point)
    files.keep(str(folder))
    return files


def test_points_come_back_by_the_offset_they_are_for(tmp_path: Path) -> None:
    kept(tmp_path)
    points = SeekPoints(str(tmp_path), "a.tgz", 100)
    for offset, expected in [(0, 0), (4_999_999_999, 0), (5_000_000_000, 1), (1 << 40, 2)]:
        assert points.point(offset) == POINTS[expected]
        assert points.position(offset) == POINTS[expected].output


def test_archives_are_told_apart_by_name_and_size(tmp_path: Path) -> None:
    kept(tmp_path)
    kept(tmp_path, "sub/a.tgz")
    kept(tmp_path, size=101)
    assert len(list((tmp_path / FOLDER).iterdir())) == 6
    with pytest.raises(InputError, match=r"where to begin reading in b\.tgz is missing"):
        SeekPoints(str(tmp_path), "b.tgz", 100)


def test_what_is_there_stays_and_what_is_lost_comes_again(tmp_path: Path) -> None:
    kept(tmp_path)
    lost, there = sorted((tmp_path / FOLDER).iterdir())
    lost.unlink()
    os.utime(there, (1, 1))
    kept(tmp_path)
    assert there.stat().st_mtime == 1
    assert SeekPoints(str(tmp_path), "a.tgz", 100).point(0) == POINTS[0]


def test_damaged_points_end_the_run(tmp_path: Path) -> None:
    kept(tmp_path)
    (points,) = (tmp_path / FOLDER).glob("*.points")
    points.write_bytes(b"half")
    with pytest.raises(
        InputError, match="delete it if it is there, and run the same command again"
    ):
        SeekPoints(str(tmp_path), "a.tgz", 100)


def test_a_lost_window_ends_the_run_where_it_is_needed(tmp_path: Path) -> None:
    kept(tmp_path)
    (windows,) = (tmp_path / FOLDER).glob("*.windows")
    windows.unlink()
    points = SeekPoints(str(tmp_path), "a.tgz", 100)
    assert points.point(0) == POINTS[0]
    with pytest.raises(InputError, match=r"\.windows: where to begin reading in a\.tgz is missing"):
        points.point(1 << 40)


def test_without_points_no_folder_is_made(tmp_path: Path) -> None:
    SeekPointFiles().keep(str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_the_temporary_folder_goes_with_the_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files = SeekPointFiles()
    assert list(tmp_path.glob("faceprep-*"))
    del files
    gc.collect()
    assert not list(tmp_path.glob("faceprep-*"))


@pytest.mark.parametrize("kind", ["points", "windows"])
def test_a_full_temporary_folder_is_no_fault_of_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = tgz_of({"a/1.jpg": noise(2 << 20)})
    (tmp_path / "a.tgz").write_bytes(content)
    files = SeekPointFiles()
    (folder,) = tmp_path.glob("faceprep-*")
    list(images_in(str(tmp_path), "a.tgz", Counter(), files))
    (file,) = folder.glob(f"*.{kind}")
    file.unlink()
    file.symlink_to("/dev/full")
    with pytest.raises(
        StorageError, match=r"faceprep-.*: the temporary folder cannot be written \(No space"
    ):
        list(images_in(str(tmp_path), "a.tgz", Counter(), files))
    file.unlink()
    file.mkdir()
    with pytest.raises(
        StorageError, match=r"\(Is a directory\).* make room, or name another folder by"
    ):
        list(images_in(str(tmp_path), "a.tgz", Counter(), files))


def test_a_temporary_folder_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageError, match=r"gone: the temporary folder .* \(No such file"):
        SeekPointFiles()
