"""What the tests of status share: what it says, as its JSON has it, and folders that are made up."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faceprep import manifest, parts, records
from faceprep.extract.layouts import SCHEMA
from faceprep.status.run import status

if TYPE_CHECKING:
    from pathlib import Path


def told(path: Path, **options: bool) -> dict[str, Any]:
    """What status says of the first folder at a path, and what is next, through JSON and back."""
    found = json.loads(json.dumps(status(str(path), **options).as_json()))
    return {**found["folders"][0], "next": found["next"]}


def age(folder: Path, seconds: float = 61) -> None:
    """As if so much time had passed since the runs in a folder were last heard of."""
    for path in (folder / ".runs").glob("*.json"):
        before = path.stat().st_mtime - seconds
        os.utime(path, (before, before))


def many(folder: Path, images: int, done: int) -> Path:
    """A folder of so many images, with parts that nothing may look into."""
    folder.mkdir()
    keys = pa.array([f"{number % 1595:04d}/{number:07d}.jpg" for number in range(images)])
    columns = {"key": keys, "identity": keys}
    table = pa.table(
        {name: columns.get(name, pa.nulls(images, pa.string())) for name in SCHEMA.names}
    )
    parts.write_catalog(str(folder), 0, "identity", table)
    for part in parts.planned_parts(str(folder))[:done]:
        (folder / part.name).write_bytes(b"")
    described = {"format": records.FACES_FORMAT, "digest": "d", "options": {}, "versions": {}}
    manifest.write(str(folder), parts.MANIFEST, described | {"counts": None})
    return folder
