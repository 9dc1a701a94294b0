"""All rows, faces and rejects, fall into groups that are sorted by identity, then clip."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from faceprep import records
from faceprep.face_folder import open_faces
from faceprep.records import FaceRow
from faceprep.report.rows import floats, read_rows
from tests.inspect.made import face, make_faces, no_face
from tests.report.some_faces import folder_of, names, rows_of

if TYPE_CHECKING:
    from pathlib import Path

EVERYBODY = (
    face("b/1", "bob", 1),
    face("a/1", "ann", 2),
    replace(face("a/1", "ann", 2), face_index=1),
    no_face("c/1", "cid"),
    no_face("a/2", "ann"),
)


def test_faces_and_rejects_by_person(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, *EVERYBODY)
    assert rows.groups["identity"].to_pylist() == ["ann", "bob", "cid"]
    assert rows.groups["clip"].to_pylist() == ["", "", ""]
    assert rows.per_group(rows.faces).tolist() == [2, 1, 0]
    assert rows.per_group(rows.rejects).tolist() == [1, 0, 1]
    assert rows.images == 4  # two of the faces are of one
    assert names(rows, range(3)) == ["b/1", "a/1", "a/1#1"]
    assert rows.rejects["name"].to_pylist() == ["c/1", "a/2"]
    assert rows.title(0) == "ann"


def test_clips_make_groups_of_their_own(tmp_path: Path) -> None:
    faces = (
        face("1", "bob", clip="y"),
        face("2", "ann", clip="y"),
        face("3", "bob", clip="x"),
        face("4", "bob"),
    )
    folder = folder_of(tmp_path, *faces)
    groups = read_rows(folder, clips=True).groups.to_pylist()
    assert [(each["identity"], each["clip"]) for each in groups] == [
        ("ann", "y"),
        ("bob", ""),
        ("bob", "x"),
        ("bob", "y"),
    ]
    assert read_rows(folder, clips=True).title(2) == "bob, x"
    assert read_rows(folder, clips=False).groups.num_rows == 2


def test_by_angle(tmp_path: Path) -> None:
    poses = {"a": -40.0, "b": math.nan, "c": 0.0, "d": 30.0}
    rows = rows_of(tmp_path, *(face(key, "ann", yaw=yaw, pitch=0.0) for key, yaw in poses.items()))
    (everything,) = rows.by_angle(np.array([0]))
    assert names(rows, everything) == ["c", "d", "a", "b"]
    (two,) = rows.by_angle(np.array([0]), 2)
    assert names(rows, two) == ["c", "d"]


def test_what_is_not_known_is_no_number(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, FaceRow("k", "ann", records.OK, face_index=0))
    for name in ("yaw", "angle", "size", "score"):
        assert np.isnan(floats(rows.faces, name)).tolist() == [True]


@pytest.mark.parametrize("clips", [False, True])
def test_a_folder_without_a_face(tmp_path: Path, clips: bool) -> None:
    rows = rows_of(tmp_path, no_face("k", "ann"), clips=clips)
    assert (rows.faces.num_rows, rows.rejects.num_rows, rows.images) == (0, 1, 1)
    assert rows.by_angle(np.array([0])) == [()]


def test_parts_of_updates_are_read_too(tmp_path: Path) -> None:
    path = make_faces(tmp_path, [face("b", "bob", 1)], [face("a", "ann", 2)])
    rows = read_rows(open_faces(str(path)), clips=False)
    assert rows.faces.select(["name", "part", "row", "group"]).to_pylist() == [
        {"name": "b", "part": 0, "row": 0, "group": 1},
        {"name": "a", "part": 1, "row": 0, "group": 0},
    ]
