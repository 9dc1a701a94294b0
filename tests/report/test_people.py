"""Who is shown is drawn by name; which of their faces, by angle."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from faceprep.report.contents import Face
from faceprep.report.people import MOST_FACES, draw, people
from tests.inspect.made import face, no_face
from tests.report.some_faces import chosen, names, rows_of, target

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.report.rows import Rows

CROWD = [face(f"{person}/{number}", person) for person in "abcdefgh" for number in range(2)]


def shown(rows: Rows, places: int) -> list[str]:
    return [rows.title(each.group) for each in draw(rows, chosen(rows), places)]


def test_a_smaller_sample_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, *CROWD)
    everybody = shown(rows, 16)
    assert sorted(everybody) == list("abcdefgh")
    assert everybody != sorted(everybody)
    for places in range(17):
        assert shown(rows, places) == everybody[: places // 2]


def test_who_is_drawn_does_not_depend_on_who_else_is_there(tmp_path: Path) -> None:
    some = rows_of(tmp_path / "some", *CROWD[:8])
    everybody = rows_of(tmp_path / "everybody", *CROWD)
    order = shown(everybody, 16)
    assert shown(some, 16) == [name for name in order if name in "abcd"]


def test_the_target_is_first_then_by_angle(tmp_path: Path) -> None:
    faces = [face(str(yaw), "ann", yaw=float(yaw), pitch=0.0) for yaw in (30, -10, 0, -50)]
    rows = rows_of(tmp_path, *faces)
    (ann,) = draw(rows, chosen(rows, target("ann", "-10")), 10)
    assert names(rows, ann.faces) == ["-10", "0", "30", "-50"]


def test_of_many_faces_a_spread_over_the_angles(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, *(face(f"{n:03}", "ann", yaw=n / 2, pitch=0.0) for n in range(100)))
    (ann,) = draw(rows, chosen(rows, target("ann", "003")), MOST_FACES)
    found = names(rows, ann.faces)
    assert len(set(found)) == len(found) == MOST_FACES
    assert found[0] == "003"
    assert found[1:] == sorted(found[1:])
    assert {found[1], found[-1]} == {"000", "099"}
    assert max(int(b) - int(a) for a, b in pairwise(found[1:])) <= 6


@pytest.mark.parametrize(("of", "has"), [(target("ann", "a"), True), (target("ann"), False)])
def test_a_person_on_the_page(tmp_path: Path, of: dict[str, object], has: bool) -> None:
    rows = rows_of(tmp_path, face("a", "ann"), no_face("b", "ann"), no_face("c", "bob"))
    beside = chosen(rows, of, target("bob", reason="no face found"))
    album = {0: Face("a", b"", *[0.0] * 8)}
    ann, bob = people(draw(rows, beside, 9), rows, beside, album)
    assert (ann.identity, ann.count, ann.images, ann.has_target) == ("ann", 1, 1, has)
    assert (ann.faces, ann.reason) == ((album[0],), "as it was told")
    assert (ann.angle == 1.0) == has
    assert (bob.identity, bob.count, bob.images, bob.has_target) == ("bob", 0, 1, False)
    assert (bob.faces, bob.reason) == ((), "no face found")
