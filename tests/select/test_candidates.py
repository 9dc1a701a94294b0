"""From all rows to shortlists: who may be chosen, who competes with whom, who comes into question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.faces.pose import facing_angle
from faceprep.select.candidates import candidates, shortlist
from tests.select.tables import face, reject, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from tests.select.tables import Face


def listed(faces: Sequence[Face], length: int = 8, per: str = "identity") -> pa.Table:
    rows = table(faces)
    return shortlist(rows, candidates(rows, per), length)


def keys(faces: Sequence[Face], **options: Any) -> list[str]:
    """Of the shortlists, in their order."""
    found: list[str] = listed(faces, **options)["key"].to_pylist()
    return found


@pytest.mark.parametrize(
    ("yaw", "pitch", "angle"),
    [
        (0, 0, 0),
        (25, 0, 25),
        (0, -25, 25),
        (90, 0, 90),
        (90, 45, 90),
        (180, 0, 180),
        (-120, 0, 120),
        (60, -40, 67.48),
        (30, 30, 41.41),
    ],
)
def test_the_angle_is_that_of_the_facing_direction(yaw: float, pitch: float, angle: float) -> None:
    found = facing_angle(np.array([yaw], np.float64), np.array([pitch], np.float64))
    assert found == pytest.approx([angle], abs=0.01)


def test_rejects_are_no_candidates_and_their_people_are_not_forgotten() -> None:
    rows = table([reject("bob/1"), face("ann/1"), reject("ann/2")])
    found = candidates(rows, "identity")
    assert found.rows.tolist() == [1]
    assert found.groups.to_pylist() == [
        {"identity": "ann", "clip": None, "found": 1},
        {"identity": "bob", "clip": None, "found": 0},
    ]


def test_a_picture_of_two_people_is_nobodys() -> None:
    faces = [
        face("ann/1", sha256="shared"),
        face("ann/2"),
        face("ann/3", sha256="shared"),
        face("bob/1", sha256="shared"),
        face("bob/1", sha256="shared", face_index=1),
        face("cy/1", sha256="also shared"),
        face("dan/1", sha256="also shared"),
    ]
    found = candidates(table(faces), "identity")
    assert found.rows.tolist() == [1]
    assert (found.conflicts, found.duplicates) == (2, 0)
    assert [key.split("/")[0] for key in found.example] == ["ann", "bob"]
    assert found.groups["found"].to_pylist() == [3, 2, 1, 1]


def test_a_picture_of_two_people_may_be_kept_as_each_ones() -> None:
    faces = [
        face("ann/1", sha256="shared"),
        face("ann/2", sha256="shared"),
        face("bob/1", sha256="shared"),
    ]
    found = candidates(table(faces), "identity", keep_conflicts=True)
    assert found.rows.tolist() == [0, 2]
    assert (found.conflicts, found.duplicates, found.example) == (0, 1, ())


def test_without_conflicts_there_is_no_example() -> None:
    assert candidates(table([face("ann/1")]), "identity").example == ()


def test_of_copies_the_least_key_stays() -> None:
    faces = [
        face("ann/3", sha256="same", face_index=1),
        face("ann/3", sha256="same"),
        face("ann/1", sha256="same", face_index=1),
        face("ann/1", sha256="same"),
        face("ann/2", sha256="other"),
    ]
    found = candidates(table(faces), "identity")
    assert found.rows.tolist() == [3, 2, 4]
    assert (found.conflicts, found.duplicates) == (0, 2)


def test_a_copy_in_another_clip_stays() -> None:
    faces = [
        face("ann/x/1", clip="x", sha256="same"),
        face("ann/y/1", clip="y", sha256="same"),
        face("ann/y/2", clip="y", sha256="same"),
    ]
    assert keys(faces, per="identity") == ["ann/x/1"]
    assert keys(faces, per="clip") == ["ann/x/1", "ann/y/1"]


def test_clips_are_groups_of_their_own_and_so_are_faces_without() -> None:
    faces = [
        face("ann/loose", clip=None),
        face("ann/b/1", clip="b"),
        face("ann/a/1", clip="a"),
        face("ann/a/2", clip="a", yaw=10),
        face("a/b/1", clip="b"),
    ]
    found = candidates(table(faces), "clip")
    groups = [(row["identity"], row["clip"]) for row in found.groups.to_pylist()]
    assert groups == [("a", "b"), ("ann", "a"), ("ann", "b"), ("ann", None)]
    shown = listed(faces, per="clip")
    assert shown["group"].to_pylist() == [0, 1, 1, 2, 3]
    assert shown["key"].to_pylist() == ["a/b/1", "ann/a/1", "ann/a/2", "ann/b/1", "ann/loose"]


def test_the_shortlist_is_the_most_frontal_of_each() -> None:
    faces = [face(f"{who}/{yaw}", yaw=yaw) for yaw in (40, -2, 9, -30, 5) for who in ("bob", "ann")]
    assert keys(faces, length=3) == ["ann/-2", "ann/5", "ann/9", "bob/-2", "bob/5", "bob/9"]
    assert listed(faces, length=1)["angle"].to_pylist() == pytest.approx([2, 2])


def test_opposite_angles_do_not_cancel() -> None:
    faces = [face("ann/1", yaw=60, pitch=-40, roll=-20), face("ann/2", yaw=20, pitch=10, roll=15)]
    assert keys(faces, length=1) == ["ann/2"]


def test_ties_go_to_the_lesser_key_and_face() -> None:
    faces = [
        face("ann/10", yaw=-5),
        face("ann/2", yaw=5),
        face("ann/1", yaw=5, face_index=1),
        face("ann/1", yaw=-5),
    ]
    shown = listed(faces, length=3)
    found = zip(shown["key"].to_pylist(), shown["face_index"].to_pylist(), strict=True)
    assert list(found) == [("ann/1", 0), ("ann/1", 1), ("ann/10", 0)]


def test_names_beyond_ascii_sort_by_code_point() -> None:
    assert keys([face("é/1"), face("z/1"), face("Z/1")]) == ["Z/1", "z/1", "é/1"]


@pytest.mark.parametrize(
    "faces",
    [[reject("ann/1")], [face("ann/1", sha256="x"), face("bob/1", sha256="x")]],
    ids=["no face", "all in conflict"],
)
def test_nobody_in_question_is_an_empty_shortlist(faces: list[Face]) -> None:
    assert keys(faces) == []
