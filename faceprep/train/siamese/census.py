"""Who is in which split of some shards, and how many pairs there are of each kind. Loads tensorflow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from faceprep import records
from faceprep.errors import InputError
from faceprep.records import LABEL_DIFFERENT, LABEL_SAME
from faceprep.train import reading
from faceprep.train.faults import named_faults
from faceprep.train.shards import TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.train.shards import TrainingShards

_AT_ONCE = 64
_WORDS = {LABEL_SAME: "genuine", LABEL_DIFFERENT: "impostor"}
_NAMED = 3  # of the people that an error is about


@dataclass(frozen=True)
class Census:
    """What is in some splits.

    Attributes:
        people: split to the identities in it, sorted.
        genuine: split to its pairs of one person.
        impostor: split to its pairs of two.
        lacking: what is missing in a split or in one protocol of it, for instance `test FF: impostor`.
    """

    people: Mapping[str, tuple[str, ...]]
    genuine: Mapping[str, int]
    impostor: Mapping[str, int]
    lacking: tuple[str, ...] = ()


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
    lacking: list[str] = []
    for index, shards in enumerate(data):
        for split in splits if index == 0 else (TRAIN,):
            with named_faults(shards):
                found = _count(shards, split)
            people[split] |= found.people
            if index == 0:
                genuine[split], impostor[split] = (
                    found.total(LABEL_SAME),
                    found.total(LABEL_DIFFERENT),
                )
                lacking += found.lacking(split)
    ordered = {split: tuple(sorted(names)) for split, names in people.items()}
    return Census(ordered, genuine, impostor, tuple(lacking))


@dataclass(frozen=True)
class _Found:
    """People, and how many pairs there are of each protocol and label."""

    people: set[str]
    pairs: Counter[tuple[str, int]]

    def total(self, label: int) -> int:
        return sum(count for (_, kind), count in self.pairs.items() if kind == label)

    def lacking(self, split: str) -> list[str]:
        protocols = sorted({protocol for protocol, _ in self.pairs})
        return [
            f"{split} {protocol}".rstrip() + f" has no {word} pairs"
            for protocol in protocols
            for label, word in _WORDS.items()
            if not self.pairs[protocol, label]
        ]


def _count(shards: TrainingShards, split: str) -> _Found:
    names = [f"{face}/identity" for face in faces_of(shards)]
    kinds = dict.fromkeys(names, tf.string)
    if shards.data_set == "cfp":
        kinds |= {"label": tf.int64, "protocol": tf.string}
    wanted = {name: tf.io.FixedLenFeature((), kind) for name, kind in kinds.items()}
    people: set[bytes] = set()
    pairs: Counter[tuple[str, int]] = Counter()
    for encoded in reading.in_order(shards, split).batch(_AT_ONCE):
        found = {name: value.numpy().tolist() for name, value in _parse(encoded, wanted).items()}
        for name in names:
            people.update(found[name])
        if "label" in found:
            texts = (protocol.decode() for protocol in found["protocol"])
            pairs.update(zip(texts, found["label"], strict=True))
    if shards.data_set == "triplets":
        pairs.update({("", label): shards.examples(split) for label in _WORDS})
    return _Found({name.decode() for name in people}, pairs)


def _parse(encoded: tf.Tensor, wanted: Mapping[str, Any]) -> Mapping[str, tf.Tensor]:
    found: Mapping[str, tf.Tensor] = tf.io.parse_example(encoded, wanted)
    return found


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
    if census.lacking:
        raise InputError(
            f"{location}: {'; '.join(census.lacking)}; both kinds are needed to tell people apart"
        )
