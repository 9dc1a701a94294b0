"""What is found in a data set and in a shard; whole and damaged."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from faceprep import records
from faceprep.inspect.run import RECORDS, inspect
from tests.inspect.made import SIDE, damage, make_data_set

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.inspect.report import Inspection

KINDS = tuple(records.EXAMPLES)


def words(found: Inspection) -> list[str]:
    return [" ".join(record.words) for record in found.records]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_a_data_set_is_counted_by_split(tmp_path: Path, kind: str, compression: str) -> None:
    lengths = {"train": (2, 1), "validation": (1,)}
    made = make_data_set(tmp_path, kind, lengths, compression=compression)
    found = inspect(str(made.folder))
    assert found.what.startswith(f"the data set {kind}: ")
    splits = {name: (s["examples"], s["shards"]) for name, s in found.facts["splits"].items()}
    assert splits == {"train": (3, 2), "validation": (1, 1)}
    assert all(split["bytes"] > 1000 for split in found.facts["splits"].values())
    assert found.facts["finished"] is True
    assert len(found.records) == RECORDS
    assert not any("damaged" in each for each in words(found))


@pytest.mark.parametrize("kind", KINDS)
def test_a_data_set_shows_its_features(tmp_path: Path, kind: str) -> None:
    schema = inspect(str(make_data_set(tmp_path, kind, {"train": (1,)}).folder)).schema
    expected = [feature.name for feature in records.features(records.EXAMPLES[kind])]
    assert [column.name for column in schema] == expected
    types = {column.name.rpartition("/")[2]: column.type for column in schema}
    assert (types["image"], types["yaw"], types["found"]) == ("image", "float", "bool")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (0, []),
        (1, ["train 0"]),
        (3, ["train 0", "validation 0", "test 0"]),
        (4, ["train 0", "train 1", "validation 0", "test 0"]),
        (6, ["train 0", "train 1", "validation 0", "test 0", "test 1", "test 0"]),
        (7, ["train 0", "train 1", "train 0", "validation 0", "test 0", "test 1", "test 0"]),
    ],
)
def test_the_first_records_of_each_split_are_shown(
    tmp_path: Path, wanted: int, expected: list[str]
) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (2, 1), "validation": (1,), "test": (2, 2)})
    found = inspect(str(made.folder), records=wanted)
    where = [record.where.removeprefix("pairs-") for record in found.records]
    assert [f"{w.partition('.')[0]} {w.rpartition(' ')[2]}" for w in where] == expected


def test_a_pair_is_told_as_feature_and_target(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1,)})
    values = made.examples["train"][0]
    feature, target = inspect(str(made.folder)).records[0].words
    assert feature.startswith(
        f"feature {values['feature/key']} (identity {values['feature/identity']}, clip "
    )
    assert f"{SIDE}×{SIDE} jpeg, {len(values['feature/image']):,} bytes" in feature
    assert target.startswith(f"-> target {values['target/key']} (")
    assert "the centre of the image stands in" in target
    assert "yaw" not in target


@pytest.mark.parametrize(("label", "expected"), [(1, "the same person"), (0, "different people")])
def test_a_verification_pair_tells_protocol_fold_and_label(
    tmp_path: Path, label: int, expected: str
) -> None:
    changes: dict[str, Any] = {"label": label, "fold": 7, "protocol": "FP", "key": "FP/07/1"}
    made = make_data_set(tmp_path, "cfp", {"train": (1,)}, **changes)
    head, first, second = inspect(str(made.folder)).records[0].words
    assert head == f"FP, fold 7, {expected} (FP/07/1)"
    assert first.startswith("first ")
    assert second.startswith("second ")


def test_a_triplet_is_told_by_its_roles(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "triplets", {"train": (1,)})
    roles = [line.partition(" ")[0] for line in inspect(str(made.folder)).records[0].words]
    assert roles == ["anchor", "positive", "negative"]


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_the_images_of_records_are_saved_by_role(tmp_path: Path, ending: str) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1,), "test": (1,)}, ending=ending)
    out = tmp_path / "out"
    inspect(str(made.folder), records=2, save=str(out))
    names = [
        f"{number}-{role}.{ending}" for number in ("000", "001") for role in ("feature", "target")
    ]
    assert sorted(path.name for path in out.glob("0*")) == names
    saved = (out / f"001-target.{ending}").read_bytes()
    assert saved == made.examples["test"][0]["target/image"]
    assert Image.open(BytesIO(saved)).size == (SIDE, SIDE)


def test_values_of_records_are_json_with_null_for_nan(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1,)})
    content = json.loads(json.dumps(inspect(str(made.folder)).as_json(), allow_nan=False))
    values = content["records"][0]["values"]
    assert values["target/yaw"] is None
    assert values["feature/found"] is True
    assert values["feature/image"]["format"] == "jpeg"
    assert values["key"] == made.examples["train"][0]["key"]


def test_an_unfinished_data_set_shows_the_shards_that_are_there(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1, 1)}, finished=False)
    (made.folder / "pairs-train.tfrecord-00001-of-00002").unlink()
    found = inspect(str(made.folder))
    assert found.facts["finished"] is False
    assert found.facts["splits"] == {"train": {"shards": 1, "shards_planned": 2}}
    assert len(found.records) == 1


def test_a_missing_shard_is_noted(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1, 1)})
    (made.folder / "pairs-train.tfrecord-00000-of-00002").unlink()
    found = inspect(str(made.folder))
    assert found.notes == (
        "pairs-train.tfrecord-00000-of-00002: missing; 'faceprep verify' tells more",
    )
    assert found.records[0].where == "pairs-train.tfrecord-00001-of-00002 record 0"


@pytest.mark.parametrize(
    ("place", "shown", "fault"),
    [
        (3, 2, "record 0: damaged: the checksum of its length is wrong"),
        (500, 4, "record 0: damaged: the checksum of its content is wrong"),
        (-1, 4, "record 1: damaged: the checksum of its content is wrong"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, place: int, shown: int, fault: str) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (2,), "test": (1,), "other": (1,)})
    damage(made.folder / "pairs-train.tfrecord-00000-of-00001", place)
    found = inspect(str(made.folder), records=4)
    told = [f"{record.where}: {' '.join(record.words)}" for record in found.records]
    assert sum("damaged" not in each for each in told) == 3 if shown == 4 else 2
    bad = next(each for each in told if "damaged" in each)
    assert bad.startswith(f"pairs-train.tfrecord-00000-of-00001 {fault}")
    assert bad.endswith("'faceprep verify' tells more")


def test_a_record_of_something_else_is_named(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1,)})
    other = make_data_set(tmp_path, "cfp", {"train": (1,)})
    (shard,) = other.folder.glob("cfp-train*")
    (made.folder / "pairs-train.tfrecord-00000-of-00001").write_bytes(shard.read_bytes())
    assert words(inspect(str(made.folder)))[0].startswith("damaged: feature ")


@pytest.mark.parametrize("compression", ["none", "GZIP"])
@pytest.mark.parametrize("alone", [False, True])
def test_one_shard_is_shown_alone(tmp_path: Path, compression: str, alone: bool) -> None:
    made = make_data_set(tmp_path, "cfp", {"train": (2, 1)}, compression=compression)
    path = made.folder / "cfp-train.tfrecord-00001-of-00002"
    if alone:
        path = path.rename(tmp_path / path.name)
    found = inspect(str(path))
    assert found.what == "one shard of the data set cfp"
    facts: dict[str, Any] = {"split": "train", "shard": "1 of 0 to 1", "compression": compression}
    assert found.facts.items() >= (facts if alone else facts | {"examples": 1}).items()
    assert f"({made.examples['train'][2]['key']})" in words(found)[0]
