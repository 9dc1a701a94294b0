"""The made-up data set on paper: how many people, clips and frames, and which picture each frame is.

As uneven as YouTube Faces, whose numbers it has: 621,126 frames of 1,595 people in 3,425 clips of 48 to
6,070 frames, one to six clips to a person. Nothing is drawn anew: the same size gives the same frames.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST, _LONGEST = 48, 6070  # frames of a clip
_SPREAD = 0.65  # of the logarithm of a clip's length
_PEOPLE_WITH_CLIPS = (591, 471, 307, 167, 51, 8)  # with one clip, with two, … up to six
_SEED = 621126


@dataclass(frozen=True)
class Size:
    """How large a data set is.

    Attributes:
        images: frames in all.
        identities: people.
        clips: of all people.
    """

    images: int
    identities: int
    clips: int


FULL = Size(images=621_126, identities=1_595, clips=3_425)


@dataclass(frozen=True)
class Clip:
    """One clip: its person and its number among that person's, from 0, and how many frames it has."""

    person: int
    number: int
    frames: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One image of the data set.

    Attributes:
        key: its path below the root.
        picture: which of the pictures it is a link to, from 0.
    """

    key: str
    picture: int


def scaled(images: int) -> Size:
    """A data set of so many images, with as many people and clips to an image as the full one."""
    share = images / FULL.images
    identities = max(4, round(FULL.identities * share))
    return Size(images, identities, max(identities, round(FULL.clips * share)))


def pictures_wanted(size: Size) -> int:
    """How many different pictures make a data set in which a few people have more frames than that."""
    return size.images // 8


def clips(size: Size) -> list[Clip]:
    """All clips, by person."""
    rng = np.random.default_rng(_SEED)
    per_person = rng.permutation(_clips_of_people(size)).tolist()
    frames = iter(rng.permutation(_lengths(size)).tolist())
    return [
        Clip(person, number, next(frames))
        for person, count in enumerate(per_person)
        for number in range(count)
    ]


def frames(size: Size, pictures: int) -> Iterator[Frame]:
    """All frames, by key; no picture comes twice to a person who has no more frames than there are.

    Args:
        size: of the data set.
        pictures: how many different ones there are.
    """
    for person, its_clips in itertools.groupby(clips(size), key=lambda clip: clip.person):
        rng = np.random.default_rng([_SEED, person])
        order = itertools.cycle(rng.permutation(pictures).tolist())
        for clip in its_clips:
            for frame, picture in zip(range(clip.frames), order, strict=False):
                yield Frame(f"person_{person:04d}/{clip.number}/{frame:04d}.jpg", picture)


def _clips_of_people(size: Size) -> list[int]:
    """How many clips each person has, ascending."""
    real = np.repeat(np.arange(1, 7), _PEOPLE_WITH_CLIPS)
    places = (np.arange(size.identities) + 0.5) / size.identities * len(real)
    counts = real[places.astype(int)].tolist()
    for person in itertools.cycle(range(size.identities)):
        missing = size.clips - sum(counts)
        if not missing:
            return sorted(counts)
        counts[person] = min(6, max(1, counts[person] + (1 if missing > 0 else -1)))
    raise AssertionError  # a cycle does not end


def _lengths(size: Size) -> list[int]:
    """How many frames each clip has, ascending: a bell over their logarithms, and one very long."""
    shortest = min(_SHORTEST, size.images // size.clips)
    longest = max(shortest, min(_LONGEST, size.images // 4))
    others = size.clips - 1
    bell = NormalDist(sigma=_SPREAD)
    shape = np.exp([bell.inv_cdf((i + 0.5) / others) for i in range(others)])
    shape -= shape[0]
    spare = size.images - longest - others * shortest
    ends = np.rint(np.cumsum(shape) / shape.sum() * spare).astype(int)
    return sorted([*(shortest + np.diff(ends, prepend=0)).tolist(), longest])
