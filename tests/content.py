"""What is in a folder that a stage has filled, so far as it has to be the same when it is made again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from faceprep import past_runs

if TYPE_CHECKING:
    from pathlib import Path

_MANIFESTS = ("extract.json", "shard.json")


def content(folder: Path) -> dict[str, bytes]:
    """Path below the folder to bytes of every file, hidden ones included; without what tells times."""
    return {
        path.relative_to(folder).as_posix(): _bytes(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and past_runs.FOLDER not in path.relative_to(folder).parts
    }


def _bytes(path: Path) -> bytes:
    if path.name not in _MANIFESTS:
        return path.read_bytes()
    manifest = json.loads(path.read_text("utf-8"))
    assert "run" in manifest
    return json.dumps({**manifest, "run": None}).encode()
