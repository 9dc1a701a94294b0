"""What `extract.json` says: with what options and versions a folder of faces is made."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import faceprep
from faceprep import manifest, parts, records, storage
from faceprep.faces import model
from faceprep.options import digest

if TYPE_CHECKING:
    from faceprep.extract.options import ExtractOptions

_VERSIONED = ("mediapipe", "numpy", "opencv-python", "pillow", "pyarrow", "simplejpeg")


def describe(options: ExtractOptions, layout: str) -> dict[str, Any]:
    """What `extract.json` says before anything is done.

    Args:
        options: as given; `auto` is replaced by what was recognised, for they are the same.
        layout: as recognised.
    """
    settings = {**dataclasses.asdict(options), "layout": layout}
    decisive = {"format": records.FACES_FORMAT, "model": model.SHA256, **settings}
    versions = {name: version(name) for name in _VERSIONED}
    return {
        "format": records.FACES_FORMAT,
        "options": settings,
        "digest": digest(decisive),
        "model_sha256": model.SHA256,
        "versions": {"faceprep": faceprep.__version__, **versions},
        "counts": None,
    }


def begin(folder: str, now: dict[str, Any]) -> dict[str, Any]:
    """Leave the manifest in a new folder; hold an old folder's against it: see `manifest.begin`."""
    known = storage.exists(storage.join(folder, parts.MANIFEST))
    done = parts.finished_parts(folder) if known else parts.our_files(folder)
    return manifest.begin(folder, parts.MANIFEST, now, bool(done), clear)


def write(folder: str, content: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    manifest.write(folder, parts.MANIFEST, content)


def clear(folder: str) -> None:
    """Delete what extract writes, and nothing else; the manifest last, so that it can be repeated."""
    for name in (*parts.our_files(folder), parts.MANIFEST):
        storage.remove(storage.join(folder, name))
    storage.remove_leftovers(folder)
