"""Keys that come twice, found among hashes, against a plain dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from faceprep.verify.keys import KeyList, Keys, Twice, hash_of, repeated


def keys_of(file: str, keys: list[str], step: int = 1) -> Keys:
    found = KeyList(file)
    for number, key in enumerate(keys):
        found.add(key, number * step)
    return found.keys()


def expected(files: list[list[str]]) -> set[Twice]:
    first: dict[str, str] = {}
    found = set()
    for number, keys in enumerate(files):
        for record, key in enumerate(keys):
            here = f"record {record} of {number}"
            if first.setdefault(key, here) != here:
                found.add(Twice(str(number), record, first[key]))
    return found


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=5))
def test_every_key_that_came_before_is_told_with_its_first_place(files: list[list[str]]) -> None:
    found = list(repeated([keys_of(str(n), keys) for n, keys in enumerate(files)]))
    assert len(found) == len(set(found))
    assert set(found) == expected(files)


@given(st.sets(st.text(max_size=5), max_size=200))
def test_keys_that_differ_are_no_repetition(keys: set[str]) -> None:
    assert list(repeated([keys_of("a", list(keys))])) == []


def test_a_record_keeps_its_number_when_others_could_not_be_read() -> None:
    found = list(repeated([keys_of("a", ["x", "y"], 10), keys_of("b", ["z", "y"], 7)]))
    assert found == [Twice("b", 7, "record 10 of a")]


def test_hashes_are_the_same_in_every_process() -> None:
    assert hash_of(b"face") == 6065101708541880799
