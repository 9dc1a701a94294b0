"""Which shards, which folds; and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from faceprep.errors import InputError, UsageError
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.sources import fingerprint, open_data
from tests.train.siamese.small_faces import small_cfp_shards, small_triplet_shards
from tests.train.small_pairs import small_pairs

if TYPE_CHECKING:
    from pathlib import Path

EMBED = SiameseOptions()
PAIRWISE = SiameseOptions(head="concat", loss="two")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of shards with CFP and triplets."""
    folder = tmp_path_factory.mktemp("sources")
    small_triplet_shards(folder, first_person=100)
    return small_cfp_shards(folder, folds=4)


def members(root: Path | str, options: SiameseOptions) -> dict[str, list[str]]:
    (shards,) = open_data([str(root)], options, bar=False)
    return {s: [m.name for m in shards.members(s)] for s in ("train", "validation", "test")}


def test_the_last_folds_judge(root: Path) -> None:
    assert members(root, EMBED) == {
        "train": ["ff01", "ff02", "fp01", "fp02"],
        "validation": ["ff03", "fp03"],
        "test": ["ff04", "fp04"],
    }


def test_of_ten_folds_they_are_those_of_the_record(tmp_path: Path) -> None:
    found = members(small_cfp_shards(tmp_path, folds=10), EMBED)
    assert found["train"][:6] == [f"ff0{n}" for n in range(1, 7)]
    assert found["validation"] == ["ff07", "ff08", "fp07", "fp08"]
    assert found["test"] == ["ff09", "ff10", "fp09", "fp10"]


def test_folds_can_be_chosen(root: Path) -> None:
    options = SiameseOptions(train_folds="2,4", validation_folds="1", test_folds="3-3")
    assert members(root, options)["train"] == ["ff02", "ff04", "fp02", "fp04"]
    assert members(root, options)["test"] == ["ff03", "fp03"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"test_folds": "9"}, InputError, "no fold 9 (there are 1-4)"),
        ({"test_folds": "x"}, UsageError, "write folds as"),
        ({"train_folds": "1-4"}, UsageError, "fold 3 is for train and for validation"),
    ],
)
def test_folds_that_cannot_be(
    root: Path, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words.replace("(", r"\(").replace(")", r"\)")):
        members(root, SiameseOptions(**options))


def test_triplets_have_splits_of_their_own(root: Path) -> None:
    options = SiameseOptions(data="triplets")
    assert members(root, options) == {s: [s] for s in ("train", "validation", "test")}
    assert members(root / "triplets", EMBED)["train"] == ["train"]


def test_shards_for_the_autoencoder_are_refused(tmp_path: Path) -> None:
    small_pairs(tmp_path)
    for location in (tmp_path / "shards", tmp_path / "shards" / "pairs"):
        with pytest.raises(InputError, match="pairs for the autoencoder"):
            open_data([str(location)], EMBED, bar=False)


def test_what_is_not_there(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        open_data([str(tmp_path / "none")], EMBED, bar=False)
    only = small_triplet_shards(tmp_path)
    with pytest.raises(InputError, match="has triplets, but no cfp; make them with"):
        open_data([str(only)], EMBED, bar=False)


def test_several_sets_are_for_people_alone(root: Path, tmp_path: Path) -> None:
    other = str(small_triplet_shards(tmp_path, first_person=500) / "triplets")
    data = open_data([str(root), other], EMBED, bar=False)
    assert [each.data_set for each in data] == ["cfp", "triplets"]
    assert [each.extract["layout"] for each in data] == ["cfp", "identity"]
    assert fingerprint(data) not in {each.fingerprint for each in data}
    with pytest.raises(UsageError, match="learns from the people of several"):
        open_data([str(root), other], PAIRWISE, bar=False)


def test_faces_must_be_cut_out_alike(root: Path, tmp_path: Path) -> None:
    other = small_pairs(tmp_path, size=48)
    with pytest.raises(InputError, match=r"cut out otherwise.*size 32 and 48"):
        open_data([str(root), str(other)], EMBED, bar=False)
