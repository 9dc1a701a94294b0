"""Targets stand beside the rows that they were chosen from, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faceprep.errors import InputError
from faceprep.report.chosen import lay_beside, targets_of
from faceprep.report.rows import read_rows
from faceprep.targets import NAME
from tests.inspect.made import face, make_faces, no_face
from tests.report.some_faces import chosen, folder_of, rows_of, store_targets, target, targets


def test_a_target_its_runner_up_and_somebody_without(tmp_path: Path) -> None:
    twice = replace(face("a/1", "ann", 1), face_index=1)
    rows = rows_of(
        tmp_path, face("a/1", "ann", 1), twice, face("a/2", "ann", 3), no_face("b", "bob")
    )
    ann = target("ann", "a/1", face_index=1, runner_up="a/2", angle=4.0)
    found = chosen(rows, ann, target("bob", reason="no face found"))
    assert found.faces.tolist() == [1, -1]
    assert found.runners_up.tolist() == [2, -1]
    assert found.without.tolist() == [1]
    assert found.angles.tolist() == [4.0, pytest.approx(np.nan, nan_ok=True)]
    assert found.told(1)["reason"] == "no face found"
    assert found.words == "1 of 2 have one"
    assert not found.per_clip


def test_a_face_of_somebody_else_is_nobodys_target(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, face("a", "ann", 1), face("b", "bob", 2))
    found = chosen(rows, target("ann", "b"), target("bob", "gone", runner_up="b"))
    assert found.faces.tolist() == [-1, -1]
    assert found.runners_up.tolist() == [-1, 1]


def test_clips_have_targets_of_their_own(tmp_path: Path) -> None:
    faces = (face("1", "ann", 1, clip="x"), face("2", "ann", 2, clip="y"), face("3", "ann", 3))
    folder = folder_of(tmp_path, *faces)
    of = targets(target("ann", "1", clip="x"), target("ann", "2", clip="y"), target("ann", "3"))
    found = lay_beside(of, "", read_rows(folder, clips=True))
    assert found.faces.tolist() == [2, 0, 1]  # without a clip, x, y
    assert found.per_clip


def test_without_targets_nobody_is_said_to_have_none(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    of, words = targets_of(folder)
    found = lay_beside(of, words, read_rows(folder, clips=False))
    assert of is None
    assert "faceprep select" in found.words
    assert found.without.tolist() == []
    assert found.told(0) == {}


def test_targets_of_other_faces_are_passed_over(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    store_targets(folder, target("ann", "a"))
    assert targets_of(folder)[0] is not None
    of, words = targets_of(replace(folder, digest="another"))
    assert of is None
    assert "of other faces than these" in words


def test_damaged_targets_are_an_error(tmp_path: Path) -> None:
    path = make_faces(tmp_path, [face("a", "ann")])
    Path(path, NAME).write_bytes(b"no Parquet")
    with pytest.raises(InputError, match=NAME):
        targets_of(replace(folder_of(tmp_path / "other", face("a", "ann")), path=str(path)))
