"""Images that gave no face, by cause, with some of each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records
from faceprep.report.contents import Reject, Rejects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.report.rows import Rows
    from faceprep.report.sources import Sources


def read_rejects(rows: Rows, most: int, sources: Sources) -> tuple[Rejects, ...]:
    """All causes, the most frequent first; of each some images, drawn by a hash of their names.

    Args:
        rows: all of them.
        most: images of one cause to be shown.
        sources: that their pictures come from.
    """
    counts = {
        each["values"]: each["counts"]
        for each in pc.value_counts(rows.rejects["status"]).to_pylist()
    }
    return tuple(
        Rejects(
            status,
            records.STATUSES.get(status, ""),
            count,
            tuple(_shown(_some(rows.rejects, status, most), sources)),
        )
        for status, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    )


def _some(rejects: pa.Table, status: str, most: int) -> pa.Table:
    """So many of this status, by name."""
    found = rejects.filter(pc.equal(rejects["status"], status))
    hashes = [hashlib.sha256(name.encode()).digest() for name in found["name"].to_pylist()]
    drawn = sorted(range(len(hashes)), key=hashes.__getitem__)[:most]
    return found.take(pa.array(drawn, pa.int64())).sort_by("name")


def _shown(rejects: pa.Table, sources: Sources) -> Iterator[Reject]:
    for row in rejects.to_pylist():
        words = row["reason"] or ""
        yield Reject(row["name"], row["identity"], words, sources.picture(row))
