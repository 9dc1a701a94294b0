"""What `extract.json` says: with what options and versions a folder of faces is made."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from faceprep import archives, journal, manifest, parts, past_runs, records, storage, versions
from faceprep.faces import model
from faceprep.options import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.extract.options import ExtractOptions
    from faceprep.parts import Counts, Part


_NOTHING_YET = {"counts": None, "worst_part": None, "run": None}


def describe(options: ExtractOptions, layout: str) -> dict[str, Any]:
    """What `extract.json` says before anything is done.

    Args:
        options: as given; `auto` is replaced by what was recognised, for they are the same.
        layout: as recognised.
    """
    settings = {**dataclasses.asdict(options), "layout": layout}
    decisive = {"format": records.FACES_FORMAT, "model": model.SHA256, **settings}
    return {
        "format": records.FACES_FORMAT,
        "options": settings,
        "digest": digest(decisive),
        "model_sha256": model.SHA256,
        "versions": versions.installed(),
        **_NOTHING_YET,
    }


def unfinished(described: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a folder in which something is to be done."""
    return {**described, **_NOTHING_YET}


def finished(
    described: dict[str, Any], counts: Mapping[Part, Counts], run: Mapping[str, Any]
) -> dict[str, Any]:
    """The manifest of a folder in which all is done.

    Args:
        described: as it was begun.
        counts: of each part.
        run: what it took, see `journal.totals`: the one thing that differs when the same is made twice.
    """
    total = sum(counts.values(), parts.Counts())
    return {
        **described,
        "counts": dataclasses.asdict(total),
        "worst_part": journal.worst_part((part.name, each) for part, each in counts.items()),
        "run": dict(run),
    }


def is_begun_otherwise(folder: str, now: dict[str, Any]) -> bool:
    """Whether a run with other options has begun in the folder, and finished no part."""
    before = manifest.read(folder, parts.MANIFEST)
    other = before is not None and before["options"] != now["options"]
    return other and not parts.finished_parts(folder)


def begin(folder: str, now: dict[str, Any]) -> dict[str, Any]:
    """Leave the manifest in a new folder; hold an old folder's against it: see `manifest.begin`."""
    known = storage.exists(storage.join(folder, parts.MANIFEST))
    done = parts.finished_parts(folder) if known else parts.our_files(folder)
    return manifest.begin(folder, parts.MANIFEST, now, bool(done))


def write(folder: str, content: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    manifest.write(folder, parts.MANIFEST, content)


def clear(folder: str) -> None:
    """Delete what extract writes, and nothing else; the manifest last, so that it can be repeated."""
    past_runs.refuse_running(folder)
    journal.clear(folder)
    storage.remove_folder(storage.join(folder, archives.FOLDER))
    for name in (*parts.our_files(folder), parts.MANIFEST):
        storage.remove(storage.join(folder, name))
    storage.remove_leftovers(folder)
