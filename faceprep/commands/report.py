"""`faceprep report`: a page to look at."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from faceprep.commands.common import (
    Output,
    count_line,
    faces_argument,
    open_faces,
    output_options,
    raw_option,
    shards_argument,
)
from faceprep.errors import UsageError
from faceprep.log import LOG
from faceprep.parameters import File

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from faceprep.face_folder import FaceFolder
    from faceprep.report.summary import ReportSummary


@click.command(
    short_help="A page to look at: faces, targets, rejects, pairs.",
    epilog="""\b
Examples:
  faceprep report                              faces/, shards/ to report.html
  faceprep report --open
  faceprep report /data/faces /data/shards --out look/today.html
  faceprep report shards                       shards alone""",
)
@faces_argument
@shards_argument
@click.option(
    "--out",
    type=File(),
    metavar="FILE",
    default="report.html",
    help="The page, a file or URL that ends in .html; an older one is replaced.",
)
@raw_option(
    "The source of the faces, for pictures of images without a face, where FACES does not tell it."
)
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser.")
@output_options
def report(
    faces_dir: str,
    shards_dir: str,
    allow_incomplete: bool,
    out: str,
    raw_dir: str,
    open_it: bool,
    output: Output,
) -> None:
    """Make a page to look at: who was found, how faces are turned, what was chosen and rejected.

    FACES (default: faces) is a folder of faces, SHARDS (default: shards) one of shards, of which pairs are
    shown; the page goes without SHARDS when they are not named and not there, and without FACES when there
    are only shards. It is one file of at most 10 MB, which loads nothing from anywhere; of large data it
    shows a sample, always the same. It holds pictures of people: treat it as you treat FACES.
    """
    from faceprep.report.run import report as run

    faces, shards, tolerant = _subject(faces_dir, shards_dir)
    with _opened(faces, allow_incomplete) as folder:
        summary = run(folder, shards, out, raw=raw_dir, tolerant=tolerant)
    output.summary(summary.as_json(), _lines(summary))
    if open_it:
        _open(out)


def _subject(faces_dir: str, shards_dir: str) -> tuple[str | None, str, bool]:
    """The folder of faces (None for none), that of shards, and whether the latter may be missing."""
    from faceprep import parts, storage
    from faceprep.report.data_sets import find_data_sets

    if not shards_dir:
        raise UsageError("SHARDS is empty; name a folder")
    tolerant = not _is_typed("shards_dir")
    if not _is_typed("faces_dir"):
        shards_alone = not storage.exists(faces_dir) and find_data_sets(shards_dir)
        return None if shards_alone else faces_dir, shards_dir, tolerant
    has_faces = storage.exists(storage.join(faces_dir, parts.MANIFEST))
    if tolerant and not has_faces and find_data_sets(faces_dir):
        return None, faces_dir, False
    return faces_dir, shards_dir, tolerant


def _is_typed(name: str) -> bool:
    """Whether an argument stands on the command line; a workspace is set for other commands, too."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def _opened(
    faces_dir: str | None, allow_incomplete: bool
) -> AbstractContextManager[FaceFolder | None]:
    if faces_dir is None:
        return contextlib.nullcontext()
    return open_faces(faces_dir, allow_incomplete=allow_incomplete)


def _open(page: str) -> None:
    """Show the page; where that cannot be done, it is there nevertheless."""
    import webbrowser
    from pathlib import Path

    from faceprep import storage

    if storage.is_url(page):
        LOG.warning(f"{page}: not opened, for a browser needs it on this machine")
    elif not webbrowser.open(Path(page).resolve().as_uri()):
        LOG.warning(f"{page}: not opened, for no browser was found; open it in one")


def _lines(summary: ReportSummary) -> Iterator[str]:
    from faceprep.report.text import size

    if summary.people_in_all:
        yield f"{count_line('people shown', summary.people)}  of {summary.people_in_all:,}"
        yield f"{count_line('faces shown', summary.faces)}  of {summary.faces_in_all:,}"
    if summary.data_sets:
        yield f"data sets: {', '.join(summary.data_sets)}"
    yield from summary.notes
    yield f"{size(summary.bytes)} in {summary.path}"
