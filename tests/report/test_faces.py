"""A folder of faces to what a page tells of it, from end to end."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.face_folder import open_faces
from faceprep.report.faces import read_faces
from tests.inspect.made import face, make_faces, no_face
from tests.report.some_faces import folder_of, store_targets, target

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.report.contents import Face, FacesContents

BUDGET = 1_000_000
NAMES = ["<script>alert(1)</script>", "a\u202eb", '"quoted" & {{ so }}', "ordinary", "../..", "\0"]
CROWD = [face(f"{name}/{n}", name, 10 * i + n) for i, name in enumerate(NAMES) for n in range(3)]


def shown(contents: FacesContents) -> set[Face]:
    faces = {face for person in contents.people for face in person.faces}
    return faces.union(*(doubt.faces for kind in contents.doubts for doubt in kind.shown))


def size(contents: FacesContents) -> int:
    return sum(len(face.picture) for face in shown(contents))


def test_everything_there_is(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, *CROWD, no_face("r", "ordinary"))
    store_targets(folder, *(target(name, f"{name}/1") for name in NAMES[:-1]), target("\0"))
    found = read_faces(folder, budget=BUDGET)
    assert [person.identity for person in found.people] == sorted(NAMES)
    assert [person.has_target for person in found.people] == [
        name != "\0" for name in sorted(NAMES)
    ]
    assert all(person.faces[0].key.endswith("/1") for person in found.people if person.has_target)
    assert all(face.picture for person in found.people for face in person.faces)
    assert (found.people_in_all, found.faces_in_all) == (len(NAMES), len(CROWD))
    assert [(each.status, each.count) for each in found.rejects] == [("no_face", 1)]
    assert len(found.doubts) == 5
    assert all(histogram.counts.sum() == len(CROWD) for histogram in found.histograms)


def test_several_faces_of_one_image(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, CROWD[0], replace(CROWD[0], face_index=1, yaw=1.0))
    (person,) = read_faces(folder, budget=BUDGET).people
    assert sorted(face.key for face in person.faces) == [CROWD[0].key, f"{CROWD[0].key}#1"]


def test_the_same_folder_gives_the_same(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, *CROWD)
    one, two = (read_faces(folder, budget=9_000, threads=n) for n in (1, 3))
    assert pickle.dumps(one) == pickle.dumps(two)


@pytest.mark.parametrize("budget", [0, 700, 5_000, 12_000, 250_000])
def test_no_more_than_the_budget(tmp_path: Path, budget: int) -> None:
    folder = folder_of(tmp_path, *CROWD, face("copy", "ann", sha256=CROWD[0].sha256))
    found = read_faces(folder, budget=budget)
    assert size(found) <= budget
    assert found.people_in_all == len(NAMES) + 1
    assert all(person.count == len(person.faces) for person in found.people)


def test_without_crops_no_pictures_and_all_else(tmp_path: Path) -> None:
    bare = [replace(each, crop=None, crop_bytes=None) for each in CROWD]
    found = read_faces(folder_of(tmp_path, *bare), budget=BUDGET)
    assert len(found.people) == len(NAMES)
    assert {face.picture for face in shown(found)} == {b""}
    assert any("--no-crops" in note for note in found.notes)


def test_a_folder_without_any_face(tmp_path: Path) -> None:
    found = read_faces(folder_of(tmp_path, no_face("a", "ann")), budget=BUDGET)
    (ann,) = found.people
    assert (ann.faces, ann.count, ann.images, ann.has_target) == ((), 0, 1, False)
    assert found.faces_in_all == 0
    assert found.density.counts.sum() == 0


@pytest.mark.parametrize("yaw", [None, float("nan"), float("inf")])
def test_poses_that_are_none(tmp_path: Path, yaw: float | None) -> None:
    strange = face("a", "ann", yaw=yaw, pitch=yaw, roll=yaw, frontality=yaw, sharpness=yaw)
    found = read_faces(folder_of(tmp_path, strange, face("b", "ann", 1)), budget=BUDGET)
    assert [face.key for face in found.people[0].faces] == ["b", "a"]


def test_a_folder_that_is_not_finished(tmp_path: Path) -> None:
    path = make_faces(tmp_path, [face("a", "ann")], [], finished=False)
    found = read_faces(open_faces(str(path), allow_incomplete=True), budget=BUDGET)
    assert found.facts["parts"] == "1 of 2"
    assert any("still to do" in note for note in found.notes)


def test_a_damaged_part_is_one_line(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    part = tmp_path / folder.parts[0].name
    part.write_bytes(part.read_bytes()[:100] + b"PAR1")
    with pytest.raises(InputError, match="not a readable part") as caught:
        read_faces(folder, budget=BUDGET)
    assert "\n" not in str(caught.value)
