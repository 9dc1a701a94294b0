"""Pairs: what is a feature of which target, and why the rest is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.errors import InputError
from faceprep.shard.options import SHARES, PairOptions
from faceprep.shard.pairs import plan_pairs
from faceprep.shard.splits import HashSplit, parse_shares
from tests.shard.tables import crowd, face, named, table, targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.shard.plan import Contents
    from tests.shard.tables import Face

    Chosen = Mapping[str, str | None]

ALL = HashSplit({"all": 1.0}, 0)
THREE = HashSplit(parse_shares(SHARES), 0)


def plan(faces: Sequence[Face], chosen: Chosen, per: str = "identity", **options: Any) -> Contents:
    return plan_pairs(table(faces), targets(chosen, per), ALL, PairOptions(**options))


def faces_called(words: str) -> list[Face]:
    """`ann/1=x` shows picture x, which others may show too; `ann/1` one of its own."""
    return [face(key, picture=x or None) for key, _, x in (w.partition("=") for w in words.split())]


def targets_called(words: str) -> Chosen:
    """By their first folders; `bob/-` for none."""
    return {key.split("/")[0]: None if key.endswith("-") else key for key in words.split()}


def pairs_of(contents: Contents) -> list[str]:
    return [f"{row['feature']} > {row['target']}" for row in named(contents)]


def features_of(contents: Contents) -> list[str]:
    return [row["feature"] for row in named(contents)]


def told(contents: Contents) -> dict[str, int]:
    """What was left out, without what was not."""
    return {name: count for name, count in contents.counts.items() if count}


ANN = "ann/1 ann/2 ann/3"
COPIES = "ann/1 ann/2=x ann/3=x ann/4"
DISPUTED = "ann/1 ann/2=x bob/1=x bob/2 bob/3"
CASES = {
    "the target is not its own feature": (
        (ANN, "ann/2", ""),
        ["ann/1 > ann/2", "ann/3 > ann/2"],
        {"targets_themselves": 1},
    ),
    "but when asked for": (
        (ANN, "ann/2", "include_target"),
        ["ann/1 > ann/2", "ann/2 > ann/2", "ann/3 > ann/2"],
        {},
    ),
    "one face is no pair": (
        ("ann/1 ann/2 bob/1", "ann/2 bob/1", "include_target"),
        ["ann/1 > ann/2", "ann/2 > ann/2"],
        {"singletons": 1},
    ),
    "one face is its own feature when asked for": (
        ("ann/1 ann/2 bob/1", "ann/2 bob/1", "include_singletons"),
        ["ann/1 > ann/2", "bob/1 > bob/1"],
        {"targets_themselves": 1},
    ),
    "but not one too far from frontal": (
        ("ann/1 ann/2 bob/1", "ann/2 bob/-", "include_singletons"),
        ["ann/1 > ann/2"],
        {"targets_themselves": 1, "without_target": 1},
    ),
    "a copy": (
        (COPIES, "ann/1", ""),
        ["ann/2 > ann/1", "ann/4 > ann/1"],
        {"targets_themselves": 1, "duplicates": 1},
    ),
    "a later copy of the target": (
        (COPIES, "ann/2", "include_target"),
        ["ann/1 > ann/2", "ann/2 > ann/2", "ann/4 > ann/2"],
        {"duplicates": 1},
    ),
    "an earlier copy of the target": (
        (COPIES, "ann/3", ""),
        ["ann/1 > ann/3", "ann/4 > ann/3"],
        {"targets_themselves": 1, "duplicates": 1},
    ),
    "a picture under two identities": (
        (DISPUTED, "ann/1 bob/2", ""),
        ["bob/3 > bob/2"],
        {"targets_themselves": 1, "singletons": 1, "conflicts": 2, "conflicting_pictures": 1},
    ),
    "kept when asked for": (
        (DISPUTED, "ann/1 bob/2", "keep_conflicts"),
        ["ann/2 > ann/1", "bob/1 > bob/2", "bob/3 > bob/2"],
        {"targets_themselves": 2, "conflicting_pictures": 1},
    ),
    "people without a target, or without a word on it": (
        (f"{ANN} cid/1 cid/2 dan/1 dan/2", "ann/2 cid/-", ""),
        ["ann/1 > ann/2", "ann/3 > ann/2"],
        {"targets_themselves": 1, "without_target": 4},
    ),
    "a further face of an image": (
        ("ann/1 ann/1#1 ann/2 ann/2#1", "ann/2#1", ""),
        ["ann/1 > ann/2#1", "ann/1#1 > ann/2#1", "ann/2 > ann/2#1"],
        {"targets_themselves": 1},
    ),
}


@pytest.mark.parametrize(("case", "pairs", "left_out"), CASES.values(), ids=CASES)
def test_pairs(case: tuple[str, str, str], pairs: list[str], left_out: dict[str, int]) -> None:
    faces, chosen, option = case
    options: dict[str, Any] = dict.fromkeys(option.split(), True)
    for rows in (faces_called(faces), faces_called(faces)[::-1]):
        contents = plan(rows, targets_called(chosen), **options)
        assert pairs_of(contents) == pairs
        assert told(contents) == left_out


def test_a_record_is_called_as_its_feature() -> None:
    contents = plan(faces_called(ANN), {"ann": "ann/2"})
    assert (contents.data_set, contents.slots) == ("pairs", ("feature", "target"))
    assert [row["key"] for row in named(contents)] == ["ann/1", "ann/3"]


@pytest.mark.parametrize("keep", [False, True])
def test_a_picture_under_two_identities_is_named(keep: bool) -> None:
    contents = plan(faces_called(DISPUTED), targets_called("ann/1 bob/2"), keep_conflicts=keep)
    assert contents.conflicts == (("ann/2", "bob/1"),)


CLIPS = [
    *(face(key, clip="x") for key in ("ann/x/1", "ann/x/2", "bob/x/1", "bob/x/2")),
    *(face(key, clip="y") for key in ("ann/y/1", "ann/y/2")),
    *(face(key) for key in ("ann/1", "ann/2")),
]


def test_each_clip_may_have_a_target_of_its_own() -> None:
    by_clip = {"ann": "ann/1", "ann:x": "ann/x/2", "ann:y": "ann/y/1", "bob:x": None}
    contents = plan(CLIPS, by_clip, per="clip")
    assert pairs_of(contents) == [
        "ann/2 > ann/1",
        "ann/x/1 > ann/x/2",
        "ann/y/2 > ann/y/1",
    ]
    assert told(contents) == {"targets_themselves": 3, "without_target": 2}


def test_or_all_clips_of_a_person_have_one() -> None:
    contents = plan(CLIPS, {"ann": "ann/x/2", "bob": "bob/x/1"})
    assert [row["target"] for row in named(contents)] == ["ann/x/2"] * 5 + ["bob/x/1"]


def test_all_pairs_of_a_person_are_in_one_split() -> None:
    faces = crowd(*[3] * 60)
    chosen = targets({row["identity"]: row["key"] for row in faces})
    contents = plan_pairs(table(faces), chosen, THREE, PairOptions())
    found = {(row["feature"].split("/")[0], row["split"]) for row in named(contents)}
    assert found == {(row["identity"], THREE(row["identity"])) for row in faces}
    assert contents.splits == ("train", "validation", "test")


@pytest.mark.parametrize(
    ("faces", "chosen", "words"),
    [
        ("", "", "0 faces."),
        ("bob/1", "bob/1", "1 faces; left out: 1 singletons."),
        (ANN, "ann/-", "3 faces; left out: 3 without target."),
        ("ann/1=x ann/2=x", "ann/1", "2 faces; left out: 1 duplicates, 1 singletons."),
    ],
)
def test_without_any_pair_the_reasons_are_told(faces: str, chosen: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(faces_called(faces), targets_called(chosen))
    assert str(caught.value).startswith(f"no pair can be made of {words} Two faces of a person")


FRONTALS = [face(f"ann/{number:02d}", yaw=number / 10 - 2.55) for number in range(51)]
TURNED = [face("ann/left", yaw=-80), face("ann/right", yaw=75), face("ann/half", yaw=40)]


@pytest.mark.parametrize("seed", range(8))
def test_the_few_of_many_are_spread_over_yaw(seed: int) -> None:
    contents = plan([*FRONTALS, *TURNED], {"ann": "ann/25"}, max_per_identity=5, seed=seed)
    yaws = {row["key"]: row["yaw"] for row in (*FRONTALS, *TURNED)}
    left, *middle, half, right = sorted(yaws[key] for key in features_of(contents))
    assert (left, half, right) == (-80, 40, 75)
    assert np.sign(middle).tolist() == [-1, 1]
    assert told(contents) == {"targets_themselves": 1, "beyond_max_per_identity": 48}


def test_another_seed_is_another_choice() -> None:
    choices = {
        tuple(features_of(plan(FRONTALS, {"ann": "ann/25"}, max_per_identity=5, seed=seed)))
        for seed in range(8)
    }
    assert len(choices) == 8


def test_each_person_has_a_limit_of_their_own() -> None:
    chosen = targets_called("00/00 01/00 02/00")
    contents = plan(crowd(9, 3, 4), chosen, max_per_identity=3)
    people = [feature.split("/")[0] for feature in features_of(contents)]
    assert people == ["00"] * 3 + ["01"] * 2 + ["02"] * 3
    assert told(contents) == {"targets_themselves": 3, "beyond_max_per_identity": 5}


FACES = st.lists(
    st.builds(
        lambda person, number, yaw, picture, clip: face(
            f"{person}/{number}", yaw, f"picture {picture}", clip=clip
        ),
        st.integers(0, 4),
        st.integers(0, 40),
        st.floats(-180, 180),
        st.integers(0, 60),
        st.sampled_from(["", "x", "y"]),
    ),
    max_size=40,
    unique_by=lambda row: row["key"],
)
OPTIONS = st.fixed_dictionaries(
    {
        "include_target": st.booleans(),
        "include_singletons": st.booleans(),
        "keep_conflicts": st.booleans(),
        "max_per_identity": st.integers(0, 6),
        "per": st.sampled_from(["identity", "clip"]),
    }
)


def group_of(row: Face, per: str) -> str:
    return f"{row['identity']}:{row['clip']}" if per == "clip" else row["identity"]


@settings(deadline=None)
@given(FACES, OPTIONS, st.randoms(), st.data())
def test_whatever_the_faces(
    faces: list[Face], options: dict[str, Any], random: Any, data: st.DataObject
) -> None:
    group = {row["key"]: group_of(row, options["per"]) for row in faces}
    members: dict[str, list[str | None]] = {of: [None] for of in group.values()}
    for key, of in group.items():
        members[of].append(key)
    chosen = {of: data.draw(st.sampled_from(keys)) for of, keys in members.items()}
    try:
        contents = plan(faces, chosen, **options)
    except InputError:
        return
    pairs, counts = named(contents), dict(contents.counts)
    features = features_of(contents)
    assert len(features) == len({*features})
    assert all(row["target"] == chosen[group[row["feature"]]] for row in pairs)
    assert len(contents.conflicts) == counts.pop("conflicting_pictures")
    assert len(features) + sum(counts.values()) == len(faces)
    of_each = np.unique([key.split("/")[0] for key in features], return_counts=True)[1]
    assert max(of_each) <= (options["max_per_identity"] or len(faces))
    assert named(plan(random.sample(faces, len(faces)), chosen, **options)) == pairs


def test_a_person_whose_files_are_copies_has_one_face() -> None:
    contents = plan(
        faces_called("ann/1=x ann/2=x"), targets_called("ann/1"), include_singletons=True
    )
    assert [(row["feature"], row["target"]) for row in named(contents)] == [("ann/1", "ann/1")]
