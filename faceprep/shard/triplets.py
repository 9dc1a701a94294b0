"""Triplets for Siamese training: an anchor, another face of the same person, a face of somebody else."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.shard.faces import codes, copies, find_conflicts
from faceprep.shard.plan import Contents
from faceprep.shard.splits import assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from faceprep.shard.options import TripletOptions
    from faceprep.shard.splits import HashSplit, RangeSplit

    Numbers = NDArray[np.int64]


def plan_triplets(
    faces: pa.Table, split: HashSplit | RangeSplit, options: TripletOptions
) -> Contents:
    """Draw triplets, each within one split.

    Each face of a person who has two is `per_face` times an anchor. The positive is drawn from that
    person's other faces; the negative by drawing another person of the split, and one of their faces.

    Args:
        faces: as `faces.read_faces` reads them.
        split: who is in which split.
        options: what to draw.

    Raises:
        InputError: no triplet can be drawn, or there are no views to choose by.
    """
    conflicts = find_conflicts(faces)
    identity = codes(faces["identity"])
    copied = copies(identity, codes(faces["picture"])) & ~conflicts.rows
    usable = ~conflicts.rows & ~copied & _in_view(faces, options.views)
    split_of = assign(faces["identity"], split)
    drawn: dict[str, list[int]] = {"anchor": [], "positive": [], "negative": []}
    keys: list[str] = []
    splits: list[str] = []
    for name in split.names:
        rows = np.flatnonzero(usable & np.asarray(pc.fill_null(pc.equal(split_of, name), False)))
        people = _by_person(identity, rows)
        for key, triplet in _draw(faces, people, name, options):
            keys.append(key)
            splits.append(name)
            for slot, row in zip(drawn, triplet, strict=True):
                drawn[slot].append(row)
    if not keys:
        raise InputError(
            "no triplet can be drawn: no split has two people, one of them with two faces"
        )
    table = pa.table({"key": keys, "split": splits, **drawn})
    counts = {
        "conflicts": int(conflicts.rows.sum()),
        "duplicates": int(copied.sum()),
        "conflicting_pictures": len(conflicts.keys),
        "outside_splits": int(split_of.null_count),
    }
    return Contents("triplets", faces, table, split.names, counts, conflicts.keys)


def _in_view(faces: pa.Table, views: str) -> NDArray[np.bool_]:
    if views == "all":
        return np.ones(len(faces), bool)
    chosen = np.asarray(pc.equal(faces["view"], views))
    if not chosen.any():
        raise InputError(
            f"--views {views}: no face has that label; the layout cfp and tables with a column view "
            "have labels"
        )
    return chosen


def _by_person(identity: Numbers, rows: Numbers) -> list[Numbers]:
    """The rows of each person."""
    ordered = rows[np.argsort(identity[rows], kind="stable")]
    return np.split(ordered, np.flatnonzero(np.diff(identity[ordered])) + 1) if len(rows) else []


def _draw(
    faces: pa.Table, people: list[Numbers], split: str, options: TripletOptions
) -> Iterator[tuple[str, tuple[int, int, int]]]:
    if len(people) < 2:
        if people:
            LOG.warning(f"split {split} has one person, so there are no negatives; it is left out")
        return
    for person, rows in enumerate(people):
        if len(rows) < 2:
            continue
        for place, anchor in enumerate(rows.tolist()):
            name = faces["key"][anchor].as_py()
            for number in range(options.per_face):
                key = f"{name}@{number}"
                one, two, three = _three_numbers(key, options.seed)
                positive = rows[(place + 1 + one % (len(rows) - 1)) % len(rows)]
                other = people[(person + 1 + two % (len(people) - 1)) % len(people)]
                yield key, (anchor, int(positive), int(other[three % len(other)]))


def _three_numbers(key: str, seed: int) -> tuple[int, int, int]:
    """Three independent numbers of 64 bits, the same for the same key and seed."""
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    one, two, three = (int.from_bytes(digest[i : i + 8], "big") for i in (0, 8, 16))
    return one, two, three
