"""The plain facts of a folder of faces, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from faceprep import manifest, parts, storage
from faceprep.report.people import MOST_FACES
from faceprep.report.text import number, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.face_folder import FaceFolder
    from faceprep.report.chosen import Chosen
    from faceprep.report.rows import Rows


def read(folder: FaceFolder, rows: Rows, chosen: Chosen) -> dict[str, dict[str, str]]:
    """The `facts`, `options` and `versions` of `contents.FacesContents`.

    Args:
        folder: of faces.
        rows: all of it.
        chosen: its targets.

    Raises:
        InputError: `extract.json` cannot be read.
    """
    described = manifest.read(folder.path, parts.MANIFEST) or {}
    facts = dict(_facts(folder, rows, chosen)) | dict(_run_facts(described))
    options = {name.replace("_", " "): str(value) for name, value in folder.options.items()}
    versions = {name: str(value) for name, value in described.get("versions", {}).items()}
    return {"facts": facts, "options": options, "versions": versions}


def notes(folder: FaceFolder, rows: Rows) -> Iterator[str]:
    """What the reader should know before believing the page."""
    if folder.missing:
        yield f"{folder.missing:,} parts are still to do; what will be in them is not on this page."
    if rows.per_group(rows.faces).max(initial=0) > MOST_FACES:
        yield (
            f"Of people with more than {MOST_FACES} faces, {MOST_FACES} are shown: the target, and others "
            "at all angles."
        )
    if rows.faces.num_rows and rows.faces["crop_bytes"].null_count == rows.faces.num_rows:
        yield (
            "The faces were extracted with --no-crops: there are no pictures of them, and "
            "near-duplicates could not be looked for."
        )


def _facts(folder: FaceFolder, rows: Rows, chosen: Chosen) -> Iterator[tuple[str, str]]:
    images, rejects = rows.images, rows.rejects.num_rows
    yield "images", f"{images:,}"
    yield "faces", f"{rows.faces.num_rows:,}"
    yield "people", f"{pc.count_distinct(rows.groups['identity']).as_py():,}"
    if chosen.per_clip:
        yield "clips", f"{rows.groups.num_rows:,}"
    yield "without a face", f"{rejects:,} ({number(100 * rejects / max(images, 1), '%')})"
    yield "targets", chosen.words
    planned = len(folder.parts) + folder.missing
    yield "parts", f"{len(folder.parts):,}" + (f" of {planned:,}" if folder.missing else "")
    yield "size on disk", size(sum(storage.sizes(folder.path).values()))


def _run_facts(described: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What extract's runs and their worst part were like; older folders do not tell."""
    if run := described.get("run"):
        workers = f"{run['workers']:,} worker{'s' if run['workers'] > 1 else ''}"
        yield "images/s", f"{number(run['per_second'])} with {workers}"
        yield "time", f"{duration(run['wall_seconds'])} from first to last"
    if worst := described.get("worst_part"):
        yield (
            "worst part",
            f"{worst['part']}: {worst['rejected']:,} of its {worst['images']:,} images gave no face",
        )


def duration(seconds: float) -> str:
    """In words: 45 s, 12 min, 3 h 20 min."""
    if seconds < 100:
        return number(seconds, "s")
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60:,} h {minutes % 60} min"
