"""Shards to encoded faces, or pairs of them, in an order that a generator decides. Loads tensorflow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import tensorflow as tf

from faceprep import records
from faceprep.train import reading
from faceprep.train.shards import TRAIN
from faceprep.train.siamese.census import faces_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from faceprep.train.shards import TrainingShards

SAME, DIFFERENT = 0, 1
"""Which output of a network stands for it."""

_AT_ONCE = 32
"""Examples that are read out together: the faces of one are then so far apart."""

_PARTS = ("image", "identity")


def faces(
    data: Sequence[TrainingShards], people: Sequence[str], chances: np.random.Generator
) -> tf.data.Dataset:
    """Every face of every example that is trained on, of several sets as mixed as they are large.

    Args:
        data: shard sets, each with a split to train on.
        people: all of them; a face's number is the place of its person.
        chances: what the order is drawn from.

    Returns:
        (encoded image: () string, number: () int32).
    """
    numbers = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(list(people)), tf.range(len(people), dtype=tf.int32)
        ),
        default_value=-1,
    )
    streams = [_faces_of(shards, numbers, chances) for shards in data]
    if len(streams) == 1:
        return streams[0]
    weights = [float(count_faces([shards])) for shards in data]
    total = sum(weights)
    return tf.data.Dataset.sample_from_datasets(
        streams,
        [weight / total for weight in weights],
        seed=int(chances.integers(2**62)),
        rerandomize_each_iteration=False,
    )


def count_faces(data: Sequence[TrainingShards]) -> int:
    """How many `faces` gives."""
    return sum(len(faces_of(shards)) * shards.examples(TRAIN) for shards in data)


def _faces_of(
    shards: TrainingShards, numbers: tf.lookup.StaticHashTable, chances: np.random.Generator
) -> tf.data.Dataset:
    names = faces_of(shards)

    def read(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found = reading.parsed(encoded, [f"{n}/{part}" for n in names for part in _PARTS])
        images, people = (tf.concat([found[f"{n}/{part}"] for n in names], 0) for part in _PARTS)
        return images, numbers.lookup(people)

    return _read_out(reading.shuffled(shards, TRAIN, chances), read)


def pairs(shards: TrainingShards, chances: np.random.Generator) -> tf.data.Dataset:
    """The pairs to train on as they come: (first, second: () string, label: () int32) each.

    A triplet is two of them.
    """
    read = _read_pairs if shards.data_set == "cfp" else _split_triplets
    return _read_out(reading.shuffled(shards, TRAIN, chances), read)


def count_pairs(shards: TrainingShards) -> int:
    """How many `pairs` gives."""
    return shards.examples(TRAIN) * (1 if shards.data_set == "cfp" else 2)


def couples(shards: TrainingShards, chances: np.random.Generator) -> tf.data.Dataset:
    """A genuine and an impostor pair at a time: (first, second, first, second), () string each.

    Those of a triplet have the anchor in common; pairs of a protocol are drawn from two streams.
    """
    if shards.data_set == "cfp":
        every = pairs(shards, chances)
        genuine, impostor = (
            every.filter(functools.partial(_labelled, wanted)) for wanted in (SAME, DIFFERENT)
        )
        return tf.data.Dataset.zip(genuine, impostor).map(
            lambda one, other: (one[0], one[1], other[0], other[1])
        )
    return _read_out(reading.shuffled(shards, TRAIN, chances), _read_triplets)


def _labelled(wanted: int, first: tf.Tensor, second: tf.Tensor, label: tf.Tensor) -> tf.Tensor:  # noqa: ARG001
    return tf.equal(label, wanted)


def _read_out(examples: tf.data.Dataset, read: Callable[[tf.Tensor], object]) -> tf.data.Dataset:
    return examples.batch(_AT_ONCE).map(read).unbatch()


def _read_pairs(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    wanted = {
        "first/image": tf.io.FixedLenFeature((), tf.string),
        "second/image": tf.io.FixedLenFeature((), tf.string),
        "label": tf.io.FixedLenFeature((), tf.int64),
    }
    found = tf.io.parse_example(encoded, wanted)
    label = tf.where(found["label"] == records.LABEL_SAME, SAME, DIFFERENT)
    return found["first/image"], found["second/image"], label


def _read_triplets(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    found = reading.parsed(encoded, ("anchor/image", "positive/image", "negative/image"))
    anchor = found["anchor/image"]
    return anchor, found["positive/image"], anchor, found["negative/image"]


def _split_triplets(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    anchor, positive, _, negative = _read_triplets(encoded)
    same, different = (tf.fill(tf.shape(anchor), label) for label in (SAME, DIFFERENT))
    return (
        tf.concat([anchor, anchor], 0),
        tf.concat([positive, negative], 0),
        tf.concat([same, different], 0),
    )
