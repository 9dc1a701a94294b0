"""The pairs of CFP's protocol as shards hold them: who is in them, and their crops. Without tensorflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import InputError
from faceprep.train.examples import read_examples
from faceprep.train.siamese.folds import spoken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from faceprep.train.shards import TrainingShards

PROTOCOLS = ("FF", "FP")


@dataclass(frozen=True, slots=True)
class Fold:
    """What is in one fold, both protocols together.

    Attributes:
        people: identities in it.
        stand_ins: protocol to the keys of images whose centre stands in for a face, in order.
    """

    people: frozenset[str]
    stand_ins: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CropPair:
    """The two faces of a pair as JPEG or PNG files."""

    first: bytes
    second: bytes


def splits_of(shards: TrainingShards, fold: int) -> dict[str, str]:
    """Protocol to the split with its pairs of a fold, for instance FF to `ff08`; those with records."""
    names = {protocol: f"{protocol.lower()}{fold:02d}" for protocol in PROTOCOLS}
    return {protocol: name for protocol, name in names.items() if shards.examples(name)}


def fold_numbers_in(shards: TrainingShards) -> tuple[int, ...]:
    """The folds that there are, rising."""
    numbers = {int(name[2:]) for name in shards.splits if name[2:].isdecimal()}
    return tuple(sorted(fold for fold in numbers if splits_of(shards, fold)))


def read_folds(shards: TrainingShards, wanted: Collection[int] = ()) -> dict[int, Fold]:
    """Who and what is in each fold, or in those that are wanted.

    Raises:
        InputError: there is none, or none of a wanted number; a damaged record.
    """
    there = fold_numbers_in(shards)
    if not there:
        raise InputError(f"{shards.folder}: no pairs in it; run 'faceprep shard cfp' again")
    if strangers := set(wanted) - set(there):
        raise InputError(
            f"{shards.folder}: has no pairs of {spoken(strangers)}; there are: {spoken(there)}"
        )
    return {fold: read_fold(shards, fold) for fold in there if not wanted or fold in wanted}


def stand_ins_of(folds: Mapping[int, Fold], chosen: Iterable[int]) -> dict[str, tuple[str, ...]]:
    """Protocol to the images whose centre stood in for a face, in some folds."""
    found: dict[str, dict[str, None]] = {}
    for fold in chosen:
        for name, keys in folds[fold].stand_ins.items():
            found.setdefault(name, {}).update(dict.fromkeys(keys))
    return {name: tuple(keys) for name, keys in found.items()}


def read_fold(shards: TrainingShards, fold: int) -> Fold:
    """Who and what is in a fold.

    Raises:
        InputError: a damaged record.
    """
    people: set[str] = set()
    stand_ins: dict[str, dict[str, None]] = {}
    for protocol, split in splits_of(shards, fold).items():
        found = stand_ins.setdefault(protocol, {})
        for values in read_examples(shards, [split]):
            for face in ("first", "second"):
                people.add(values[f"{face}/identity"])
                if not values[f"{face}/found"]:
                    found[values[f"{face}/key"]] = None
    return Fold(frozenset(people), {name: tuple(keys) for name, keys in stand_ins.items()})


def read_crops(
    shards: TrainingShards, splits: Iterable[str], keys: Collection[str]
) -> dict[str, CropPair]:
    """The crops of some pairs, by the keys of the pairs.

    Raises:
        InputError: a damaged record.
    """
    return {
        values["key"]: CropPair(values["first/image"], values["second/image"])
        for values in read_examples(shards, splits)
        if values["key"] in keys
    }
