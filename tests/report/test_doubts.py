"""What is doubtful is found among everybody, counted whole and shown in part, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.report.contents import Doubt, Doubts, Face
from faceprep.report.doubts import Case, Kind, conflicts, find, turned, uneven, without
from tests.inspect.made import face, no_face
from tests.report.some_faces import chosen, names, rows_of, target

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.report.rows import Rows

CROP = 160


def seen(rows: Rows, kind: Kind) -> list[tuple[str, list[str]]]:
    return [(case.title, names(rows, case.faces)) for case in kind.cases]


def test_targets_that_are_turned_away(tmp_path: Path) -> None:
    people = {"ann": 12.0, "bob": 3.0, "cid": 19.5, "dan": 10.0}
    rows = rows_of(tmp_path, *(face(f"{name}/1", name) for name in people))
    of = (
        target(name, f"{name}/1", angle=angle, angle_source="mesh")
        for name, angle in people.items()
    )
    found = turned(rows, chosen(rows, *of), most=1)
    assert found.count == 2
    assert seen(rows, found) == [("cid", ["cid/1"])]
    assert found.cases[0].words == "19.5° off, by the mesh"
    assert "all 4 targets" in found.words


def test_two_best_that_are_far_apart(tmp_path: Path) -> None:
    sharpness = {"a1": 100.0, "a2": 6400.0, "b1": 900.0, "b2": 100.0, "c1": 100.0, "c2": 200.0}
    rows = rows_of(
        tmp_path,
        *(face(key, key[0], n, sharpness=s) for n, (key, s) in enumerate(sharpness.items())),
    )
    of = (target(x, f"{x}1", runner_up=f"{x}2", runner_up_angle=4.0) for x in "abc")
    found = uneven(rows, chosen(rows, *of), CROP, most=9)
    assert found.count == 2
    assert seen(rows, found) == [("a", ["a1", "a2"]), ("b", ["b1", "b2"])]
    assert [case.words.partition(";")[0] for case in found.cases] == [
        "the target is 8 times worse",
        "the target is 3 times better",
    ]
    assert found.cases[0].words.endswith("the target is 1° off, the runner-up 4°")


@pytest.mark.parametrize("sharpness", [None, 0.0, float("nan")])
def test_a_quality_that_is_not_known(tmp_path: Path, sharpness: float | None) -> None:
    rows = rows_of(tmp_path, face("a1", "a", 1, sharpness=sharpness), face("a2", "a", 2))
    of = target("a", "a1", runner_up="a2", runner_up_angle=4.0)
    found = uneven(rows, chosen(rows, of), CROP, most=9)
    told = ["the target has no sharpness at all"] if sharpness == 0.0 else []
    assert [case.words.partition(";")[0] for case in found.cases] == told


def test_people_without_a_target(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        *(face(f"a{n}", "ann", n, yaw=30.0 + n, pitch=0.0) for n in range(6)),
        face("b", "bob", 9),
        face("c", "cid", 10),
        no_face("d", "dan"),
    )
    beside = chosen(
        rows,
        target("ann", best_angle=30.0, reason="turned away"),
        target("bob", best_angle=80.0, reason="turned further"),
        target("cid", "c"),
        target("dan", reason="no face found"),
    )
    found = without(rows, beside, most=3)
    assert found.count == 3
    assert [case.words for case in found.cases] == [
        "turned further",
        "turned away",
        "no face found",
    ]
    assert seen(rows, found) == [("bob", ["b"]), ("ann", ["a0", "a1", "a2", "a3"]), ("dan", [])]


def test_one_picture_under_two_names(tmp_path: Path) -> None:
    copies = {"a/1": "ann", "a/2": "ann", "b/1": "bob", "c/1": "cid", "d/1": "dan"}
    rows = rows_of(
        tmp_path,
        *(face(key, of, sha256="f" * 64) for key, of in copies.items()),
        *(face(key, key, 3) for key in ("x", "y")),
        face("z", "ann", 4),
        *(face(f"lost/{name}", name, sha256=None) for name in ("ann", "bob")),
    )
    found = conflicts(rows, most=9)
    assert found.count == 2
    assert seen(rows, found) == [
        ("ann and bob and cid and dan", ["a/1", "b/1", "c/1", "d/1"]),
        ("x and y", ["x", "y"]),
    ]
    assert found.cases[0].words == "the same picture under 4 people"
    assert conflicts(rows, most=1).count == 2
    assert len(conflicts(rows, most=1).cases) == 1


def test_a_picture_under_very_many_names(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, *(face(f"{n}", f"{n}", sha256="f" * 64) for n in range(9)))
    (case,) = conflicts(rows, most=9).cases
    assert case.title == "0, 1, 2 and 6 more"
    assert names(rows, case.faces) == ["0", "1", "2", "3"]


def test_without_targets_only_conflicts_are_looked_for(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, face("a", "ann"))
    assert len(find(rows, chosen(rows, target("ann", "a")), CROP, 9)) == 4
    nothing = chosen(rows, target("ann", "a"))
    none = type(nothing)("", None, nothing.faces, nothing.runners_up)
    assert [kind.title for kind in find(rows, none, CROP, 9)] == ["One picture under two names"]


def test_a_kind_as_the_page_has_it() -> None:
    album = {7: Face("a", b"x", *[0.0] * 8)}
    kind = Kind("title", "words", 5, (Case("ann", "why", (7,)),))
    doubt = Doubt("ann", "why", (album[7],))
    assert kind.shown(album) == Doubts("title", "words", 5, (doubt,))
