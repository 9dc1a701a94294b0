"""Folds as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.errors import UsageError
from faceprep.train.siamese.folds import fold_numbers, fold_text, spoken


@pytest.mark.parametrize(
    ("text", "folds"),
    [("8", (8,)), ("1-3", (1, 2, 3)), ("1,4-6", (1, 4, 5, 6)), ("07, 07 ,1 - 2", (1, 2, 7))],
)
def test_folds_are_numbers_and_ranges(text: str, folds: tuple[int, ...]) -> None:
    assert fold_numbers("--folds", text) == folds


@pytest.mark.parametrize("text", ["", "0", "3-1", "1-", "-2", "a", "1,,2", "1.5", "1-2-3", "12345"])
def test_anything_else_is_an_error_that_names_the_option(text: str) -> None:
    with pytest.raises(UsageError, match=r"--folds is '.*'; write folds as 8, 1-3 or 1,4-6"):
        fold_numbers("--folds", text)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_folds_written_are_folds_read(folds: set[int]) -> None:
    assert fold_numbers("--folds", fold_text(folds)) == tuple(sorted(folds))


def test_folds_are_written_short() -> None:
    assert fold_text([7, 1, 2, 3, 9, 10]) == "1-3,7,9-10"


def test_folds_in_a_sentence() -> None:
    assert (spoken([7]), spoken([10, 2])) == ("fold 07", "folds 02, 10")
