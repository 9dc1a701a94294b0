"""Pairs: each face of a person (the feature) with the most frontal one (the target)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep.errors import InputError
from faceprep.records import face_key
from faceprep.shard.faces import Conflicts, codes, copies, find_conflicts, first_reasons
from faceprep.shard.order import hashes
from faceprep.shard.plan import Contents
from faceprep.shard.splits import assign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.shard.options import PairOptions
    from faceprep.shard.splits import HashSplit
    from faceprep.targets import Targets

    Numbers = NDArray[np.int64]

_YAW_BIN = 15.0  # degrees


@dataclass(frozen=True)
class _Faces:
    """The faces by number, (faces,) each.

    Attributes:
        identity: code of the person.
        target: row of the target; -1 without one.
        picture: code of the file's content.
    """

    identity: Numbers
    target: Numbers
    picture: Numbers

    @property
    def is_target(self) -> NDArray[np.bool_]:
        return np.asarray(self.target == np.arange(len(self.target)))


def plan_pairs(
    faces: pa.Table, targets: Targets, split: HashSplit, options: PairOptions
) -> Contents:
    """Choose what goes into a data set of pairs.

    Args:
        faces: as `faces.read_faces` reads them.
        targets: chosen from the same faces.
        split: who is in which split.
        options: what to take.

    Raises:
        InputError: there is no pair.
    """
    by_number = _Faces(
        codes(faces["identity"]), _target_rows(faces, targets), codes(faces["picture"])
    )
    conflicts = find_conflicts(faces)
    left_out = _left_out(by_number, conflicts, options)
    features = np.flatnonzero(~np.logical_or.reduce(list(left_out.values())))
    features, surplus = _balanced(faces, by_number.identity, features, options)
    if not len(features):
        raise InputError(_nothing_left(left_out, len(faces)))
    records = pa.table(
        {
            "key": faces["key"].take(features),
            "split": assign(faces["identity"].take(features), split),
            "feature": pa.array(features),
            "target": pa.array(by_number.target[features]),
        }
    )
    counts = {name: int(mask.sum()) for name, mask in left_out.items()}
    counts |= {"beyond_max_per_identity": surplus, "conflicting_pictures": len(conflicts.keys)}
    return Contents("pairs", faces, records, split.names, counts, conflicts.keys)


def _nothing_left(left_out: Mapping[str, NDArray[np.bool_]], faces: int) -> str:
    reasons = [f"{m.sum():,} {n.replace('_', ' ')}" for n, m in left_out.items() if m.any()]
    those = f"; left out: {', '.join(reasons)}" if reasons else ""
    return (
        f"no pair can be made of {faces:,} faces{those}. Two faces of a person make a pair; "
        "see --include-singletons, --keep-conflicts and 'faceprep select --max-angle'"
    )


def _target_rows(faces: pa.Table, targets: Targets) -> Numbers:
    """The row of each face's target, -1 without one."""
    chosen = targets.rows.filter(pc.is_valid(targets.rows["key"]))
    names = map(face_key, chosen["key"].to_pylist(), chosen["face_index"].to_pylist())
    target_of = _places(faces["key"], pa.array(names, pa.string()))
    row = np.full(len(chosen) + 1, -1)  # the last one: of those who have no target
    row[target_of] = np.arange(len(faces))
    row[-1] = -1
    group = _groups(chosen["identity"], chosen["clip"], targets)
    return row[_places(_groups(faces["identity"], faces["clip"], targets), group)]


def _places(values: pa.Array | pa.ChunkedArray, among: pa.Array) -> Numbers:
    """Where each value is, -1 for those that are not among them."""
    return np.asarray(pc.fill_null(pc.index_in(values, value_set=among), -1), np.int64)


def _groups(identity: pa.ChunkedArray, clip: pa.ChunkedArray, targets: Targets) -> pa.Array:
    """What has one target: the identity, or identity and clip."""
    if targets.options["per"] == "identity":
        return identity.combine_chunks()
    joined = pc.binary_join_element_wise(identity, pc.fill_null(clip, ""), "\0")
    return joined.combine_chunks()


def _left_out(
    faces: _Faces, conflicts: Conflicts, options: PairOptions
) -> dict[str, NDArray[np.bool_]]:
    """Reason to (faces,) bool: what is no feature, each face under its first reason alone."""
    disputed = conflicts.rows & (not options.keep_conflicts)
    target_picture = np.where(faces.target >= 0, faces.picture[faces.target], -1)
    copied = copies(faces.identity, faces.picture) | (faces.picture == target_picture)
    distinct = ~disputed & ~(copied & ~faces.is_target)
    alone = np.bincount(faces.identity, weights=distinct)[faces.identity] <= 1
    reasons = {
        "conflicts": disputed,
        "without_target": faces.target < 0,
        "duplicates": copied & ~faces.is_target,
        "singletons": alone & (not options.include_singletons),
        "targets_themselves": faces.is_target & ~alone & (not options.include_target),
    }
    return first_reasons(reasons)


def _balanced(
    faces: pa.Table, identity: Numbers, features: Numbers, options: PairOptions
) -> tuple[Numbers, int]:
    """At most `max_per_identity` features of each, and how many that leaves out.

    The first of each bin of yaw come first, then the second of each, and so on; within a bin the
    order is that of a hash of the key.
    """
    if not options.max_per_identity or not len(features):
        return features, 0
    order = hashes(faces["key"].take(features), options.seed)
    yaw = np.asarray(faces["yaw"].take(features))
    yaw_bin = np.floor(yaw / _YAW_BIN).astype(np.int64)
    person = identity[features]
    in_bin = _rank([person, yaw_bin], [order])
    kept = _rank([person], [in_bin, order]) < options.max_per_identity
    return features[kept], int((~kept).sum())


def _rank(groups: Sequence[NDArray[Any]], by: Sequence[NDArray[Any]]) -> Numbers:
    """The place of each row within its group, from 0, when the group is sorted."""
    order = np.lexsort([*reversed(by), *reversed(groups)])
    begins = np.ones(len(order), bool)
    begins[1:] = np.logical_or.reduce([np.diff(group[order]) != 0 for group in groups])
    places = np.arange(len(order))
    rank = np.empty(len(order), np.int64)
    rank[order] = places - np.maximum.accumulate(np.where(begins, places, 0))
    return rank
