"""`extract.json`: with what options and versions a folder of faces is made, and what is in it."""

from __future__ import annotations

import dataclasses
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import faceprep
from faceprep import records, storage
from faceprep.errors import InputError, UsageError
from faceprep.extract import parts
from faceprep.faces import model
from faceprep.options import digest, flag
from faceprep.progress import LOG

if TYPE_CHECKING:
    from faceprep.extract.options import ExtractOptions

NAME = "extract.json"

_VERSIONED = ("mediapipe", "opencv-python", "simplejpeg", "pillow", "pyarrow")


def describe(options: ExtractOptions) -> dict[str, Any]:
    """What `extract.json` says before anything is done."""
    settings = dataclasses.asdict(options)
    decisive = {"format": records.FACES_FORMAT, "model": model.SHA256, **settings}
    del decisive["layout"]  # `auto` and what it recognises are the same; see `begin`
    versions = {name: version(name) for name in _VERSIONED}
    return {
        "format": records.FACES_FORMAT,
        "options": settings,
        "digest": digest(decisive),
        "model_sha256": model.SHA256,
        "versions": {"faceprep": faceprep.__version__, **versions},
        "layout": None,
        "counts": None,
    }


def begin(folder: str, manifest: dict[str, Any]) -> None:
    """Leave the manifest in a new folder; hold an old folder's against it.

    Raises:
        UsageError: the folder was begun with other options; each is named.
        InputError: the folder holds something else, or another format.
        StorageError: the manifest cannot be written.
    """
    location = storage.join(folder, NAME)
    if not storage.exists(location):
        if parts.finished_parts(folder):
            raise InputError(f"{folder}: has parts, but no {NAME}; choose another --out")
        write(folder, manifest)
        return
    try:
        before = json.loads(storage.read_bytes(location))
        theirs: dict[str, Any] = before["options"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{location}: not readable; start afresh with --overwrite") from None
    if before["format"] != manifest["format"]:
        raise InputError(
            f"{folder}: has format {before['format']}, this faceprep writes {manifest['format']}; "
            "start afresh with --overwrite or choose another --out"
        )
    _refuse_other_options(folder, theirs, manifest["options"])
    if before["versions"] != manifest["versions"]:
        LOG.warning(f"{folder} was begun with other versions; the new parts may differ slightly")


def _refuse_other_options(folder: str, before: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [
        f"{flag(name)} was {before.get(name)} and is now {value}"
        for name, value in now.items()
        if before.get(name) != value
    ]
    if changed:
        raise UsageError(
            f"{folder}: {'; '.join(changed)}. Give the same options to go on, another --out, "
            "or --overwrite to start afresh"
        )


def write(folder: str, manifest: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    storage.write_bytes(storage.join(folder, NAME), text.encode())
