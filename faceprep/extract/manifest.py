"""What `extract.json` says: with what options and versions a folder of faces is made."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from faceprep import (
    archives,
    forgotten,
    journal,
    manifest,
    parts,
    past_runs,
    records,
    storage,
    versions,
)
from faceprep.errors import InputError
from faceprep.faces import model
from faceprep.log import LOG
from faceprep.options import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.extract.options import ExtractOptions
    from faceprep.forgotten import Forgotten
    from faceprep.parts import Counts, Part


_NOTHING_YET = {"counts": None, "worst_part": None, "run": None}


def describe(options: ExtractOptions, layout: str) -> dict[str, Any]:
    """What `extract.json` says before anything is done.

    Args:
        options: as given; `auto` is replaced by what was recognised, for they are the same.
        layout: as recognised.
    """
    settings = {**dataclasses.asdict(options), "layout": layout}
    if options.crops:
        del settings["crops"]  # folders of before there was this option stay as they are
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
    """Whether a run with other options has begun in the folder, and left nothing that is to be kept.

    That is a finished part, or people who are to be kept out.
    """
    before = manifest.read(folder, parts.MANIFEST)
    if before is None or before["options"] == now["options"]:
        return False
    location = storage.join(folder, parts.MANIFEST)
    return not (forgotten.read(location, before).people or parts.finished_parts(folder))


def forgotten_people(folder: str, described: dict[str, Any]) -> Forgotten:
    """Those who are to be kept out. Raises InputError: forgetting them is not finished."""
    location = storage.join(folder, parts.MANIFEST)
    forgotten.refuse_unfinished(location, described)
    return forgotten.read(location, described)


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
    _say_who_may_come_back(folder)
    journal.clear(folder)
    storage.remove_folder(storage.join(folder, archives.FOLDER))
    for name in (*parts.our_files(folder), parts.MANIFEST):
        storage.remove(storage.join(folder, name))
    storage.remove_leftovers(folder)


def _say_who_may_come_back(folder: str) -> None:
    """The list of people to be kept out goes with the folder's content; a damaged one does too."""
    with contextlib.suppress(InputError):
        described = manifest.read(folder, parts.MANIFEST) or {}
        if people := forgotten.read(folder, described).people:
            LOG.warning(
                f"{folder}: {len(people):,} people had been forgotten in it. They are extracted again, if "
                "they are still in the source; 'faceprep forget' afterwards removes them again"
            )
