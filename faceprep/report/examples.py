"""Records of shards as a page shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import records
from faceprep.errors import ImageError
from faceprep.faces.decode import decode
from faceprep.faces.pose import facing_angle
from faceprep.report.contents import Face, ShownExample
from faceprep.report.pictures import encoded, shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Values = Mapping[str, Any]

SIDE = 96
"""Pixels of a face's picture: larger than among people, for here two are compared."""

_MOST_PIXELS = 4096 * 4096  # the largest crop that extract makes


def label(data_set: str, values: Values) -> str:
    """What the protocol says of two faces; empty where there is no label."""
    if data_set != "cfp":
        return ""
    return "genuine" if values["label"] == records.LABEL_SAME else "impostor"


def shown(data_set: str, values: Values) -> ShownExample:
    """A record with its pictures.

    Args:
        data_set: that it is of, one of `records.EXAMPLES`.
        values: by feature.
    """
    roles = records.faces_of(records.EXAMPLES[data_set])
    words = [_WORDS[data_set](values)]
    words += [f"no face was found in {_key(values, r)}" for r in roles if not values[f"{r}/found"]]
    faces = {role: _face(values, role) for role in roles}
    return ShownExample(label(data_set, values), "; ".join(words), faces)


def within(
    found: Mapping[str, Sequence[ShownExample]], budget: int
) -> dict[str, tuple[ShownExample, ...]]:
    """As many of the examples as there is room for: the first of each split, then the second of each, ….

    Args:
        found: split to its examples.
        budget: bytes of all their pictures.

    Returns:
        Split to its examples, those of one label together.
    """
    kept: dict[str, list[ShownExample]] = {split: [] for split in found}
    rounds = max(map(len, found.values()), default=0)
    queue = ((s, each) for n in range(rounds) for s, all_ in found.items() for each in all_[n:][:1])
    for split, example in queue:
        budget -= sum(len(face.picture) for face in example.faces.values())
        if budget < 0:
            break
        kept[split].append(example)
    return {split: tuple(sorted(chosen, key=lambda e: e.title)) for split, chosen in kept.items()}


def _face(values: Values, role: str) -> Face:
    pose = {name: values[f"{role}/{name}"] for name in ("yaw", "pitch", "roll", "frontality")}
    angle = facing_angle(np.array([pose["yaw"]]), np.array([pose["pitch"]]))
    return Face(
        key=_key(values, role),
        picture=_picture(values[f"{role}/image"]),
        **pose,
        angle=float(angle[0]),
        size=math.nan,  # which records do not tell, nor what follows
        sharpness=math.nan,
        score=math.nan,
    )


def _picture(image: bytes) -> bytes:
    try:
        return encoded(shrunk(decode(image, _MOST_PIXELS, SIDE).pixels, SIDE))
    except ImageError:
        return b""


def _key(values: Values, role: str) -> str:
    return str(values[f"{role}/key"])


def _pair(values: Values) -> str:
    return f"{_key(values, 'feature')} with the target {_key(values, 'target')}"


def _verification(values: Values) -> str:
    faces = f"{_key(values, 'first')} and {_key(values, 'second')}"
    return f"{values['protocol']}, fold {values['fold']}: {faces}"


def _triplet(values: Values) -> str:
    return ", ".join(_key(values, role) for role in ("anchor", "positive", "negative"))


_WORDS: dict[str, Callable[[Values], str]] = {
    "pairs": _pair,
    "cfp": _verification,
    "triplets": _triplet,
}
