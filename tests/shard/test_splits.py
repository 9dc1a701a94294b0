"""Who is in which split: never in two, and there to stay."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.errors import InputError, UsageError
from faceprep.shard.options import SHARES
from faceprep.shard.splits import HashSplit, RangeSplit, assign, parse_ranges, parse_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

THREE = HashSplit(parse_shares(SHARES), 0)
NAMES = [f"person {number}" for number in range(10_000)]
PEOPLE = st.lists(st.text(max_size=8), max_size=20)


def splits_of(people: Sequence[str], split: HashSplit | RangeSplit) -> list[str | None]:
    found: list[str | None] = assign(pa.chunked_array([people], pa.string()), split).to_pylist()
    return found


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("train=1", {"train": 1.0}),
        ("train=0.8,test=0.2", {"train": 0.8, "test": 0.2}),
        (" test = 0.2 , train = .8 ", {"test": 0.2, "train": 0.8}),
        ("a=0.1,b=0.2,c=0.7", {"a": 0.1, "b": 0.2, "c": 0.7}),
        ("_1=0.333333,_2=0.333333,_3=0.333334", {"_1": 0.333333, "_2": 0.333333, "_3": 0.333334}),
        ("a=0.7,b=0.2,c=0.1", {"a": 0.7, "b": 0.2, "c": 0.1}),  # 0.9999999999999999
        ("x=1e-3,y=0.999", {"x": 0.001, "y": 0.999}),
    ],
)
def test_shares(text: str, shares: dict[str, float]) -> None:
    parsed = parse_shares(text)
    assert parsed == shares
    assert HashSplit(parsed, 0).names == tuple(shares)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "--split is '': write NAME=VALUE,NAME=VALUE"),
        ("train", "--split is 'train': write NAME=VALUE,NAME=VALUE"),
        ("train=", "--split is 'train=': write NAME=VALUE,NAME=VALUE"),
        ("=1", "--split is '=1': write NAME=VALUE,NAME=VALUE"),
        ("train=1,", "--split is 'train=1,': write NAME=VALUE,NAME=VALUE"),
        ("my-train=1", "--split is 'my-train=1': write NAME=VALUE,NAME=VALUE"),
        ("1st=1", "--split is '1st=1': write NAME=VALUE,NAME=VALUE"),
        ("a=0.5,a=0.5", "--split names 'a' twice"),
        ("a=much", "--split: 'a=much': a share is above 0 and at most 1"),
        ("a=1,b=0", "--split: 'b=0': a share is above 0 and at most 1"),
        ("a=1.5,b=-0.5", "--split: 'a=1.5': a share is above 0 and at most 1"),
        ("a=nan", "--split: 'a=nan': a share is above 0 and at most 1"),
        ("a=80,b=20", "--split: 'a=80': a share is above 0 and at most 1"),
        ("a=0.8,b=0.1", "--split is 'a=0.8,b=0.1': the shares add up to 0.9, not 1"),
        ("a=0.8,b=0.8", "--split is 'a=0.8,b=0.8': the shares add up to 1.6, not 1"),
    ],
)
def test_shares_that_are_none_are_quoted(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_shares(text)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("all=0-0", {"all": range(1)}),
        ("train=1-300,test=301-400", {"train": range(1, 301), "test": range(301, 401)}),
        ("b=10-20, a=1-9", {"b": range(10, 21), "a": range(1, 10)}),
        ("a=001-009", {"a": range(1, 10)}),
    ],
)
def test_ranges(text: str, ranges: dict[str, range]) -> None:
    parsed = parse_ranges(text)
    assert parsed == ranges
    assert RangeSplit(parsed).names == tuple(ranges)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1-300", "--identity-ranges is '1-300': write NAME=VALUE,NAME=VALUE"),
        ("a=1-2,a=3-4", "--identity-ranges names 'a' twice"),
        ("a=7", "--identity-ranges: 'a=7': write FIRST-LAST, as in 1-300"),
        ("a=9-1", "--identity-ranges: 'a=9-1': write FIRST-LAST, as in 1-300"),
        ("a=x-y", "--identity-ranges: 'a=x-y': write FIRST-LAST, as in 1-300"),
        ("a=-1-5", "--identity-ranges: 'a=-1-5': write FIRST-LAST, as in 1-300"),
        ("a=1-5,b=5-9", "--identity-ranges: a and b overlap"),
        ("b=5-9,a=1-5", "--identity-ranges: b and a overlap"),
        ("a=1-9,b=3-4", "--identity-ranges: a and b overlap"),
        ("a=3-4,c=7-8,b=1-9", "--identity-ranges: a and b overlap"),
    ],
)
def test_ranges_that_are_none_are_quoted(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ranges(text)
    assert str(caught.value) == words


def test_shares_come_out_within_two_per_cent() -> None:
    counts = Counter(splits_of(NAMES, THREE))
    for name, share in THREE.shares.items():
        assert counts[name] / len(NAMES) == pytest.approx(share, abs=0.02)


def test_another_seed_is_another_split() -> None:
    first, second = splits_of(NAMES, THREE), splits_of(NAMES, HashSplit(THREE.shares, 1))
    same = sum(a == b for a, b in zip(first, second, strict=True)) / len(NAMES)
    assert same == pytest.approx(0.8**2 + 2 * 0.1**2, abs=0.02)  # as of two that know nothing


def test_where_people_are_does_not_change_by_accident() -> None:
    people = ["ann", "bob", "person 3", "Zoë", "001", ""]
    halves = HashSplit({"a": 0.5, "b": 0.5}, 0)
    assert splits_of(people, halves) == ["a", "b", "a", "b", "b", "b"]


@settings(deadline=None)
@given(PEOPLE, PEOPLE, st.integers())
def test_a_person_stays_where_they_are_when_people_are_added(
    people: list[str], others: list[str], seed: int
) -> None:
    split = HashSplit(THREE.shares, seed)
    before = dict(zip(people, splits_of(people, split), strict=True))
    everybody = [*others, *people, *others]
    found = set(zip(everybody, splits_of(everybody, split), strict=True))
    assert found >= before.items()
    assert len(found) == len(set(everybody))  # each person in one split
    assert {name for _, name in found} <= {*split.names}


def test_who_is_beyond_all_shares_for_rounding_is_in_the_last_split() -> None:
    rounded = HashSplit({"a": 0.4, "b": 0.4}, 0)  # exaggerated
    counts = Counter(splits_of(NAMES, rounded))
    assert counts["a"] + counts["b"] == len(NAMES)
    assert counts["a"] / len(NAMES) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("1", "train"),
        ("001", "train"),
        ("300", "train"),
        ("301", "test"),
        ("0", None),
        ("401", None),
        ("9999999999999999999999", None),
    ],
)
def test_a_number_is_in_the_range_that_holds_it(identity: str, expected: str | None) -> None:
    split = RangeSplit(parse_ranges("train=1-300,test=301-400"))
    assert split(identity) == expected


@pytest.mark.parametrize("identity", ["ann", "", "1a", "-1", "1.0", " 1", "²"])
def test_an_identity_that_is_no_number_is_quoted_with_the_remedy(identity: str) -> None:
    with pytest.raises(InputError) as caught:
        splits_of(["1", identity], RangeSplit({"train": range(9)}))
    assert str(caught.value) == (
        f"identity '{identity}' is no number, so --identity-ranges cannot place it; use --split"
    )


def test_each_row_gets_the_split_of_its_identity_whatever_the_chunks() -> None:
    chunks = pa.chunked_array([["1", "5"], [], ["9", "1"]], pa.string())
    found = assign(chunks, RangeSplit({"low": range(4), "high": range(4, 8)}))
    assert found.to_pylist() == ["low", "high", None, "low"]
    assert found.type == pa.string()


def test_nobody_is_in_no_split() -> None:
    assert splits_of([], THREE) == []
