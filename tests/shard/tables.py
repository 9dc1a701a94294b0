"""Faces as `faces.read_faces` gives them, and targets, made up from short rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faceprep import records
from faceprep.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from faceprep.shard.plan import Contents

Face = dict[str, Any]

SCHEMA = pa.schema(
    {
        "key": pa.string(),
        "identity": pa.string(),
        "clip": pa.string(),
        "view": pa.string(),
        "yaw": pa.float32(),
        "pitch": pa.float32(),
        "roll": pa.float32(),
        "frontality": pa.float32(),
        "crop_bytes": pa.int32(),
        "part": pa.int32(),
        "row": pa.int32(),
        "found": pa.bool_(),
        "picture": pa.int64(),
    }
)


def face(key: str, yaw: float = 0.0, picture: str | None = None, **changes: Any) -> Face:
    """A row; the identity is the first folder of the key, the picture its own unless it is named."""
    pose = {"yaw": yaw, "pitch": 0.0, "roll": 0.0, "frontality": 100.0}
    text = {"identity": key.split("/")[0], "clip": "", "view": ""}
    digest = hashlib.sha256((picture or key).encode()).digest()
    shown = {"picture": int.from_bytes(digest[:7], "big"), "crop_bytes": 1000, "found": True}
    return {"key": key, **text, **pose, **shown, **changes}


def crowd(*sizes: int, **changes: Any) -> list[Face]:
    """So many faces of a first person, of a second and so on: `00/00`, `00/01`, …, `01/00`, …."""
    return [
        face(f"{person:02d}/{number:02d}", **changes)
        for person, size in enumerate(sizes)
        for number in range(size)
    ]


def table(faces: Iterable[Face]) -> pa.Table:
    """The faces sorted by key; `row` tells in which order they were given."""
    rows = [{"part": 0, "row": row, **face} for row, face in enumerate(faces)]
    return pa.Table.from_pylist(sorted(rows, key=lambda face: str(face["key"])), SCHEMA)


def targets(chosen: Mapping[str, str | None], per: str = "identity") -> Targets:
    """Targets by what they are of: `{"ann": "ann/1", "bob": None}`; by clip `{"ann:x": "ann/x/1"}`."""
    return Targets(
        pa.Table.from_pylist(
            [_target(of, key) for of, key in sorted(chosen.items())], records.target_schema()
        ),
        {"per": per},
        "digest of the faces",
    )


def _target(of: str, face_key: str | None) -> dict[str, Any]:
    identity, _, clip = of.partition(":")
    key, _, index = (face_key or "").partition("#")
    return {
        **dict.fromkeys(records.target_schema().names),
        "identity": identity,
        "clip": clip or None,
        "key": key or None,
        "face_index": int(index or 0) if key else None,
        "faces": 1,
        "shortlist": 1,
        "reason": "made up",
    }


def named(contents: Contents) -> list[dict[str, str]]:
    """For each record its key and its split, and the key of each of its faces."""
    rows: list[dict[str, Any]] = contents.records.to_pylist()
    keys = contents.faces["key"].to_pylist()
    return [
        {"key": row["key"], "split": row["split"], **{s: keys[row[s]] for s in contents.slots}}
        for row in rows
    ]
