"""The pairs of a demo: always the same, from all over the splits, none that is not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.predict.demo_pairs import Chosen, choose
from faceprep.train.shards import open_shards
from tests.predict.small_siamese import PAIRS, make_protocol, make_triplets
from tests.verify.build import flip

if TYPE_CHECKING:
    from pathlib import Path

TEST = ("ff08", "fp08")


def chosen(folder: Path, count: int, data_set: str = "cfp") -> Chosen:
    splits = TEST if data_set == "cfp" else ("test",)
    return choose(open_shards(str(folder), data_set, needed=()), splits, count)


def test_more_pairs_begin_with_fewer(tmp_path: Path) -> None:
    folder = make_protocol(tmp_path / "shards")
    few, many = chosen(folder, 3), chosen(folder, 2 * PAIRS)
    assert few == Chosen(many.genuine[:3], many.impostor[:3])
    assert {pair.key for pair in many.genuine} == {
        f"{split}/same/{n}" for split in TEST for n in range(PAIRS)
    }
    assert {pair.key[:4] for pair in (*many.genuine[:6], *many.impostor[:6])} == set(TEST)
    assert all(pair.same for pair in many.genuine)
    assert not any(pair.same for pair in many.impostor)
    assert chosen(folder, 1000) == many


def test_a_triplet_is_two_pairs(tmp_path: Path) -> None:
    found = chosen(make_triplets(tmp_path / "shards"), 1000, "triplets")
    assert len(found.genuine) == len(found.impostor) == PAIRS
    for pair in found.genuine:
        assert pair.key.endswith("@0/positive")
        assert pair.first_key[:3] == pair.second_key[:3]
    for pair in found.impostor:
        assert pair.key.endswith("@0/negative")
        assert pair.first_key[:3] != pair.second_key[:3]


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    folder = make_protocol(tmp_path / "shards")
    flip(folder / "cfp-ff08.tfrecord-00000-of-00001", 300)
    with pytest.raises(InputError, match=r"cfp-ff08\.tfrecord-00000-of-00001: record 0: the check"):
        chosen(folder, 1)


def test_no_pairs(tmp_path: Path) -> None:
    shards = open_shards(str(make_protocol(tmp_path / "shards")), "cfp", needed=())
    with pytest.raises(InputError, match="no genuine pair in ff09"):
        choose(shards, ("ff09",), 1)
