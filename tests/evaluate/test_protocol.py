"""What the shards of CFP's protocol say: who is in a fold, whose centre stands in, which crops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.evaluate.protocol import (
    fold_numbers_in,
    read_crops,
    read_fold,
    read_folds,
    splits_of,
)
from tests.evaluate.small_protocol import keys, opened, people_of, small_protocol
from tests.verify.build import flip

if TYPE_CHECKING:
    from pathlib import Path


def test_folds_are_those_with_pairs(tmp_path: Path) -> None:
    shards = opened(small_protocol(tmp_path, folds=2, protocols=["FF"]))
    assert fold_numbers_in(shards) == (1, 2)
    assert splits_of(shards, 2) == {"FF": "ff02"}
    assert splits_of(shards, 3) == {}


def test_no_fold_is_read_but_those_that_are_wanted(tmp_path: Path) -> None:
    folder = small_protocol(tmp_path, folds=4)
    shards = opened(folder)
    assert sorted(read_folds(shards)) == [1, 2, 3, 4]
    flip(folder / "cfp" / "1.0.0" / "cfp-fp02.tfrecord-00000-of-00001", 400)
    assert {fold: found.people for fold, found in read_folds(shards, [1, 4]).items()} == {
        fold: people_of(fold) for fold in (1, 4)
    }
    with pytest.raises(InputError, match="cfp-fp02"):
        read_folds(shards, [2])


def test_a_fold_that_is_not_there_is_named(tmp_path: Path) -> None:
    shards = opened(small_protocol(tmp_path))
    there = r"shards.* has no pairs of folds 05, 09; there are: folds 01, 02, 03"
    with pytest.raises(InputError, match=there):
        read_folds(shards, (2, 5, 9))


def test_people_and_stand_ins_of_a_fold(tmp_path: Path) -> None:
    found = read_fold(opened(small_protocol(tmp_path)), 2)
    assert found.people == people_of(2)
    assert found.stand_ins == {"FF": (), "FP": ("003/profile/02.jpg",)}


def test_crops_are_those_of_the_pairs_asked_for(tmp_path: Path) -> None:
    shards = opened(small_protocol(tmp_path))
    pair = keys("FP", 1)[4]
    found = read_crops(shards, ["fp01", "fp02"], {pair.key})
    assert list(found) == [pair.key]
    assert found[pair.key].first == pair.first.image
    assert found[pair.key].second == pair.second.image


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    folder = small_protocol(tmp_path)
    shards = opened(folder)
    flip(folder / "cfp" / "1.0.0" / "cfp-fp02.tfrecord-00000-of-00001", 400)
    with pytest.raises(InputError, match=r"cfp-fp02.*: record 0: .*'faceprep verify' tells more"):
        read_fold(shards, 2)
    assert read_fold(shards, 1).people == people_of(1)
