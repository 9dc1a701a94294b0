"""The stage: faces and data sets to one HTML page to look at them with. Start reading here.

What is told is collected as plain values (`contents.py`), of faces by `faces.py`, of data sets by
`data_sets.py`; `page.py` lays them out, and `fitting.py` sees to it that the page stays small. The same
input gives the same page.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.report.data_sets import find_data_sets
from faceprep.report.fitting import Subject, make_page
from faceprep.report.summary import ReportSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.face_folder import FaceFolder
    from faceprep.report.fitting import Made


def report(
    faces: FaceFolder | None,
    shards: str | None,
    out: str,
    *,
    raw: str | None = None,
    tolerant: bool = False,
) -> ReportSummary:
    """Make a page to look at faces and data sets with.

    Args:
        faces: None for none.
        shards: a version of a data set, a data set, or a folder of several; None for none.
        out: where the page goes, a file or URL that ends in .html; an older one is replaced.
        raw: what the faces were extracted from, for pictures of images without a face; the folder of
            faces may know it, too.
        tolerant: it is no error when there are no shards, or none that can be shown; the summary, the log
            and the page tell of it.

    Raises:
        UsageError: `out` is no name of a page.
        InputError: damaged faces, targets or shards; shards that are missing, unfinished, of another version.
        StorageError: the page cannot be written.
    """
    begun = time.monotonic()
    _make_room(out)
    found = find_data_sets(shards) if shards else []
    if shards and not found and not tolerant:
        raise InputError(f"{shards}: no shards there; make them with 'faceprep shard'")
    made = make_page(Subject(faces, raw, found, tolerant))
    storage.write_bytes(out, made.page)
    for what in made.not_shown():
        LOG.warning(f"{what}; the page tells no more of it")
    notes = [] if faces else ["no faces are shown, for there is no folder of them"]
    notes += [f"{shards}: no shards there, so none are shown"] if shards and not found else []
    return _summary(out, made, notes, time.monotonic() - begun)


def _make_room(out: str) -> None:
    """Find out before the work what would keep the page from being written after it."""
    if not out.endswith((".html", ".htm")):
        raise UsageError(f"--out is '{out}'; name a file that ends in .html, such as report.html")
    if not storage.is_url(out) and Path(out).is_dir():
        raise UsageError(f"--out {out} is a folder; name a file, such as {out}/report.html")
    folder, slash, _ = out.rpartition("/")
    storage.make_folder(folder or slash or ".")


def _summary(out: str, made: Made, notes: Sequence[str], seconds: float) -> ReportSummary:
    faces = made.contents.faces
    people = faces.people if faces else ()
    return ReportSummary(
        path=out,
        bytes=len(made.page),
        people=len(people),
        people_in_all=faces.people_in_all if faces else 0,
        faces=sum(len(person.faces) for person in people),
        faces_in_all=faces.faces_in_all if faces else 0,
        data_sets=tuple(each.name for each in made.contents.data_sets if each.splits),
        notes=(*notes, *made.notes),
        seconds=seconds,
    )
