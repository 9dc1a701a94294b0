"""Shards to `tf.data`: batches of what a network sees and what it is to give, float32, 0 to 1."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from faceprep.engine import usable_cores
from faceprep.train import reading
from faceprep.train.augment import Augmentation
from faceprep.train.faults import named_faults
from faceprep.train.images import decode, decode_batch, resized, scaled
from faceprep.train.shards import TRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from faceprep.train.learning import LearningOptions
    from faceprep.train.options import Shape
    from faceprep.train.shards import TrainingShards

_IDENTITY = "target/identity"

_AHEAD = 2
"""Finished batches that wait to be taken."""

_LOOKED_AT = 32
"""Records that are read for each pair that is to be shown, in search of another person."""


@dataclass(frozen=True)
class PairForm:
    """What a network takes and gives.

    Attributes:
        feature: shape of what it sees.
        target: shape of what it learns to give.
    """

    feature: Shape
    target: Shape


@dataclass(frozen=True, eq=False)
class Stream:
    """Batches to train on, epoch after epoch.

    Each epoch has every example once, but for those at its end that fill no batch; in another epoch
    these are others.

    Attributes:
        examples: all of them, in an order that the generator it is given decides.
        count: how many there are.
        batch: examples in each batch, at most `count`.
        seed: with the number of the epoch, all that decides on order and augmentation.
        prepare: makes a batch of `batch` examples and a seed, (2,) int64.
    """

    examples: Callable[[np.random.Generator], tf.data.Dataset]
    count: int
    batch: int
    seed: int
    prepare: Callable[[Any, tf.Tensor], Any]

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self.count // self.batch

    def epoch(self, epoch: int, first_step: int = 0) -> tf.data.Dataset:
        """The batches of one epoch, from a step on.

        Args:
            epoch: its number, from 0.
            first_step: how many batches to leave out; what follows is the same as without.
        """
        chances = np.random.default_rng((self.seed, epoch))
        examples = self.examples(chances)
        examples = examples.take(self.steps * self.batch).skip(first_step * self.batch)
        key = tf.data.Dataset.from_tensors(chances.integers(2**62)).repeat()
        steps = tf.data.Dataset.range(first_step, self.steps)
        batches = examples.batch(self.batch, drop_remainder=True)
        # an error at the end if there are fewer; and Keras asks for no step beyond the last
        length = tf.data.experimental.assert_cardinality(max(0, self.steps - first_step))
        batches = batches.apply(length)
        return _prepared(
            tf.data.Dataset.zip(batches, tf.data.Dataset.zip(key, steps)),
            lambda encoded, seed: self.prepare(encoded, tf.stack(seed)),
        )


def training_stream(
    shards: TrainingShards, form: PairForm, learning: LearningOptions, seed: int
) -> Stream:
    """Pairs to train on: (features, targets), (batch, height, width, channels) float32, 0 to 1.

    Args:
        shards: of pairs.
        form: shapes of feature and target.
        learning: batch and augmentation.
        seed: of order and augmentation.
    """
    batch = min(learning.batch, shards.examples(TRAIN))

    @tf.function(  # type: ignore[untyped-decorator]  # traced once, not anew in each epoch
        input_signature=(tf.TensorSpec([batch], tf.string), tf.TensorSpec([2], tf.int64)),
        autograph=False,
    )
    def prepare(encoded: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        feature, target = _pixels(encoded, shards, form)
        augmentation = Augmentation(learning, batch, seed)
        return (
            augmentation.changed(feature, form.feature),
            augmentation.mirrored(target, form.target),
        )

    examples = functools.partial(reading.shuffled, shards, TRAIN)
    return Stream(examples, shards.examples(TRAIN), batch, seed, prepare)


def evaluation_batches(
    shards: TrainingShards, split: str, form: PairForm, batch: int
) -> tf.data.Dataset:
    """All pairs of a split, as they are and in the order of the files; the last batch may be smaller.

    Returns:
        (features, targets), (n, height, width, channels) float32, 0 to 1.
    """

    def prepare(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        feature, target = _pixels(encoded, shards, form)
        return scaled(resized(feature, form.feature)), scaled(resized(target, form.target))

    return _prepared(reading.in_order(shards, split).batch(batch), prepare)


def first_pairs(
    shards: TrainingShards, split: str, form: PairForm, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Some pairs to show, always the same ones, of as many people as a look at the first records finds.

    Args:
        shards: of pairs.
        split: whose pairs.
        form: shapes of feature and target.
        count: how many; fewer where there are fewer.

    Returns:
        (features, targets), (count, height, width, channels) float32, 0 to 1.

    Raises:
        InputError: a record is damaged.
    """
    images = _images(form)
    chosen: dict[bytes, Mapping[str, Any]] = {}
    others: list[Mapping[str, Any]] = []
    with named_faults(shards):
        for encoded in reading.in_order(shards, split).take(count * _LOOKED_AT):
            pair = reading.parsed(encoded, (_IDENTITY, *images))
            if chosen.setdefault(pair[_IDENTITY].numpy(), pair) is not pair:
                others.append(pair)
            if len(chosen) == count:
                break
        pairs = [*chosen.values(), *others][:count]
        features, targets = (
            np.stack([decode(pair[name], shape, shards.image).numpy() for pair in pairs])
            for name, shape in images.items()
        )
    return features, targets


def _images(form: PairForm) -> dict[str, Shape]:
    """Name of an image in an example to the shape it is wanted in."""
    return {"feature/image": form.feature, "target/image": form.target}


def _pixels(
    encoded: tf.Tensor, shards: TrainingShards, form: PairForm
) -> tuple[tf.Tensor, tf.Tensor]:
    """Feature and target of a batch of pairs, decoded, (n, side, side, channels) uint8."""
    images = _images(form)
    found = decode_batch(reading.parsed(encoded, images), images, shards.image)
    return found["feature/image"], found["target/image"]


def _prepared(batches: tf.data.Dataset, prepare: Callable[..., Any]) -> tf.data.Dataset:
    """Batches of encoded examples made ready, in order, by threads of their own."""
    cores = usable_cores()
    options = tf.data.Options()
    options.deterministic = True
    # tensorflow's own threads, shared, would make a step wait until a batch has been decoded
    options.threading.private_threadpool_size = cores
    options.threading.max_intra_op_parallelism = 1  # batches are made side by side as it is
    ready = batches.map(prepare, num_parallel_calls=cores, deterministic=True)
    return ready.prefetch(_AHEAD).with_options(options)
