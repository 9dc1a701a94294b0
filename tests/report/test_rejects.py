"""Rejects by cause: all of them counted, some of them shown, always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import records
from faceprep.records import FaceRow
from faceprep.report.contents import Reject
from faceprep.report.rejects import read_rejects
from faceprep.report.rows import read_rows
from faceprep.report.sources import Sources
from tests.inspect.made import face
from tests.report.some_faces import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.report.contents import Rejects


def look(path: Path, most: int, *statuses: str) -> tuple[Rejects, ...]:
    rejects = (
        FaceRow(f"{n:02}", f"person {n}", status, reason=f"reason {n}")
        for n, status in enumerate(statuses)
    )
    folder = folder_of(path, face("face", "ann"), *rejects)
    return read_rejects(read_rows(folder, clips=False), most, Sources(folder, None))


def test_the_most_frequent_cause_first(tmp_path: Path) -> None:
    first, *others = look(tmp_path, 9, "too_small", "no_face", "too_large", "no_face")
    assert (first.status, first.count) == ("no_face", 2)
    assert [(each.status, each.count) for each in others] == [("too_large", 1), ("too_small", 1)]
    assert first.meaning == records.STATUSES["no_face"]
    assert first.shown == (
        Reject("01", "person 1", "reason 1", b""),
        Reject("03", "person 3", "reason 3", b""),
    )


def test_some_are_shown_by_name(tmp_path: Path) -> None:
    (few,) = look(tmp_path / "few", 3, *["no_face"] * 20)
    (more,) = look(tmp_path / "more", 6, *["no_face"] * 20)
    assert (few.count, len(few.shown), len(more.shown)) == (20, 3, 6)
    assert [each.key for each in few.shown] == sorted(each.key for each in few.shown)
    assert set(few.shown) < set(more.shown)
    assert [each.key for each in few.shown] != ["00", "01", "02"]  # drawn, not the first ones


def test_a_status_of_a_later_version(tmp_path: Path) -> None:
    (unknown,) = look(tmp_path, 9, "abducted")
    assert (unknown.status, unknown.meaning, unknown.count) == ("abducted", "", 1)


def test_none_at_all(tmp_path: Path) -> None:
    assert look(tmp_path, 9) == ()
