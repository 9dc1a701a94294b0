"""Shards as `tf.data`: the records of any data set of ours. Tensorflow is loaded by a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faceprep import records
from faceprep.errors import InputError, UsageError
from faceprep.options import nearest
from faceprep.train import machine
from faceprep.train.options import Shape
from faceprep.train.shards import TRAIN, data_sets_at, open_shards

if TYPE_CHECKING:
    from collections.abc import Callable

    import tensorflow as tf

    from faceprep.train.shards import TrainingShards


def read_shards(
    shards: str, split: str = TRAIN, *, data_set: str = "", decode: bool = True
) -> tf.data.Dataset:
    """The records of one split, in the order of the files, as TensorFlow Datasets gives them.

    Args:
        shards: a data set, one of its versions, or the folder that it is in; behind a URL it is copied.
        split: its name: train, validation, test; of CFP's protocol ff01 … fp10.
        data_set: pairs, cfp or triplets; empty where the folder has one of them alone.
        decode: whether images are (size, size, 3) uint8; else () string, the encoded files.

    Returns:
        A dict for each record: `key` and what else the data set says, and for each face (feature and
        target; first and second; anchor, positive and negative) a dict with `image`, () string `key`,
        `identity`, `clip` and `view`, () float32 `yaw`, `pitch`, `roll` (degrees) and `frontality`, and ()
        bool `found`.

    Raises:
        UsageError: no data set is named, and there are several.
        InputError: no shards, unfinished, a shard missing or cut off, no such split.
        SetupError: tensorflow cannot be loaded.

    Example:
        >>> import faceprep
        >>> pairs = faceprep.read_shards("shards", "train", data_set="pairs")
        >>> len(pairs), pairs.element_spec["feature"]["image"].shape.as_list()
        (10, [64, 64, 3])
        >>> batch = next(iter(pairs.batch(4)))
        >>> bool((batch["feature"]["identity"] == batch["target"]["identity"]).numpy().all())
        True
    """
    if data_set and data_set not in records.EXAMPLES:
        known = ", ".join(records.EXAMPLES)
        raise UsageError(
            f"data_set is '{data_set}'{nearest(data_set, records.EXAMPLES)}; it may be {known}"
        )
    found = open_shards(shards, data_set or _only(shards), needed=(split,))
    machine.start_tensorflow()
    from faceprep.train.reading import in_order

    return in_order(found, split).map(_reader(found, decode=decode), num_parallel_calls=-1)


def _only(shards: str) -> str:
    """The one data set that is there."""
    there = data_sets_at(shards)
    if len(there) > 1:
        raise UsageError(f"{shards}: has {', '.join(there)}; say which with data_set")
    if not there:
        raise InputError(f"{shards}: no shards in it; make them with 'faceprep shard'")
    return there[0]


def _reader(shards: TrainingShards, *, decode: bool) -> Callable[[Any], dict[str, Any]]:
    """Encoded example, () string, to the record."""
    import tensorflow as tf

    from faceprep.train.images import decode_pixels

    features = records.features(records.EXAMPLES[shards.data_set])
    stored = {float: tf.float32, int: tf.int64, bool: tf.int64}
    wanted = {
        each.name: tf.io.FixedLenFeature((), stored.get(each.kind, tf.string)) for each in features
    }
    shape = Shape(shards.image.size, shards.image.size, 3)

    def read(encoded: tf.Tensor) -> dict[str, Any]:
        values = tf.io.parse_single_example(encoded, wanted)
        for each in features:
            if each.kind is bool:
                values[each.name] = tf.cast(values[each.name], tf.bool)
            elif each.kind is bytes and decode:
                values[each.name] = decode_pixels(values[each.name], shape, shards.image)
        return _nested(values)

    return read


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """`feature/yaw` as `yaw` in `feature`."""
    record: dict[str, Any] = {}
    for name, value in values.items():
        face, slash, field = name.partition("/")
        if slash:
            record.setdefault(face, {})[field] = value
        else:
            record[name] = value
    return record
