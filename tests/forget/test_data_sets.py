"""In which data sets people are, read off small ones that are really there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import storage
from faceprep.forget.data_sets import look, passed_over
from faceprep.records import ShardFace
from tests.inspect.made import crop
from tests.verify import build

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from faceprep.forget.summary import HoldingDataSet

PEOPLE = ("ann", "bob", "cem", "dag")


def faces_of(identity: str) -> list[ShardFace]:
    words: dict[str, Any] = {
        "clip": "",
        "view": "",
        "yaw": 1.0,
        "pitch": 2.0,
        "roll": 3.0,
        "found": True,
    }
    return [
        ShardFace(crop(n), f"{identity}/{n}.jpg", identity, frontality=90.0 + n, **words)
        for n in range(3)
    ]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs, two people in train and two in test."""
    root = tmp_path_factory.mktemp("data") / "shards"
    made = build.pairs({name: faces_of(name) for name in PEOPLE})
    folder = made.write(root / "pairs" / "1.0.0")
    options = {"compression": "none", "split": "train=0.5,test=0.5", "include_target": True}
    build.edit_json(
        folder / "shard.json",
        options=options | {"seed": 0, "shard_size": "128MB", "max_per_identity": 9},
    )
    return root


def seen(location: Path, people: Iterable[str], faces: str = "my faces") -> HoldingDataSet:
    (found,) = look(str(location), frozenset(people).__contains__, faces, bar=False) or ()
    return found


def test_records_are_counted_by_split(shards: Path) -> None:
    found = seen(shards, ["ann"])
    assert found.folder == f"{shards}/pairs/1.0.0"
    assert set(found.splits) == {"train"}
    assert found.targets == 1
    both = seen(shards / "pairs", ["ann", "dag"])
    assert both.splits["train"] == found.splits["train"]
    assert both.splits.keys() == {"train", "test"}


def test_who_is_not_in_it_is_not(shards: Path) -> None:
    assert not seen(shards, ["Ann", "an", ""]).holds


def test_the_command_makes_it_anew_as_it_was(shards: Path) -> None:
    words = shlex.split(seen(shards, ["ann"]).rebuild)
    assert words[:4] == ["faceprep", "shard", "pairs", "my faces"]
    assert words[4:7] == ["--out", str(shards), "--overwrite"]
    assert words[7:] == (
        ["--split", "train=0.5,test=0.5", "--include-target", "--max-per-identity", "9"]
    )


def test_damaged_records_hold_nobody_knows_whom(shards: Path, tmp_path: Path) -> None:
    made = build.pairs({name: faces_of(name) for name in PEOPLE})
    folder = made.write(tmp_path / "pairs" / "1.0.0")
    build.flip(next(iter(sorted(folder.glob("*-train.tfrecord-*")))), 200)
    found = seen(tmp_path, ["nobody"])
    assert (found.splits, found.unreadable, found.holds) == ({}, 1, True)


def test_a_picture_in_conflict_is_named_in_the_manifest(shards: Path, tmp_path: Path) -> None:
    made = build.pairs({name: faces_of(name) for name in PEOPLE})
    folder = made.write(tmp_path / "pairs" / "1.0.0")
    build.edit_json(folder / "shard.json", conflicts=[["eve/1.jpg", "ann/7.jpg"]])
    assert seen(tmp_path, ["eve"]).named
    assert not seen(tmp_path, ["ev"]).named


def test_crops_of_a_killed_run_are_somebodys(shards: Path, tmp_path: Path) -> None:
    folder = build.pairs({name: faces_of(name) for name in PEOPLE}).write(tmp_path / "pairs/1.0.0")
    assert not seen(tmp_path, ["nobody"]).holds
    (folder / ".spool").mkdir()
    assert seen(tmp_path, ["nobody"]).holds


def test_no_folder_is_nothing_looked_at(tmp_path: Path) -> None:
    assert look(str(tmp_path / "none"), bool, "faces", bar=False) is None
    assert look(str(tmp_path), bool, "faces", bar=False) == ()


def test_cfp_cannot_be_made_without_them(shards: Path, tmp_path: Path) -> None:
    folder = build.pairs({name: faces_of(name) for name in PEOPLE}).write(tmp_path / "pairs/1.0.0")
    build.edit_json(folder / "shard.json", data_set="cfp")
    assert seen(tmp_path, ["ann"]).rebuild.startswith("delete the folder: the published protocol")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("shard.json", "{", "shard.json: not readable"),
        ("targets.parquet", "{", "targets.parquet: "),
        ("new-train.tfrecord-00000-of-00001", "", "of a data set that this faceprep does not know"),
    ],
)
def test_a_data_set_that_cannot_be_read_may_hold_them_and_others_are_looked_into(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    made = build.pairs({name: faces_of(name) for name in PEOPLE})
    torn, whole = (made.write(tmp_path / "pairs" / version) for version in ("1.0.0", "1.0.1"))
    (torn / name).write_text(content)
    found = look(str(tmp_path), frozenset(["ann"]).__contains__, "faces", bar=False) or ()
    assert [each.folder for each in found] == [str(torn), str(whole)]
    assert words in str(found[0].fault)
    assert found[0].holds
    assert set(found[1].splits) == {"train"}


def test_records_that_nobody_reads_are_told_of(tmp_path: Path) -> None:
    made = build.pairs({name: faces_of(name) for name in PEOPLE})
    folder = made.write(tmp_path / "pairs/1.0.0")
    for place in ("deep/v1/pairs/1.0.0", "triplets/1.0.0"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "pairs-train.tfrecord-00000-of-00001").touch()
    (folder / "pairs-train.tfrecord-00000-of-00001.old").touch()
    unseen = passed_over(str(tmp_path), [seen(tmp_path, ["ann"])])
    assert unseen == (
        f"{tmp_path}/deep/v1/pairs/1.0.0",
        f"{folder}/pairs-train.tfrecord-00000-of-00001.old",
        f"{tmp_path}/triplets/1.0.0",
    )


def test_records_that_nobody_reads_are_told_of_in_a_bucket(s3_bucket: str) -> None:
    storage.write_bytes(f"{s3_bucket}/deep/v1/pairs-train.tfrecord-00000-of-00001", b"")
    assert passed_over(s3_bucket, ()) == (f"{s3_bucket}/deep/v1",)
