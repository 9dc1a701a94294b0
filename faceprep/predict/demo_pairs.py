"""Some pairs out of shards, always the same, from all over a split. Light: read without tensorflow."""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import records
from faceprep.errors import InputError
from faceprep.train.examples import read_examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from faceprep.train.shards import TrainingShards

_SEED = b"faceprep demo"


@dataclass(frozen=True, slots=True)
class DemoPair:
    """Two faces of a data set.

    Attributes:
        key: of the record; of a triplet's pairs with `/positive` or `/negative`.
        same: whether they are of one person.
        first: the face, as a JPEG or PNG file; `second` likewise.
        first_key: what the face is called; `second_key` likewise.
    """

    key: str
    same: bool
    first: bytes
    second: bytes
    first_key: str
    second_key: str


@dataclass(frozen=True)
class Chosen:
    """Pairs to show.

    Attributes:
        genuine: of one person each.
        impostor: of two.
    """

    genuine: tuple[DemoPair, ...]
    impostor: tuple[DemoPair, ...]


def choose(shards: TrainingShards, splits: Sequence[str], count: int) -> Chosen:
    """So many genuine and so many impostor pairs, those whose keys have the smallest hashes.

    Args:
        shards: of a protocol, or of triplets.
        splits: of it, whose pairs are meant.
        count: of each kind; fewer where there are fewer.

    Raises:
        InputError: a record is damaged; there is no pair of one of the two kinds.
    """
    best: dict[bool, list[tuple[int, int, DemoPair]]] = {True: [], False: []}
    for number, pair in enumerate(_pairs(shards, splits)):
        kept = best[pair.same]
        heapq.heappush(kept, (-_order(pair.key), -number, pair))
        if len(kept) > count:
            heapq.heappop(kept)
    for same, word in ((True, "genuine"), (False, "impostor")):
        if not best[same]:
            raise InputError(f"{shards.folder}: no {word} pair in {', '.join(splits)}")
    return Chosen(_sorted(best[True]), _sorted(best[False]))


def _sorted(kept: Iterable[tuple[int, int, DemoPair]]) -> tuple[DemoPair, ...]:
    return tuple(pair for *_, pair in sorted(kept, key=lambda each: each[:2], reverse=True))


def _order(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16, key=_SEED).digest(), "big")


def _pairs(shards: TrainingShards, splits: Sequence[str]) -> Iterator[DemoPair]:
    for values in read_examples(shards, splits):
        yield from _of_example(shards.data_set, values)


def _of_example(data_set: str, values: dict[str, Any]) -> Iterator[DemoPair]:
    key = values["key"]
    if data_set == "cfp":
        yield _pair(key, values["label"] == records.LABEL_SAME, values, "first", "second")
        return
    yield _pair(f"{key}/positive", True, values, "anchor", "positive")
    yield _pair(f"{key}/negative", False, values, "anchor", "negative")


def _pair(key: str, same: bool, values: dict[str, Any], first: str, second: str) -> DemoPair:
    return DemoPair(
        key,
        same,
        values[f"{first}/image"],
        values[f"{second}/image"],
        values[f"{first}/key"],
        values[f"{second}/key"],
    )
