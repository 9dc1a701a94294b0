"""Encoded examples out of shards, in the order of the files or shuffled; of whatever kind they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from faceprep.train.shards import TrainingShards

_BUFFER_BYTES = 64 << 20
"""Of encoded examples to draw the next one from. They lie shuffled in the shards as it is."""

_OPEN_FILES, _BLOCK = 4, 16
"""Shards read at a time, and examples taken from one before it is the next one's turn."""


def in_order(shards: TrainingShards, split: str) -> tf.data.Dataset:
    """All examples of a split, as they lie in the files: () string each."""
    return _whole(_records(shards, shards.files(split)), shards, split)


def shuffled(shards: TrainingShards, split: str, chances: np.random.Generator) -> tf.data.Dataset:
    """All examples of a split, once each, in an order that `chances` and nothing else decides.

    Args:
        shards: the data set.
        split: one with records.
        chances: a generator in the same state gives the same order.

    Returns:
        () string each. The memory it takes does not grow with the split.
    """
    files = [str(file) for file in chances.permutation(shards.files(split))]
    found = tf.data.Dataset.from_tensor_slices(files).interleave(
        lambda file: _records(shards, file),
        cycle_length=min(_OPEN_FILES, len(files)),
        block_length=_BLOCK,
        num_parallel_calls=min(_OPEN_FILES, len(files)),
        deterministic=True,
    )
    length = max(1, shards.bytes(split) // shards.examples(split))
    buffer = max(1, min(_BUFFER_BYTES // length, shards.examples(split)))
    return _shuffle(_whole(found, shards, split), buffer, chances)


def parsed(examples: tf.Tensor, names: Iterable[str]) -> dict[str, tf.Tensor]:
    """Some features of one example or of a batch, all of them strings.

    Args:
        examples: () or (n,) string, each a `tf.train.Example`.
        names: of the features, for instance `feature/image`.

    Returns:
        Name to a string for each example.
    """
    wanted = {name: tf.io.FixedLenFeature((), tf.string) for name in names}
    found: dict[str, tf.Tensor] = tf.io.parse_example(examples, wanted)
    return found


def _records(shards: TrainingShards, files: list[str] | tf.Tensor) -> tf.data.Dataset:
    compression = "" if shards.compression == "none" else shards.compression
    return tf.data.TFRecordDataset(files, compression)


def _whole(examples: tf.data.Dataset, shards: TrainingShards, split: str) -> tf.data.Dataset:
    """The same, with the length known; an error at the end if there are more or fewer."""
    return examples.apply(tf.data.experimental.assert_cardinality(shards.examples(split)))


def _shuffle(
    examples: tf.data.Dataset, buffer: int, chances: np.random.Generator
) -> tf.data.Dataset:
    """`Dataset.shuffle`, but for the seed: that one mixes in tensorflow's global seed, if it is set."""
    seed, seed2 = (int(n) for n in chances.integers(2**62, size=2))
    variant = tf.raw_ops.ShuffleDataset(
        input_dataset=tf.data.experimental.to_variant(examples),
        buffer_size=buffer,
        seed=seed,
        seed2=seed2,
        output_types=[tf.string],
        output_shapes=[()],
        reshuffle_each_iteration=False,
    )
    return tf.data.experimental.from_variant(variant, examples.element_spec)
