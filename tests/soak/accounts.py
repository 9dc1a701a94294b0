"""Whether every image is accounted for: counted from the Parquet parts, not believed from summaries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from faceprep import records
from tests.soak.catalogue import frames
from tests.soak.stages import PAIRS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.soak.catalogue import Size

    Summaries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Check:
    """One figure from two sides."""

    what: str
    found: int
    expected: int

    @property
    def holds(self) -> bool:
        """Whether both sides agree."""
        return self.found == self.expected


@dataclass(frozen=True)
class Tally:
    """What the Parquet parts hold.

    Attributes:
        rows: in all parts.
        keys: different images among them.
        strangers: images in the parts that were never made, and images made that are in no part.
        faces: rows with a face.
        rejects: status to rows without one.
        undecided: pictures that gave a face in one place, and none in another.
        copies: faces of people with a target that repeat another face of theirs.
        targets: people who have a target.
        without_target: faces of people who have none.
    """

    rows: int
    keys: int
    strangers: int
    faces: int
    rejects: dict[str, int]
    undecided: int
    copies: int
    targets: int
    without_target: int

    @property
    def records(self) -> int:
        """Pairs that must come of it: each different face of a person with that person's target."""
        return self.faces - self.without_target - self.copies - self.targets


def count(folder: Path, size: Size, pictures: int) -> Tally:
    """Read all rows of `folder`/faces.

    Args:
        folder: of the soak.
        size: of its data set.
        pictures: different ones in it.
    """
    rows = _rows(folder / "faces")
    made = pa.array(frame.key for frame in frames(size, pictures))
    found = rows["key"].combine_chunks()
    both = pc.sum(pc.is_in(made, value_set=found)).as_py()
    keys = pc.count_distinct(found).as_py()
    statuses = {row["values"]: row["counts"] for row in pc.value_counts(rows["status"]).to_pylist()}
    return Tally(
        rows=len(rows),
        keys=keys,
        strangers=(keys - both) + (len(made) - both),
        faces=statuses.pop(records.OK, 0),
        rejects=statuses,
        undecided=_undecided(rows),
        **_pairs(folder / "faces", rows),
    )


def _rows(faces: Path) -> pa.Table:
    columns = ["key", "identity", "status", "sha256"]
    paths = sorted(faces.glob("part-*.parquet"))
    return pa.concat_tables(pq.ParquetFile(path).read(columns) for path in paths)


def _undecided(rows: pa.Table) -> int:
    picture, good = _codes(rows["sha256"]), np.asarray(pc.equal(rows["status"], records.OK))
    return len(np.intersect1d(picture[good], picture[~good]))


def _codes(column: pa.ChunkedArray) -> Any:
    """(rows,) a number for each different value."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(coded.indices, np.int64)


def _pairs(faces: Path, rows: pa.Table) -> dict[str, int]:
    """The fields of `Tally` that have to do with pairs."""
    chosen = pq.ParquetFile(faces / "targets.parquet").read(["identity", "key"]).drop_null()
    good = rows.filter(pc.equal(rows["status"], records.OK))
    has_target = pc.is_in(good["identity"], value_set=chosen["identity"].combine_chunks())
    with_target = good.filter(has_target)
    person, picture = _codes(with_target["identity"]), _codes(with_target["sha256"])
    different = np.unique(person * (picture.max(initial=0) + 1) + picture)
    return {
        "copies": len(with_target) - len(different),
        "targets": len(chosen),
        "without_target": len(good) - len(with_target),
    }


def checks(folder: Path, size: Size, tally: Tally, said: Summaries) -> list[Check]:
    """Everything that must agree.

    Args:
        folder: of the soak.
        size: of its data set.
        tally: of its parts.
        said: stage to the summary that it printed.
    """
    return [
        *_of_faces(folder, size, tally, said),
        *_of_pairs(folder, size, tally, said),
        Check("rows that verify read", said["verify faces"]["records"], tally.rows),
        Check("records that verify read", said["verify shards"]["records"], tally.records),
        Check("faults that verify found in faces", said["verify faces"]["fault_count"], 0),
        Check("faults that verify found in shards", said["verify shards"]["fault_count"], 0),
    ]


def _of_faces(folder: Path, size: Size, tally: Tally, said: Summaries) -> list[Check]:
    counts = json.loads((folder / "faces" / "extract.json").read_text())["counts"]
    rejects, resumed = sum(tally.rejects.values()), said["extract"]["images"]
    return [
        Check("rows in the parts = images made", tally.rows, size.images),
        Check("different keys among them = images made", tally.keys, size.images),
        Check("images in no part, or of no source", tally.strangers, 0),
        Check("faces + rejects = rows", tally.faces + rejects, tally.rows),
        Check("images that extract.json counts", counts["images"], size.images),
        Check("faces that extract.json counts", counts["faces"], tally.faces),
        Check("rejects that extract.json counts", sum(counts["rejects"].values()), rejects),
        Check("images that extract counts after its resume", resumed, size.images),
        Check("pictures that gave a face here and none there", tally.undecided, 0),
    ]


def _of_pairs(folder: Path, size: Size, tally: Tally, said: Summaries) -> list[Check]:
    selected, sharded = said["select"], said["shard"]
    looked_at = _sum(selected, "faces", "duplicates")
    aimless = sharded["without_target"]
    return [
        Check("people that select knows", selected["identities"], size.identities),
        Check("people that it gave a target", selected["targets"], tally.targets),
        Check("faces select chose from + copies", looked_at, tally.faces),
        Check("copies that shard left out", sharded["duplicates"], tally.copies),
        Check("targets that it left out as features", *_targets(sharded, tally)),
        Check("faces without a target that it left out", aimless, tally.without_target),
        Check("faces - all left out = records", sharded["records"], tally.records),
        Check("records that dataset_info.json counts", _described(folder / PAIRS), tally.records),
    ]


def _sum(summary: Mapping[str, Any], *names: str) -> int:
    return sum(summary[name] for name in names)


def _targets(sharded: Mapping[str, Any], tally: Tally) -> tuple[int, int]:
    """A target is left out as itself, or, where it is all there is of somebody, as a singleton."""
    return _sum(sharded, "targets_themselves", "singletons"), tally.targets


def _described(folder: Path) -> int:
    """Records by the lengths of shards in dataset_info.json."""
    splits = json.loads((folder / "dataset_info.json").read_text())["splits"]
    return sum(int(length) for split in splits for length in split["shardLengths"])
