"""Shards to batches that a Siamese network learns from, float32, 0 to 1. Loads tensorflow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from faceprep.train.dataset import Stream
from faceprep.train.images import decode_faces
from faceprep.train.shards import TRAIN
from faceprep.train.siamese import examples
from faceprep.train.siamese.augment import FaceAugmentation
from faceprep.train.siamese.options import TWO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faceprep.dataset_folder import ImageForm
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.census import Census
    from faceprep.train.siamese.options import SiameseOptions


def training_stream(
    data: Sequence[TrainingShards], census: Census, options: SiameseOptions, seed: int
) -> Stream:
    """What a network is fitted to.

    Args:
        data: shard sets, each with a split to train on; pairs are taken from the first alone.
        census: of them.
        options: of the network.
        seed: of order and augmentation.

    Returns:
        Batches of (faces, numbers of their people), or ((first, second), labels): faces (n, height,
        width, channels) float32, 0 to 1; numbers and labels (n,) int32. With the loss `two`, n is twice
        the batch, genuine pairs first.
    """
    if options.by_people:
        every = functools.partial(examples.faces, data, census.people[TRAIN])
        return _stream(every, examples.count_faces(data), options, seed, _faces(data, options))
    (shards,) = data
    if options.loss == TWO:
        every = functools.partial(examples.couples, shards)
        count = min(census.genuine[TRAIN], census.impostor[TRAIN])
        return _stream(every, count, options, seed, _couples(shards, options))
    every = functools.partial(examples.pairs, shards)
    return _stream(every, examples.count_pairs(shards), options, seed, _pairs(shards, options))


def _stream(
    every: Callable[[Any], tf.data.Dataset],
    count: int,
    options: SiameseOptions,
    seed: int,
    prepare: Callable[..., Any],
) -> Stream:
    batch = min(options.batch, count)
    traced = tf.function(
        functools.partial(prepare, batch), autograph=False
    )  # once, not in each epoch
    return Stream(every, count, batch, seed, traced)


def _shown(
    encoded: tf.Tensor, count: int, image: ImageForm, options: SiameseOptions, seed: tf.Tensor
) -> tf.Tensor:
    """Encoded faces as they are trained on."""
    faces = decode_faces(tf.ensure_shape(encoded, (count,)), options.input_shape, image)
    return FaceAugmentation(options, count, seed).changed(faces) if options.augment else faces


def _faces(data: Sequence[TrainingShards], options: SiameseOptions) -> Callable[..., Any]:
    image = data[0].image

    def prepare(
        batch: int, example: tuple[tf.Tensor, tf.Tensor], seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        encoded, numbers = example
        return _shown(encoded, batch, image, options, seed), numbers

    return prepare


def _pairs(shards: TrainingShards, options: SiameseOptions) -> Callable[..., Any]:
    def prepare(
        batch: int, example: tuple[tf.Tensor, tf.Tensor, tf.Tensor], seed: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor]:
        first, second, labels = example
        faces = _shown(tf.concat([first, second], 0), 2 * batch, shards.image, options, seed)
        return (faces[:batch], faces[batch:]), labels

    return prepare


def _couples(shards: TrainingShards, options: SiameseOptions) -> Callable[..., Any]:
    def prepare(
        batch: int, example: tuple[tf.Tensor, ...], seed: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor]:
        first, second, third, fourth = example
        encoded = tf.concat([first, third, second, fourth], 0)
        faces = _shown(encoded, 4 * batch, shards.image, options, seed)
        same, different = (tf.fill([batch], n) for n in (examples.SAME, examples.DIFFERENT))
        return (faces[: 2 * batch], faces[2 * batch :]), tf.concat([same, different], 0)

    return prepare
