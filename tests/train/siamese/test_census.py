"""Who is where, and how many pairs of each kind."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.train.siamese.census import Census, check, take_census
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.sources import SPLITS, open_data
from tests.train.siamese.small_faces import small_cfp_shards, small_triplet_shards
from tests.train.small_pairs import small_pairs

if TYPE_CHECKING:
    from pathlib import Path

SOUND = Census(
    {"train": ("a", "b"), "validation": ("c", "d"), "test": ("e", "f")},
    dict.fromkeys(SPLITS, 2),
    dict.fromkeys(SPLITS, 2),
)


def test_of_a_protocol(tmp_path: Path) -> None:
    data = open_data([str(small_cfp_shards(tmp_path))], SiameseOptions(), bar=False)
    found = take_census(data, SPLITS)
    assert found.people["train"] == ("000", "001", "002", "003", "004", "005")
    assert found.people["test"] == ("009", "010", "011")
    assert found.genuine == {"train": 16, "validation": 8, "test": 8} == found.impostor
    check(found, "there")


def test_of_triplets_and_of_people_to_train_on(tmp_path: Path) -> None:
    triplets = small_triplet_shards(tmp_path / "a") / "triplets"
    more = small_pairs(tmp_path / "b", identities=6)
    data = open_data([str(triplets), str(more)], SiameseOptions(), bar=False)
    found = take_census(data, SPLITS)
    assert found.people["train"][:4] == ("000", "001", "002", "003")
    assert found.people["train"][4:] == tuple(f"person_{n:03d}" for n in range(4))
    assert found.genuine["train"] == found.impostor["train"] == 4


def test_a_person_on_both_sides_is_refused() -> None:
    people = {**SOUND.people, "validation": ("b", "c")}
    with pytest.raises(InputError, match=r"1 people are in train and in validation \(b\)"):
        check(dataclasses.replace(SOUND, people=people), "there")


def test_one_kind_alone_is_refused() -> None:
    with pytest.raises(InputError, match="there: test FF has no impostor pairs; both kinds"):
        check(dataclasses.replace(SOUND, lacking=("test FF has no impostor pairs",)), "there")


def test_each_protocol_needs_both_kinds(tmp_path: Path) -> None:
    data = open_data(
        [str(small_cfp_shards(tmp_path, only_genuine="ff04"))], SiameseOptions(), bar=False
    )
    assert take_census(data, SPLITS).lacking == ("test FF has no impostor pairs",)
