"""A small data set of pairs: drawn faces of made-up people, written by the project's own code."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np

from faceprep.dataset_folder import MANIFEST, ImageForm
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.records import SHARDS_VERSION, PairExample, ShardFace
from tests.verify.build import DataSet, edit_json

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_VALIDATION, _TEST = 6, 6  # one identity of so many, and at least one


def small_pairs(
    folder: Path,
    *,
    identities: int = 12,
    per_identity: int = 4,
    size: int = 32,
    format: str = "jpeg",  # noqa: A002 - the word of dataset_folder.ImageForm
    compression: str = "none",
    shards: int = 2,
) -> Path:
    """Write `folder/shards/pairs/1.0.0`; the same arguments give the same bytes.

    Args:
        folder: where the root `shards` goes; made if missing.
        identities: at least three; a sixth of them in validation, a sixth in test, the others in train.
        per_identity: pairs of each.
        size: side of the images in pixels.
        format: jpeg or png.
        compression: none or GZIP.
        shards: of train; the other splits have one.

    Returns:
        The version folder.
    """
    suffix = "jpg" if format == "jpeg" else "png"
    options = ExtractOptions(size=size, format=suffix)
    people = [_person(number, per_identity, options) for number in range(identities)]
    validation, test = max(1, identities // _VALIDATION), max(1, identities // _TEST)
    train = identities - validation - test
    content = {
        "train": _dealt(people[:train], shards),
        "validation": _dealt(people[train : train + validation], 1),
        "test": _dealt(people[train + validation :], 1),
    }
    chosen = {(person[0].target.identity, ""): person[0].target for person in people}
    data_set = DataSet("pairs", content, ImageForm(size, format), compression, chosen=chosen)
    path = data_set.write(folder / "shards" / "pairs" / SHARDS_VERSION)
    edit_json(path / MANIFEST, extract=dataclasses.asdict(options))
    return path


def draw_face(identity: int, yaw: float, size: int) -> NDArray[np.uint8]:
    """A face, (size, size, 3) RGB: tone, hair and eyes are the person's, yaw (degrees) moves the eyes."""
    rng = np.random.default_rng(identity)
    skin, hair, eyes = rng.integers(110, 230, 3), rng.integers(10, 110, 3), rng.integers(0, 100, 3)
    apart, wide, mouth = rng.uniform(0.14, 0.22), rng.uniform(0.28, 0.36), rng.uniform(0.06, 0.14)
    ramp = np.linspace(60, 200, 4 * size)[:, None, None] * np.ones((1, 4 * size, 3))
    canvas = np.ascontiguousarray(ramp.astype(np.uint8))
    turn = 0.25 * np.sin(np.radians(yaw))

    def ellipse(x: float, y: float, across: float, down: float, colour: NDArray[np.int64]) -> None:
        x, y, across, down = (round(v * 4 * size) for v in (x, y, across, down))
        cv2.ellipse(canvas, (x, y), (across, down), 0, 0, 360, colour.tolist(), -1)

    ellipse(0.5, 0.42, wide + 0.06, 0.4, hair)
    ellipse(0.5, 0.55, wide, 0.4, skin)
    for side in (-1, 1):
        ellipse(0.5 + turn + side * apart * np.cos(np.radians(yaw)), 0.45, 0.06, 0.035, eyes)
    ellipse(0.5 + 1.3 * turn, 0.6, 0.03, 0.06, skin * 3 // 4)
    ellipse(0.5 + turn, 0.77, mouth, 0.03, np.array([150, 40, 40]))
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _person(number: int, pairs: int, options: ExtractOptions) -> list[PairExample]:
    """All pairs of one, whose target looks into the camera."""
    yaws = [0.0, *np.linspace(-60, 60, pairs)]
    target, *features = (
        _face(number, place, float(yaw), options) for place, yaw in enumerate(yaws)
    )
    return [PairExample(feature.key, feature, target) for feature in features]


def _face(number: int, place: int, yaw: float, options: ExtractOptions) -> ShardFace:
    identity = f"person_{number:03d}"
    return ShardFace(
        image=encode(draw_face(number, yaw, options.size), options),
        key=f"{identity}/{place:02d}.jpg",
        identity=identity,
        clip="",
        view="",
        yaw=yaw,
        pitch=0.0,
        roll=0.0,
        frontality=float(100 * np.cos(np.radians(yaw)) ** 2),
        found=True,
    )


def _dealt(people: list[list[PairExample]], shards: int) -> list[list[PairExample]]:
    """Shuffled by a hash of their keys, as the shard stage does, in shards of about one length."""
    found = sorted(itertools.chain(*people), key=_order)
    bounds = [len(found) * n // shards for n in range(shards + 1)]
    return [found[start:end] for start, end in itertools.pairwise(bounds)]


def _order(pair: PairExample) -> bytes:
    return hashlib.blake2b(pair.key.encode()).digest()
