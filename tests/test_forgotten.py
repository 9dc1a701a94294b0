"""The list of people who are to be kept out: what is on it, and what it does not tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faceprep import forgotten
from faceprep.errors import InputError
from faceprep.forgotten import Forgotten

LIST = Forgotten("5a17").begun_with(["ann", "zoë"])


def test_it_knows_whom_it_holds_and_spells_nobody() -> None:
    assert LIST.among(["ann", "Ann", "bob", "zoë"]) == {"ann", "zoë"}
    text = json.dumps(LIST.into({"format": 2}), ensure_ascii=False)
    assert "ann" not in text
    assert "zoë" not in text


def test_it_grows_and_ends() -> None:
    done = LIST.done()
    assert done.begun_with(["bob"]).among(["ann", "bob"]) == {"ann", "bob"}
    assert [LIST.finished, done.finished, done.begun_with([]).finished] == [False, True, False]


def test_it_comes_back_out_of_a_manifest() -> None:
    described = json.loads(json.dumps(LIST.into({"format": 2, "counts": None})))
    assert forgotten.read("extract.json", described) == LIST
    assert described["format"] == 2


def test_each_folder_has_a_salt_of_its_own() -> None:
    one, other = (forgotten.read("extract.json", {}).begun_with(["ann"]) for _ in range(2))
    assert one.people.isdisjoint(other.people)
    assert not forgotten.read("extract.json", {}).holds("ann")


@pytest.mark.parametrize("content", [{}, [], "x", {"salt": "1", "people": 3, "finished": True}])
def test_a_list_that_cannot_be_read_is_not_taken_for_an_empty_one(content: Any) -> None:
    with pytest.raises(
        InputError, match=r"faces/extract\.json: its list of people .* not readable"
    ):
        forgotten.read("faces/extract.json", {"forgotten": content})


def test_a_folder_in_which_it_is_not_finished_is_refused() -> None:
    forgotten.refuse_unfinished("extract.json", {})
    forgotten.refuse_unfinished("extract.json", LIST.done().into({}))
    with pytest.raises(InputError, match=r"extract\.json: people are being forgotten"):
        forgotten.refuse_unfinished("extract.json", LIST.into({}))
