"""The layout of TensorFlow Datasets: what it writes itself, we write, and what we write, it reads."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import dataset_folder, example, records, storage, tfrecord
from faceprep.dataset_folder import ImageForm, Shard, Split, parse_shard
from faceprep.errors import InputError
from tests.inspect.made import SIDE, example_values, make_data_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KINDS = tuple(records.EXAMPLES)
EXAMPLES = 3
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)


@pytest.mark.parametrize(
    ("shard", "name"),
    [
        (Shard("pairs", "train", 17, 304), "pairs-train.tfrecord-00017-of-00304"),
        (Shard("cfp", "validation", 0, 1), "cfp-validation.tfrecord-00000-of-00001"),
    ],
)
def test_a_shard_is_named_by_its_place(shard: Shard, name: str) -> None:
    assert shard.name == name
    assert parse_shard(name) == shard


@given(st.builds(Shard, NAMES, NAMES, st.integers(0, 99_999), st.integers(1, 99_999)))
def test_a_shard_is_known_by_its_name(shard: Shard) -> None:
    assert parse_shard(shard.name) == shard


@pytest.mark.parametrize(
    "name",
    [
        "shard.json",
        ".pairs-train.tfrecord-00000-of-00001.tmp-~vm~1~a",
        "pairs-train.tfrecord-00000-of-00001.gz",
        "pairs-train.tfrecord-0-of-1",
        "pairs.tfrecord-00000-of-00001",
        "pairs-train.array_record-00000-of-00001",
    ],
)
def test_other_files_are_no_shards(name: str) -> None:
    assert parse_shard(name) is None


def test_data_sets_are_found_from_their_folder_and_from_above(tmp_path: Path) -> None:
    for kind in ("triplets", "pairs"):
        make_data_set(tmp_path, kind, {"train": (1,)})
    (tmp_path / "pairs" / "0.9.0").mkdir()
    (tmp_path / "other" / "1.0.0").mkdir(parents=True)

    def found(path: Path) -> list[str]:
        return dataset_folder.version_folders(str(path), storage.names(str(path)))

    assert found(tmp_path) == ["pairs/1.0.0", "triplets/1.0.0"]
    assert found(tmp_path / "pairs") == ["1.0.0"]
    assert found(tmp_path / "pairs" / "1.0.0") == [""]
    assert found(tmp_path / "other") == found(tmp_path / "nowhere") == []


def test_the_shards_of_a_folder_are_found_among_its_files(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1, 1), "test": (1,)})
    expected = {Shard("pairs", "train", n, 2) for n in range(2)} | {Shard("pairs", "test", 0, 1)}
    assert dataset_folder.shards_in(str(made.folder)) == expected
    assert dataset_folder.shards_in(str(tmp_path / "nowhere")) == set()


def test_a_split_knows_its_shards() -> None:
    split = Split("train", (3, 2), 100)
    assert split.examples == 5
    assert split.shards("cfp") == [Shard("cfp", "train", 0, 2), Shard("cfp", "train", 1, 2)]


SPLITS = {"train": Split("train", (2, 1), 2**40), "test": Split("test", (1,), 7)}


def test_splits_come_back_from_their_description(tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_bytes(dataset_folder.info("pairs", SPLITS))
    assert dataset_folder.read_splits(str(tmp_path)) == SPLITS


@pytest.mark.parametrize(
    "content",
    [None, b"", b"[]", b"{}", b'{"splits": 3}', b'{"splits": [{"name": "train"}]}', b"\xff"],
)
def test_a_description_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "dataset_info.json").write_bytes(content)
    with pytest.raises(InputError, match=r"dataset_info\.json: not readable .*not finished"):
        dataset_folder.read_splits(str(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_descriptions_are_the_same_each_time(kind: str) -> None:
    image = ImageForm(160, "png")
    assert dataset_folder.info(kind, SPLITS) == dataset_folder.info(kind, SPLITS)
    assert dataset_folder.feature_tree(kind, image) == dataset_folder.feature_tree(kind, image)


def features_for_tfds(tfds: Any, kind: str) -> Any:
    """The features of a data set, told to tensorflow_datasets in its own words."""
    tree: dict[str, Any] = {}
    for feature in records.features(records.EXAMPLES[kind]):
        role, _, name = feature.name.rpartition("/")
        branch = tree.setdefault(role, {}) if role else tree
        branch[name] = {
            bytes: lambda doc: tfds.features.Image(
                shape=(SIDE, SIDE, 3), encoding_format="jpeg", doc=doc
            ),
            str: lambda doc: tfds.features.Text(doc=doc),
            float: lambda doc: tfds.features.Scalar(np.float32, doc=doc),
            int: lambda doc: tfds.features.Scalar(np.int64, doc=doc),
            bool: lambda doc: tfds.features.Scalar(np.bool_, doc=doc),
        }[feature.kind](feature.doc)
    return tfds.features.FeaturesDict(tree)


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as tensorflow_datasets takes them; an image as the file it is."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        role, _, leaf = name.rpartition("/")
        branch = tree.setdefault(role, {}) if role else tree
        branch[leaf] = io.BytesIO(value) if isinstance(value, bytes) else value
    return tree


@pytest.fixture(scope="module", params=KINDS)
def by_tfds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What tensorflow_datasets itself writes for one of the data sets; named like it."""
    import tensorflow_datasets as tfds

    kind: str = request.param
    described = " ".join(str(records.EXAMPLES[kind].__doc__).split())

    def info(self: Any) -> Any:
        features = features_for_tfds(tfds, kind)
        return tfds.core.DatasetInfo(builder=self, description=described, features=features)

    def examples(_: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        for number in range(EXAMPLES):
            yield number, nested(example_values(kind, "train", number))

    members = {
        "name": kind,
        "VERSION": tfds.core.Version(records.SHARDS_VERSION),
        "_info": info,
        "_split_generators": lambda self, _: {"train": examples(self)},
        "_generate_examples": examples,
    }
    builder = type(kind, (tfds.core.GeneratorBasedBuilder,), members)
    tfds.disable_progress_bar()
    root: Path = tmp_path_factory.mktemp("tfds")
    builder(data_dir=str(root)).download_and_prepare()
    return root / kind / records.SHARDS_VERSION


def parsed(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def payloads(folder: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in sorted(folder.glob("*.tfrecord-*")):
        with path.open("rb") as file:
            found += [record.payload for record in tfrecord.read_records(file)]
    return found


def test_tfds_would_write_the_same_description(by_tfds: Path, tmp_path: Path) -> None:
    kind = by_tfds.parent.name
    made = make_data_set(tmp_path, kind, {"train": (EXAMPLES,)})
    theirs, ours = (parsed(folder / "dataset_info.json") for folder in (by_tfds, made.folder))
    assert theirs.pop("moduleName") == "abc"  # of the builder's code, which ours has not
    assert ours == theirs


def test_tfds_would_write_the_same_features(by_tfds: Path) -> None:
    ours = dataset_folder.feature_tree(by_tfds.parent.name, ImageForm(SIDE, "jpeg"))
    assert json.loads(ours) == parsed(by_tfds / "features.json")


def test_tfds_would_write_the_same_records(by_tfds: Path) -> None:
    kind = by_tfds.parent.name
    kinds = {feature.name: feature.kind for feature in records.features(records.EXAMPLES[kind])}
    ours = [example.encode(example_values(kind, "train", number)) for number in range(EXAMPLES)]
    # tensorflow_datasets writes the features of an example in any order
    theirs = [example.encode(example.decode(payload, kinds)) for payload in payloads(by_tfds)]
    assert sorted(ours) == sorted(theirs)


def assert_same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Hold what tensorflow_datasets read against what was written."""
    import tensorflow as tf

    for name, value in expected.items():
        role, _, leaf = name.rpartition("/")
        read = (found[role] if role else found)[leaf]
        if isinstance(value, bytes):
            assert read.shape == (SIDE, SIDE, 3)
            np.testing.assert_array_equal(read, tf.io.decode_image(value).numpy())
        elif isinstance(value, str):
            assert read.decode() == value
        else:
            np.testing.assert_equal(read, type(read)(value))


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("kind", KINDS)
def test_tfds_reads_what_we_write(tmp_path: Path, kind: str, ending: str) -> None:
    import tensorflow_datasets as tfds

    lengths = {"train": (2, 1), "validation": (1,)}
    made = make_data_set(tmp_path, kind, lengths, ending=ending)
    builder = tfds.builder_from_directory(str(made.folder))
    assert {name: split.num_examples for name, split in builder.info.splits.items()} == {
        "train": 3,
        "validation": 1,
    }
    for name, expected in made.examples.items():
        read = list(tfds.as_numpy(builder.as_dataset(split=name, shuffle_files=False)))
        assert len(read) == len(expected)
        for found, values in zip(read, expected, strict=True):
            assert_same(found, values)


def test_tfds_reads_a_slice_of_a_split(tmp_path: Path) -> None:
    import tensorflow_datasets as tfds

    made = make_data_set(tmp_path, "cfp", {"train": (2, 2)})
    builder = tfds.builder_from_directory(str(made.folder))
    (found,) = tfds.as_numpy(builder.as_dataset(split="train[2:3]"))
    assert found["key"].decode() == made.examples["train"][2]["key"]
