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
from faceprep.log import LOG
from faceprep.options import digest, flag

if TYPE_CHECKING:
    from faceprep.extract.options import ExtractOptions

NAME = "extract.json"

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


def begin(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Leave the manifest in a new folder; hold an old folder's against it.

    Returns:
        The manifest to go on with: an old folder's own, which names the versions it was begun with.

    Raises:
        UsageError: the folder was begun with other options; each is named.
        InputError: the folder holds something else, or another format.
        StorageError: the manifest cannot be written.
    """
    before = _read(folder)
    if before and before["options"] != manifest["options"] and not parts.finished_parts(folder):
        clear(folder)  # begun, and nothing done: other options are as good
        before = None
    if before is None:
        write(folder, manifest)
        return manifest
    if before["format"] != manifest["format"]:
        raise InputError(
            f"{folder}: has format {before['format']}, this faceprep writes {manifest['format']}; "
            "start afresh with --overwrite or choose another --out"
        )
    _refuse_other_options(folder, before["options"], manifest["options"])
    if before["versions"] != manifest["versions"]:
        LOG.warning(f"{folder} was begun with other versions; new parts may differ slightly")
    return before


def write(folder: str, manifest: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    storage.write_bytes(storage.join(folder, NAME), text.encode())


def clear(folder: str) -> None:
    """Delete what extract writes, and nothing else; the manifest last, so that it can be repeated."""
    for name in (*parts.our_files(folder), NAME):
        storage.remove(storage.join(folder, name))
    storage.remove_leftovers(folder)


def _read(folder: str) -> dict[str, Any] | None:
    """The manifest of the folder; None where nothing has been done yet."""
    location = storage.join(folder, NAME)
    if not storage.exists(location):
        if parts.our_files(folder):
            raise InputError(f"{folder}: has parts, but no {NAME}; choose another --out")
        return None
    try:
        found: dict[str, Any] = json.loads(storage.read_bytes(location))
        found["format"], found["versions"], found["options"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{location}: not readable; start afresh with --overwrite") from None
    return found


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
