"""Pictures of what a network is shown, and of what it says of pairs. Loads tensorflow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from faceprep.sheets import RIGHT, WRONG, Block, Cell, save_sheet
from faceprep.train import reading
from faceprep.train.siamese.verifier import pairs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from faceprep.train.dataset import Stream
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.options import SiameseOptions

_SHOWN = 8
"""Pairs of each kind."""

_KINDS = {True: "genuine", False: "impostor"}


def draw_training(location: str, stream: Stream, options: SiameseOptions) -> None:
    """Some faces of the first batch as the network sees them, augmented.

    Args:
        location: of the PNG.
        stream: that is trained on.
        options: of the network.

    Raises:
        StorageError: the file cannot be written.
    """
    inputs, labels = next(iter(stream.epoch(0)))
    count = 4 * _SHOWN
    if options.by_people:
        faces = inputs.numpy()[:count]
        save_sheet(location, [Block([Cell([face]) for face in faces], "Faces of the first batch")])
        return
    first, second = (each.numpy() for each in inputs)
    same = labels.numpy() == 0
    chosen = [*np.flatnonzero(same)[:_SHOWN], *np.flatnonzero(~same)[:_SHOWN]]
    cells = [Cell((first[n], second[n]), [_KINDS[bool(same[n])]]) for n in chosen]
    save_sheet(location, [Block(cells)])


def spread(judged: Judged, count: int) -> list[int]:
    """Rows of some genuine and as many impostor pairs, always the same ones, drawn by a hash of the key."""
    order = sorted(range(len(judged)), key=lambda row: _hash(judged.keys[row]))
    return [
        row
        for kind in (True, False)
        for row in [n for n in order if judged.same[n] == kind][:count]
    ]


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def draw_judged(
    location: str, shards: TrainingShards, judged: Judged, split: str, threshold: float
) -> None:
    """Some pairs of a split with what a model says of them, right and wrong ones marked.

    Args:
        location: of the PNG.
        shards: that hold the split.
        judged: all its pairs.
        split: that was judged.
        threshold: above which a score means the same person.

    Raises:
        StorageError: the file cannot be written.
    """
    rows = spread(judged, _SHOWN)
    found = read_pairs(shards, split, [judged.keys[row] for row in rows])
    cells = []
    for row in rows:
        same, score = bool(judged.same[row]), judged.scores[row]
        mark, colour = ("right", RIGHT) if (score > threshold) == same else ("wrong", WRONG)
        words = f"{_KINDS[same]} {score:.2f}: {mark}"
        cells.append(Cell(found[judged.keys[row]], [words], colour))
    save_sheet(location, [Block(cells)])


def read_pairs(
    shards: TrainingShards, split: str, keys: Sequence[str]
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """The two faces of some pairs, as they were cut out.

    Args:
        shards: that hold the split.
        split: to read through.
        keys: of the pairs, as `Judged` has them.

    Returns:
        Key to two pictures, (size, size, 3) float32, 0 to 1.
    """
    wanted = set(keys)
    found = {}
    for encoded in reading.in_order(shards, split):
        name = reading.parsed(encoded, ("key",))["key"].numpy().decode()
        for suffix, faces in pairs_of(shards.data_set).items():
            if name + suffix in wanted:
                images = reading.parsed(encoded, [f"{face}/image" for face in faces])
                first, second = map(_picture, images.values())
                found[name + suffix] = (first, second)
    return found


def _picture(encoded: tf.Tensor) -> NDArray[np.float32]:
    pixels: NDArray[np.uint8] = tf.io.decode_image(
        encoded, channels=3, expand_animations=False
    ).numpy()
    return np.asarray(pixels / 255, np.float32)
