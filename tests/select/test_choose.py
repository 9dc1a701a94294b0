"""The rules, by tables; and whatever the faces: near the best, and whatever their order, the same."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import records
from faceprep.faces.pose import Pose, facing_angle
from faceprep.select.candidates import candidates, shortlist
from faceprep.select.choose import NEAR, Listed, choose, targets
from faceprep.select.choose import table as target_table
from faceprep.select.options import SelectOptions
from tests.select.tables import face, reject, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.select.tables import Face

CROP = 160


def listed(key: str, angle: float, quality: float = 1.0, mesh: bool = True) -> Listed:
    pose = Pose(angle, 0.0, 0.0)
    return Listed(key, 0, angle, 0.0, 0.0, pose if mesh else None, angle, quality)


def select(
    faces: Sequence[Face], mesh: Mapping[str, Pose | None] | None = None, **options: Any
) -> list[records.TargetRow]:
    """Everything but files and processes: `mesh` says by key what differs from the stored pose."""
    rows, chosen, seen = table(faces), SelectOptions(**options), mesh or {}
    found = candidates(rows, chosen.per)
    short = shortlist(rows, found, chosen.shortlist)
    poses = [
        seen.get(row["key"], Pose(row["yaw"], row["pitch"], row["roll"]))
        for row in short.to_pylist()
    ]
    return targets(found, short, poses, CROP, chosen)


@pytest.mark.parametrize(
    ("faces", "best", "near", "chosen"),
    [
        pytest.param([listed("a", 5)], "a", 1, "a", id="alone"),
        pytest.param([listed("a", 5), listed("b", 2, 9)], "b", 2, "b", id="better in both"),
        pytest.param([listed("a", 5, 9), listed("b", 2)], "b", 2, "a", id="quality, exactly 3°"),
        pytest.param([listed("a", 5.01, 9), listed("b", 2)], "b", 1, "b", id="just not near"),
        pytest.param(
            [listed("a", 6, 9), listed("b", 5, 8), listed("c", 2.5)], "c", 2, "b", id="best of near"
        ),
        pytest.param([listed("b", 4), listed("a", 4)], "a", 2, "a", id="a tie: the key"),
        pytest.param([listed("b", 3), listed("a", 4)], "b", 2, "a", id="a tie in quality: the key"),
        pytest.param([listed("a", 20.5, 9), listed("b", 19)], "b", 1, "b", id="beyond the limit"),
        pytest.param([listed("a", 20), listed("b", 40)], "a", 1, "a", id="at the limit"),
        pytest.param([listed("a", 20.5), listed("b", 40)], "a", 0, None, id="nobody within it"),
        pytest.param(
            [listed("a", 1, 9, mesh=False), listed("b", 3)], "b", 1, "b", id="refused by the mesh"
        ),
        pytest.param(
            [listed("a", 1, mesh=False), listed("b", 35)], "b", 0, None, id="refused for good"
        ),
        pytest.param(
            [listed("a", 1, mesh=False), listed("b", 2, 9, mesh=False)],
            "a",
            2,
            "b",
            id="all refused",
        ),
    ],
)
def test_choice(faces: list[Listed], best: str, near: int, chosen: str | None) -> None:
    for order in (faces, faces[::-1]):
        found = choose(order, max_angle=20.0)
        assert (found.best.key, found.near) == (best, near)
        assert (found.face.key if found.face else None) == chosen


def test_a_target_row_says_all_there_is_to_say() -> None:
    faces = [face("ann/1", 10, 5, sharpness=400.0), face("ann/2", 12), face("ann/3", 50)]
    mesh = {"ann/1": Pose(3.0, 4.0, 0.0), "ann/2": Pose(4.0, 0.0, 0.0)}
    [row] = select(faces, mesh)
    assert dataclasses.asdict(row) == {
        "identity": "ann",
        "clip": None,
        "key": "ann/1",
        "face_index": 0,
        "yaw": 10.0,
        "pitch": 5.0,
        "roll": 0.0,
        "mesh_yaw": 3.0,
        "mesh_pitch": 4.0,
        "angle": pytest.approx(4.998, abs=1e-3),
        "angle_source": "mesh",
        "best_angle": pytest.approx(4.0),
        "quality": pytest.approx(2000.0),
        "runner_up": "ann/2",
        "runner_up_angle": pytest.approx(4.0),
        "faces": 3,
        "shortlist": 3,
        "reason": "best in quality of 2 within 3° of the most frontal, at 5.0°",
    }


@pytest.mark.parametrize(
    ("faces", "mesh", "chosen", "reason"),
    [
        ([face("p/1", 2)], {}, "p/1", "the only face, at 2.0°"),
        ([face("p/1", 2), face("p/2", 9)], {}, "p/1", "most frontal, at 2.0°"),
        (
            [face("p/1", 2, score=0.9), face("p/2", 3, score=0.8)],
            {},
            "p/1",
            "most frontal, and best in quality of 2 within 3°, at 2.0°",
        ),
        (
            [face("p/1", 2, score=0.8), face("p/2", 3, score=0.9)],
            {},
            "p/2",
            "best in quality of 2 within 3° of the most frontal, at 3.0°",
        ),
        (
            [face("p/1", 34.2), face("p/2", 50)],
            {},
            None,
            "no face within 20°: the best, p/1, is at 34.2°",
        ),
        (
            [face("p/1", 2), face("p/2", 9)],
            {"p/1": None, "p/2": None},
            "p/1",
            "most frontal, at 2.0° by the keypoints, since the mesh refuses all",
        ),
        (
            [face("p/1", 30, face_index=2)],
            {"p/1": None},
            None,
            "no face within 20°: the best, p/1#2, is at 30.0° by the keypoints, since the mesh "
            "refuses all",
        ),
        ([reject("p/1")], {}, None, "no face found"),
    ],
)
def test_the_reason_is_said_in_words(
    faces: list[Face], mesh: dict[str, Pose | None], chosen: str | None, reason: str
) -> None:
    [row] = select(faces, mesh)
    assert (row.key, row.reason) == (chosen, reason)


def test_who_has_only_pictures_in_conflict_has_no_target() -> None:
    faces = [face("ann/1", sha256="x"), face("bob/1", sha256="x"), face("bob/2")]
    ann, bob = select(faces)
    assert (ann.key, ann.faces, ann.best_angle) == (None, 0, None)
    assert ann.reason == "its pictures are under other identities too"
    assert bob.key == "bob/2"


def test_where_the_mesh_refuses_all_the_stored_angle_is_given() -> None:
    [row] = select([face("ann/1", 7.0)], {"ann/1": None})
    assert (row.angle_source, row.mesh_yaw, row.mesh_pitch) == ("keypoints", None, None)
    assert row.angle == pytest.approx(7.0)


def test_without_a_target_the_best_angle_is_still_said() -> None:
    [row] = select([face("ann/1", 50), face("ann/2", 40)])
    assert row.best_angle == pytest.approx(40)
    assert (row.key, row.angle, row.angle_source, row.runner_up) == (None, None, None, None)
    assert (row.faces, row.shortlist) == (2, 2)


@pytest.mark.parametrize(
    ("others", "mesh", "runner_up"),
    [
        ([], {}, None),
        ([face("p/2", 4), face("p/3", 3)], {}, "p/2"),
        ([face("p/2", 9), face("p/3", 4)], {}, "p/3"),
        ([face("p/2", 50)], {}, None),
        ([face("p/2", 4, face_index=1)], {}, "p/2#1"),
        ([face("p/2", 4), face("p/3", 5, score=0.5)], {"p/2": None}, "p/3"),
        ([face("p/2", 4)], {"p/2": None}, "p/2"),
    ],
    ids=["nobody", "key", "angle", "too far", "a further face", "by mesh", "by keypoints alone"],
)
def test_the_runner_up_is_who_would_be_chosen_without_the_target(
    others: list[Face], mesh: dict[str, Pose | None], runner_up: str | None
) -> None:
    [row] = select([face("p/1", 1), *others], mesh)
    assert (row.key, row.runner_up) == ("p/1", runner_up)
    assert (row.runner_up_angle is None) == (runner_up is None)


def test_opposite_angles_do_not_cancel() -> None:
    faces = [face("ann/1", 60, -40, roll=-20), face("ann/2", 15, 8, roll=3)]
    [row] = select(faces)
    assert row.key == "ann/2"


def test_everybody_has_a_row_in_order() -> None:
    faces = [face("bob/1"), face("ann/b/1", clip="b"), face("ann/a/1", clip="a"), face("ann/1")]
    assert [row.identity for row in select(faces)] == ["ann", "bob"]
    rows = select(faces, per="clip")
    assert [(row.identity, row.clip) for row in rows] == [
        ("ann", "a"),
        ("ann", "b"),
        ("ann", None),
        ("bob", None),
    ]
    found = target_table(rows)
    assert found.schema == records.target_schema()
    assert found["key"].to_pylist() == ["ann/a/1", "ann/b/1", "ann/1", "bob/1"]


ANGLES = (-90.0, -40.0, -6.0, -3.0, 0.0, 1.0, 2.5, 4.0, 5.0, 20.0, 60.0)


def picture(who: str, name: int, copy: int, pose: tuple[float, float], score: float) -> Face:
    """A face; what shows the same pose may be the same picture."""
    return face(f"{who}/{name}", *pose, sha256=f"{pose} {copy}", score=score)


FACES = st.lists(
    st.builds(
        picture,
        st.sampled_from("ab"),
        st.integers(0, 30),
        st.integers(0, 2),
        st.tuples(st.sampled_from(ANGLES), st.sampled_from(ANGLES)),
        st.sampled_from([0.5, 0.75, 1.0]),
    ),
    min_size=1,
    max_size=24,
    unique_by=lambda row: row["key"],
)


@given(FACES, st.sampled_from([0.0, 4.0, 20.0, 90.0]), st.integers(1, 24), st.randoms())
def test_targets_are_near_the_best_and_the_order_of_the_rows_does_not_count(
    faces: list[Face], max_angle: float, length: int, random: Any
) -> None:
    rows = select(faces, max_angle=max_angle, shortlist=length)
    best = best_angles(faces)
    for row in rows:
        assert row.best_angle == pytest.approx(best.get(row.identity))
        assert (row.key is None) == (row.best_angle is None or row.best_angle > max_angle)
        if row.angle is not None and row.best_angle is not None:
            assert row.angle <= min(row.best_angle + NEAR, max_angle)
    mixed = random.sample(faces, len(faces))
    assert select(mixed, max_angle=max_angle, shortlist=length) == rows


def best_angles(faces: list[Face]) -> dict[str, float]:
    """The smallest angle of each identity, over its undisputed faces."""
    owners: dict[str, set[str]] = {}
    for row in faces:
        owners.setdefault(row["sha256"], set()).add(row["identity"])
    best: dict[str, float] = {}
    for row in faces:
        if len(owners[row["sha256"]]) == 1:
            angle = float(facing_angle(np.array([row["yaw"]]), np.array([row["pitch"]]))[0])
            best[row["identity"]] = min(angle, best.get(row["identity"], 360.0))
    return best
