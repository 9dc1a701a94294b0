"""Who is in which split of some shards, and how many pairs there are of each kind. Loads tensorflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

from faceprep import records
from faceprep.errors import InputError
from faceprep.train import reading
from faceprep.train.faults import named_faults
from faceprep.train.shards import TEST, TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.train.shards import TrainingShards

_AT_ONCE = 64
_NAMED = 3  # of the people that an error is about


@dataclass(frozen=True)
class Census:
    """What is in some splits.

    Attributes:
        people: split to the identities in it, sorted.
        genuine: split to its pairs of one person.
        impostor: split to its pairs of two.
    """

    people: Mapping[str, tuple[str, ...]]
    genuine: Mapping[str, int]
    impostor: Mapping[str, int]


def take_census(data: Sequence[TrainingShards], splits: Sequence[str]) -> Census:
    """Read who is there; the images are not looked at.

    Args:
        data: shard sets; of all but the first, only the people to train on count.
        splits: of the first.

    Raises:
        InputError: a damaged record.
    """
    people: dict[str, set[str]] = {split: set() for split in splits}
    genuine, impostor = dict.fromkeys(splits, 0), dict.fromkeys(splits, 0)
    for index, shards in enumerate(data):
        for split in splits if index == 0 else (TRAIN,):
            with named_faults(shards):
                found = _count(shards, split)
            people[split] |= found.people
            if index == 0:
                genuine[split], impostor[split] = found.genuine, found.impostor
    ordered = {split: tuple(sorted(names)) for split, names in people.items()}
    return Census(ordered, genuine, impostor)


@dataclass(frozen=True)
class _Found:
    people: set[str]
    genuine: int
    impostor: int


def _count(shards: TrainingShards, split: str) -> _Found:
    names = [f"{face}/identity" for face in faces_of(shards)]
    wanted = {name: tf.io.FixedLenFeature((), tf.string) for name in names}
    if shards.data_set == "cfp":
        wanted["label"] = tf.io.FixedLenFeature((), tf.int64)
    people: set[bytes] = set()
    same = 0
    for encoded in reading.in_order(shards, split).batch(_AT_ONCE):
        found = tf.io.parse_example(encoded, wanted)
        for name in names:
            people.update(found[name].numpy().tolist())
        if "label" in found:
            same += int(tf.reduce_sum(found["label"]))
    total = shards.examples(split)
    genuine, impostor = {"cfp": (same, total - same), "triplets": (total, total)}.get(
        shards.data_set, (total, 0)
    )
    return _Found({name.decode() for name in people}, genuine, impostor)


def faces_of(shards: TrainingShards) -> tuple[str, ...]:
    """The names of the faces in an example, for instance first and second."""
    return records.faces_of(records.EXAMPLES[shards.data_set])


def check(census: Census, location: str) -> None:
    """Refuse what nothing honest can be learnt from.

    Args:
        census: of the splits train, validation and test.
        location: of the shards, for the error.

    Raises:
        InputError: a person in two splits, or pairs of one kind only.
    """
    names = list(census.people)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            if both := sorted(set(census.people[one]) & set(census.people[other])):
                some = ", ".join(both[:_NAMED]) + (", …" if len(both) > _NAMED else "")
                raise InputError(
                    f"{location}: {len(both):,} people are in {one} and in {other} ({some}); a model "
                    "is to be judged by people whom it has never seen: choose other folds or splits"
                )
    for split in names:
        kinds = {"genuine": census.genuine[split], "impostor": census.impostor[split]}
        for kind, count in kinds.items():
            if not count and census.people[split] and split != TEST:
                raise InputError(
                    f"{location}: {split} has no {kind} pairs; both kinds are needed to tell "
                    "people apart"
                )
