"""Triplets for Siamese training: an anchor, another face of the same person, a face of somebody else."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.shard.faces import codes, copies, find_conflicts, first_reasons
from faceprep.shard.plan import Contents
from faceprep.shard.splits import assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from faceprep.shard.options import TripletOptions
    from faceprep.shard.splits import HashSplit, RangeSplit

    Numbers = NDArray[np.int64]


_NOTHING = "no triplet can be drawn: no split has two people, one of them with two faces"


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
    identity, split_of = codes(faces["identity"]), assign(faces["identity"], split)
    left_out = first_reasons(
        {
            "conflicts": conflicts.rows,
            "duplicates": copies(identity, codes(faces["picture"])),
            "other_views": ~_in_view(faces, options.views),
            "outside_splits": np.asarray(pc.is_null(split_of)),
        }
    )
    usable = ~np.logical_or.reduce(list(left_out.values()))
    drawn = [
        _Drawn(key, name, *triplet)
        for name in split.names
        for people in [_people(identity, usable & _is(split_of, name))]
        for key, triplet in _draw(faces, people, name, options)
    ]
    if not drawn:
        raise InputError(_NOTHING)
    counts = {name: int(mask.sum()) for name, mask in left_out.items()}
    counts["no_anchors"] = int(usable.sum()) - len({each.anchor for each in drawn})
    counts["conflicting_pictures"] = len(conflicts.keys)
    return Contents("triplets", faces, _table(drawn), split.names, counts, conflicts.keys)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One triplet: its key and split, and its faces' rows."""

    key: str
    split: str
    anchor: int
    positive: int
    negative: int


def _table(drawn: list[_Drawn]) -> pa.Table:
    names = [field.name for field in dataclasses.fields(_Drawn)]
    return pa.table({name: [getattr(each, name) for each in drawn] for name in names})


def _is(split_of: pa.Array, name: str) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(pc.equal(split_of, name), False))


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


def _people(identity: Numbers, chosen: NDArray[np.bool_]) -> list[Numbers]:
    """The chosen rows of each person."""
    rows = np.flatnonzero(chosen)
    ordered = rows[np.argsort(identity[rows], kind="stable")]
    return np.split(ordered, np.flatnonzero(np.diff(identity[ordered])) + 1) if len(rows) else []


def _draw(
    faces: pa.Table, people: list[Numbers], split: str, options: TripletOptions
) -> Iterator[tuple[str, tuple[int, int, int]]]:
    if len(people) < 2:
        if people:
            LOG.warning(f"split {split} has one person, so there are no negatives")
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
