"""Triplets: who may be drawn for whom, how often, and always the same."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.errors import InputError
from faceprep.shard.options import SHARES, TripletOptions
from faceprep.shard.splits import HashSplit, RangeSplit, parse_ranges, parse_shares
from faceprep.shard.triplets import plan_triplets
from tests.shard.tables import crowd, face, named, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.shard.plan import Contents
    from tests.shard.tables import Face

ALL = HashSplit({"all": 1.0}, 0)
NOTHING = "no triplet can be drawn: no split has two people, one of them with two faces"


def plan(faces: Sequence[Face], split: HashSplit | RangeSplit = ALL, **options: Any) -> Contents:
    return plan_triplets(table(faces), split, TripletOptions(**options))


def ranges(text: str) -> RangeSplit:
    return RangeSplit(parse_ranges(text))


def person(key: str) -> str:
    return key.split("/")[0]


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=12),
    st.integers(1, 3),
    st.integers(0, 3),
    st.randoms(),
)
def test_whatever_the_faces(sizes: list[int], per_face: int, seed: int, random: Any) -> None:
    faces = crowd(*sizes)
    split = HashSplit({"one": 0.5, "two": 0.5}, seed)
    people = Counter(split(who) for who in {row["identity"] for row in faces})
    expected = {
        f"{row['key']}@{number}"
        for row in faces
        for number in range(per_face)
        if sizes[int(row["identity"])] > 1 and people[split(row["identity"])] > 1
    }
    if not expected:
        with pytest.raises(InputError):
            plan(faces, split, per_face=per_face, seed=seed)
        return
    triplets = named(plan(faces, split, per_face=per_face, seed=seed))
    assert {row["key"] for row in triplets} == expected
    assert len(triplets) == len(expected)
    for row in triplets:
        anchor, positive, negative = (person(row[s]) for s in ("anchor", "positive", "negative"))
        assert row["key"].rpartition("@")[0] == row["anchor"] != row["positive"]
        assert anchor == positive != negative
        assert split(anchor) == split(negative) == row["split"]
    mixed = plan(random.sample(faces, len(faces)), split, per_face=per_face, seed=seed)
    assert named(mixed) == triplets


def test_the_draw_does_not_change_by_accident() -> None:
    triplets = named(plan(crowd(2, 2, 2)))
    assert [(row["anchor"], row["positive"], row["negative"]) for row in triplets] == [
        ("00/00", "00/01", "01/00"),
        ("00/01", "00/00", "02/01"),
        ("01/00", "01/01", "00/00"),
        ("01/01", "01/00", "00/01"),
        ("02/00", "02/01", "00/01"),
        ("02/01", "02/00", "00/00"),
    ]


def test_another_seed_is_another_draw() -> None:
    draws = [named(plan(crowd(*[5] * 8), seed=seed)) for seed in (0, 1)]
    same = sum(one == other for one, other in zip(*draws, strict=True))
    assert same < 8  # of 40; one in 140 by chance


def test_all_others_of_a_person_are_drawn_alike() -> None:
    triplets = named(plan(crowd(5, 1), per_face=1000))
    drawn = Counter((row["anchor"], row["positive"]) for row in triplets)
    assert len(drawn) == 5 * 4
    assert all(abs(count - 250) < 60 for count in drawn.values())


def test_all_other_people_are_drawn_alike_however_many_faces_they_have() -> None:
    triplets = named(plan(crowd(2, 1, 30, 4), per_face=1000))
    negatives = [row["negative"] for row in triplets if person(row["anchor"]) == "00"]
    people, faces = Counter(map(person, negatives)), Counter(negatives)
    assert all(abs(people[who] - 667) < 80 for who in ("01", "02", "03"))
    assert len(faces) == 1 + 30 + 4
    assert all(abs(faces[f"03/0{number}"] - 167) < 50 for number in range(4))


def test_a_record_has_three_faces() -> None:
    contents = plan(crowd(2, 2))
    assert (contents.data_set, contents.slots) == ("triplets", ("anchor", "positive", "negative"))
    assert len(contents.records) == 4


VIEWS = [
    *crowd(2, 3, view="frontal"),
    *(face(f"0{who}/p{number}", view="profile") for who in range(3) for number in range(4)),
    face("02/00", view="frontal"),
]


def test_frontal_faces_alone_may_be_drawn() -> None:
    triplets = named(plan(VIEWS, views="frontal", per_face=50))
    used = {row[slot] for row in triplets for slot in ("anchor", "positive", "negative")}
    assert used == {row["key"] for row in VIEWS if row["view"] == "frontal"}
    assert len(triplets) == 50 * (2 + 3)


def test_or_faces_of_all_views() -> None:
    triplets = named(plan(VIEWS, per_face=50))
    used = {row[slot] for row in triplets for slot in ("anchor", "positive", "negative")}
    assert used == {row["key"] for row in VIEWS}


def test_views_that_nobody_labelled_cannot_be_chosen() -> None:
    with pytest.raises(InputError) as caught:
        plan(crowd(2, 2), views="frontal")
    assert str(caught.value) == (
        "--views frontal: no face has that label; the layout cfp and tables with a column view have "
        "labels"
    )


def test_people_outside_the_ranges_are_left_out_and_counted() -> None:
    contents = plan(crowd(2, 3, 2, 2, 5, 1), ranges("low=0-1,high=3-4"), per_face=20)
    found = {(row["split"], person(row["anchor"])) for row in named(contents)}
    assert found == {("low", "00"), ("low", "01"), ("high", "03"), ("high", "04")}
    assert {person(row["negative"]) for row in named(contents)} == {"00", "01", "03", "04"}
    assert contents.splits == ("low", "high")
    assert contents.counts["outside_splits"] == 2 + 1


def test_ranges_need_people_with_numbers() -> None:
    with pytest.raises(InputError, match="identity 'ann' is no number"):
        plan([*crowd(2, 2), face("ann/1")], ranges("all=0-9"))


def test_people_are_drawn_from_within_their_split() -> None:
    split = HashSplit(parse_shares(SHARES), 0)
    triplets = named(plan(crowd(*[2] * 80), split, per_face=10))
    assert {row["split"] for row in triplets} == set(split.names)
    for row in triplets:
        assert {split(person(row[slot])) for slot in ("anchor", "positive", "negative")} == {
            row["split"]
        }


def test_a_split_of_one_person_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    contents = plan(crowd(2, 2, 4), ranges("two=0-1,one=2-2"))
    assert {row["split"] for row in named(contents)} == {"two"}
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [
        "split one has one person, so there are no negatives"
    ]


COPIED = [face("ann/1", picture="x"), face("ann/2", picture="x"), face("ann/3"), face("bob/1")]
DISPUTED = [
    face("ann/1", picture="x"),
    face("bob/1", picture="x"),
    face("bob/2", picture="x"),
    *(face(key) for key in ("ann/2", "ann/3", "bob/3", "bob/4")),
]


@pytest.mark.parametrize(
    ("faces", "out", "counts", "conflicts"),
    [
        (COPIED, {"ann/2"}, {"duplicates": 1, "no_anchors": 1}, ()),
        (
            DISPUTED,
            {"ann/1", "bob/1", "bob/2"},
            {"conflicts": 3, "conflicting_pictures": 1},
            (("ann/1", "bob/1"),),
        ),
    ],
    ids=["copies", "conflicts"],
)
def test_a_picture_counts_once_and_for_one_person(
    faces: list[Face],
    out: set[str],
    counts: dict[str, int],
    conflicts: tuple[tuple[str, str], ...],
) -> None:
    contents = plan(faces, per_face=30)
    triplets = named(contents)
    used = {row[slot] for row in triplets for slot in ("anchor", "positive", "negative")}
    assert used == {row["key"] for row in faces} - out
    assert {name: count for name, count in contents.counts.items() if count} == counts
    assert contents.conflicts == conflicts


@pytest.mark.parametrize(
    ("faces", "split"),
    [
        ([], ALL),
        (crowd(9), ALL),
        (crowd(1, 1, 1), ALL),
        (crowd(5, 5), ranges("one=0-0,other=1-1")),
        (crowd(5, 5), ranges("nobody=100-200")),
        ([face("ann/1", picture="x"), face("ann/2", picture="x"), face("bob/1")], ALL),
    ],
    ids=["no faces", "one person", "one face each", "alone in a split", "outside", "copies"],
)
def test_where_nothing_can_be_drawn_it_is_said(
    faces: list[Face], split: HashSplit | RangeSplit
) -> None:
    with pytest.raises(InputError) as caught:
        plan(faces, split)
    assert str(caught.value) == NOTHING
