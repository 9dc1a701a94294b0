"""Shards to batches: each pair once an epoch, again the same when asked again, and of the right form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf

from faceprep import example, records
from faceprep.errors import InputError
from faceprep.train import reading
from faceprep.train.dataset import (
    PairForm,
    Stream,
    evaluation_batches,
    first_pairs,
    training_stream,
)
from faceprep.train.images import decode
from faceprep.train.learning import LearningOptions
from faceprep.train.options import Shape
from faceprep.train.shards import open_shards
from tests.train.small_pairs import small_pairs
from tests.verify.build import flip

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from faceprep.train.shards import TrainingShards

FORM = PairForm(Shape(16, 16, 1), Shape(16, 16, 1))
PLAIN: dict[str, Any] = {"flip": False, "shift": 0.0, "brightness": 0.0, "noise": 0.0}
KINDS = {each.name: each.kind for each in records.features(records.PairExample)}


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> TrainingShards:
    """Train has 8 people of 4 pairs in three shards, validation and test 2 each."""
    folder = tmp_path_factory.mktemp("dataset")
    return open_shards(str(small_pairs(folder, size=16, format="png", shards=3)))


def stream_of(
    shards: TrainingShards, batch: int = 5, seed: int = 0, form: PairForm = FORM, **asked: Any
) -> Stream:
    return training_stream(
        shards, form, LearningOptions(**{**PLAIN, "batch": batch, **asked}), seed
    )


def pairs_in(shards: TrainingShards, split: str) -> list[dict[str, Any]]:
    encoded = reading.in_order(shards, split).as_numpy_iterator()
    return [example.decode(each, KINDS) for each in encoded]


def images_in(shards: TrainingShards, split: str, name: str = "feature") -> list[bytes]:
    """Each feature or target, decoded on its own, as bytes to compare and to count."""
    encoded = (tf.constant(pair[f"{name}/image"]) for pair in pairs_in(shards, split))
    return [_bytes(decode(each, FORM.feature, shards.image).numpy()) for each in encoded]


def seen(batches: tf.data.Dataset) -> list[bytes]:
    return [_bytes(feature) for features, _ in batches for feature in features.numpy()]


def _bytes(image: NDArray[np.float32]) -> bytes:
    return np.round(image * 255).astype(np.uint8).tobytes()


def everything(batches: tf.data.Dataset) -> list[NDArray[np.float32]]:
    return [array.numpy() for batch in batches for array in batch]


def same(one: list[NDArray[np.float32]], other: list[NDArray[np.float32]]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def test_each_pair_comes_once_an_epoch(shards: TrainingShards) -> None:
    found = seen(stream_of(shards, batch=8).epoch(0))
    assert len(set(found)) == 32
    assert sorted(found) == sorted(images_in(shards, "train"))


def test_feature_and_target_belong_together(shards: TrainingShards) -> None:
    of_pairs = zip(
        *(images_in(shards, "train", name) for name in ("feature", "target")), strict=True
    )
    target_of = dict(of_pairs)
    for features, targets in stream_of(shards).epoch(1):
        for feature, target in zip(features.numpy(), targets.numpy(), strict=True):
            assert target_of[_bytes(feature)] == _bytes(target)


def test_what_fills_no_batch_is_left_out(shards: TrainingShards) -> None:
    stream = stream_of(shards, batch=5)
    epoch = stream.epoch(0)
    assert stream.steps == 6
    assert epoch.cardinality() == 6
    assert [len(features) for features, _ in epoch] == [5] * 6
    left_out = [set(images_in(shards, "train")) - set(seen(stream.epoch(e))) for e in (0, 1)]
    assert [len(each) for each in left_out] == [2, 2]
    assert left_out[0] != left_out[1]


def test_fewer_pairs_than_a_batch_are_one_batch(shards: TrainingShards) -> None:
    stream = stream_of(shards, batch=100)
    assert stream.steps == 1
    assert [features.shape for features, _ in stream.epoch(0)] == [(32, 16, 16, 1)]


ALL: dict[str, Any] = {"flip": True, "shift": 0.1, "brightness": 0.2, "noise": 0.01}


def test_seed_and_epoch_decide_everything(shards: TrainingShards) -> None:
    tf.random.set_seed(1)
    first = everything(stream_of(shards, **ALL).epoch(2))
    tf.random.set_seed(2)
    assert same(everything(stream_of(shards, **ALL).epoch(2)), first)
    assert not same(everything(stream_of(shards, **ALL).epoch(3)), first)
    assert not same(everything(stream_of(shards, seed=1, **ALL).epoch(2)), first)


@pytest.mark.parametrize("step", [0, 1, 4, 6])
def test_an_epoch_goes_on_where_it_was_left(shards: TrainingShards, step: int) -> None:
    stream = stream_of(shards, **ALL)
    rest = stream.epoch(1, step)
    assert rest.cardinality() == 6 - step
    assert same(everything(rest), everything(stream.epoch(1))[2 * step :])


def test_the_order_stays_when_the_images_are_changed(shards: TrainingShards) -> None:
    plain, mirrored = (seen(stream_of(shards, flip=flipped).epoch(0)) for flipped in (False, True))
    same_place = [one == other for one, other in zip(plain, mirrored, strict=True)]
    assert 0 < sum(same_place) < len(same_place)


@pytest.mark.parametrize("compression", ["none", "GZIP"])
@pytest.mark.parametrize("form", ["jpeg", "png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_feature_and_target_have_their_own_forms(
    tmp_path: Path, form: str, channels: int, compression: str
) -> None:
    made = small_pairs(
        tmp_path, identities=3, size=40, format=form, compression=compression, shards=1
    )
    wanted = PairForm(Shape(32, 32, channels), Shape(16, 24, 4 - channels))
    opened = open_shards(str(made))
    for batches in (
        stream_of(opened, 4, form=wanted, **ALL).epoch(0),
        evaluation_batches(opened, "validation", wanted, 4),
    ):
        features, targets = next(iter(batches))
        assert features.shape == (4, *wanted.feature)
        assert targets.shape == (4, *wanted.target)
        for images in (features, targets):
            assert images.dtype == tf.float32
            assert tf.reduce_min(images) >= 0
            assert 0.2 < tf.reduce_max(images) <= 1


def test_evaluation_has_every_pair_as_it_is_in_the_order_of_the_files(
    shards: TrainingShards,
) -> None:
    batches = evaluation_batches(shards, "train", FORM, 6)
    assert batches.cardinality() == 6
    assert [len(features) for features, _ in batches] == [6] * 5 + [2]
    assert seen(batches) == images_in(shards, "train")


def test_first_pairs_are_of_different_people(shards: TrainingShards) -> None:
    features, targets = first_pairs(shards, "train", FORM, 8)
    assert features.shape == targets.shape == (8, 16, 16, 1)
    assert features.dtype == np.float32
    assert len({target.tobytes() for target in targets}) == 8
    again, _ = first_pairs(shards, "train", FORM, 8)
    assert np.array_equal(again, features)


@pytest.mark.parametrize(("count", "people", "pairs"), [(5, 2, 5), (1, 1, 1), (50, 2, 8)])
def test_first_pairs_are_filled_up(
    shards: TrainingShards, count: int, people: int, pairs: int
) -> None:
    features, targets = first_pairs(shards, "validation", FORM, count)
    assert len({feature.tobytes() for feature in features}) == pairs
    assert len({target.tobytes() for target in targets}) == people


def test_first_pairs_of_damaged_shards_name_the_file(tmp_path: Path) -> None:
    opened = open_shards(str(small_pairs(tmp_path, identities=3, size=16)))
    flip(tmp_path / "shards/pairs/1.0.0/pairs-validation.tfrecord-00000-of-00001", 50)
    with pytest.raises(InputError, match=r"pairs-validation\.tfrecord-00000-of-00001: record 0 "):
        first_pairs(opened, "validation", FORM, 2)
