"""A run is judged by people whom it has not seen, or its report says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.evaluate.leak import Choice, People, choose_folds, read_people
from faceprep.evaluate.options import EvaluateOptions
from faceprep.train import run_folder

if TYPE_CHECKING:
    from pathlib import Path

FOLDS = {fold: frozenset({f"{fold}a", f"{fold}b"}) for fold in range(1, 5)}
SEEN = People(frozenset({"1a", "1b", "2a"}), frozenset({"3b"}))
NOBODY = People(frozenset({"somebody else"}), frozenset())


def chosen(seen: People = SEEN, **options: object) -> Choice:
    asked = EvaluateOptions(**options)  # type: ignore[arg-type]
    folds = {fold: FOLDS[fold] for fold in asked.wanted or FOLDS}
    return choose_folds(folds, seen, asked, "shards")


def test_folds_with_anybody_from_training_are_left_out() -> None:
    found = chosen()
    assert found.folds == (3, 4)
    assert found.left_out == {1: 2, 2: 1}
    assert found.validated == (3,)
    assert not found.warning
    assert found.leak_json() is None


def test_all_folds_are_judged_where_nobody_is_known() -> None:
    assert chosen(NOBODY) == Choice((1, 2, 3, 4))


def test_folds_that_were_asked_for_are_judged_if_they_are_clean() -> None:
    found = chosen(folds="4")
    assert (found.folds, dict(found.left_out)) == ((4,), {})


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        ("2,4", r"trained on 1 of the people of fold 02, .*--folds, .*--allow-leak"),
        ("1-4", r"trained on 3 of the people of folds 01, 02, "),
    ],
)
def test_folds_with_people_from_training_are_refused(folds: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        chosen(folds=folds)


def test_where_no_fold_is_clean_it_is_refused() -> None:
    every = People(frozenset().union(*FOLDS.values()), frozenset())
    with pytest.raises(InputError, match="trained on 8 of the people of folds 01, 02, 03, 04"):
        chosen(every)


@pytest.mark.parametrize(("folds", "judged"), [("auto", (1, 2, 3, 4)), ("2-3", (2, 3))])
def test_a_leak_that_is_allowed_is_warned_of(folds: str, judged: tuple[int, ...]) -> None:
    found = chosen(folds=folds, allow_leak=True)
    assert found.folds == judged
    assert not found.left_out
    leak = found.leak_json()
    assert leak is not None
    assert leak["people"] == (3 if folds == "auto" else 1)
    assert leak["folds"] == ([1, 2] if folds == "auto" else [2])
    assert "say nothing of how it does on people whom it has never seen" in found.warning
    assert leak["warning"] == found.warning


def test_no_warning_where_leaks_are_allowed_and_none_is() -> None:
    assert chosen(folds="3-4", allow_leak=True).leak_json() is None


def test_people_are_read_from_the_run(tmp_path: Path) -> None:
    rows = 'identity,split\n001,train\n"a, b",train\n007,validation\n009,test\n'
    (tmp_path / run_folder.PEOPLE).write_text(rows)
    assert read_people(str(tmp_path)) == People(frozenset({"001", "a, b"}), frozenset({"007"}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing, so whom the run was trained on is not known"),
        (b"who,what\n001,train\n", "not readable"),
        (b"\xff\xfe", "not readable"),
        (b"identity,split\n001,validation\n", "nobody of the split train"),
        (b"", "nobody of the split train"),
    ],
)
def test_a_list_of_people_that_is_none_is_an_error(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / run_folder.PEOPLE).write_bytes(content)
    with pytest.raises(InputError, match=f"people.csv: {words}"):
        read_people(str(tmp_path))
