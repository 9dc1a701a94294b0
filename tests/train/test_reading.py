"""Encoded examples: all of them, once, in an order that the seed alone decides."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tensorflow as tf

from faceprep import example, records
from faceprep.train import reading
from faceprep.train.shards import open_shards
from tests.train.small_pairs import small_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.train.shards import TrainingShards

KINDS = {each.name: each.kind for each in records.features(records.PairExample)}


@pytest.fixture(scope="module", params=["none", "GZIP"])
def shards(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> TrainingShards:
    """Train has 32 pairs in three shards."""
    folder = tmp_path_factory.mktemp("reading")
    return open_shards(str(small_pairs(folder, size=16, compression=request.param, shards=3)))


def keys(examples: tf.data.Dataset) -> list[str]:
    return [example.decode(each, KINDS)["key"] for each in examples.as_numpy_iterator()]


def shuffled(shards: TrainingShards, seed: int) -> list[str]:
    return keys(reading.shuffled(shards, "train", np.random.default_rng(seed)))


def test_in_order_is_as_the_files_have_them(shards: TrainingShards) -> None:
    found = reading.in_order(shards, "train")
    one_by_one = [
        key
        for file in shards.files("train")
        for key in keys(tf.data.TFRecordDataset(file, shards.compression.replace("none", "")))
    ]
    assert found.cardinality() == 32
    assert keys(found) == one_by_one


def test_shuffled_has_each_record_once(shards: TrainingShards) -> None:
    in_order = keys(reading.in_order(shards, "train"))
    found = shuffled(shards, 0)
    assert found != in_order
    assert sorted(found) == sorted(in_order)


def test_the_seed_alone_decides_the_order(shards: TrainingShards) -> None:
    tf.random.set_seed(1)
    first = shuffled(shards, 0)
    tf.random.set_seed(2)
    assert shuffled(shards, 0) == first
    assert shuffled(shards, 1) != first


def test_the_buffer_is_bounded_in_bytes(
    shards: TrainingShards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one record there is nothing to choose from: the files decide."""
    monkeypatch.setattr(reading, "_BUFFER_BYTES", 1)
    monkeypatch.setattr(reading, "_BLOCK", 100)
    of_file = {
        key: n
        for n, file in enumerate(shards.files("train"))
        for key in keys(tf.data.TFRecordDataset(file, shards.compression.replace("none", "")))
    }
    found = [of_file[key] for key in shuffled(shards, 0)]
    assert sum(one != other for one, other in itertools.pairwise(found)) == 2


def test_a_record_too_few_is_an_error(shards: TrainingShards, tmp_path: Path) -> None:
    files = shards.files("train")
    with pytest.raises(tf.errors.FailedPreconditionError):
        keys(reading._whole(reading._records(shards, files[:2]), shards, "train"))


def test_parsed_takes_one_example_or_a_batch(shards: TrainingShards) -> None:
    names = ("key", "target/image")
    one = next(iter(reading.in_order(shards, "train")))
    several = next(iter(reading.in_order(shards, "train").batch(3)))
    assert reading.parsed(one, names)["key"].shape == ()
    found = reading.parsed(several, names)
    assert set(found) == set(names)
    assert found["target/image"].shape == (3,)
    assert found["key"][0] == reading.parsed(one, names)["key"]
