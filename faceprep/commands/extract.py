"""`faceprep extract`: photographs to faces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from faceprep import config, log
from faceprep.array_task import task_of_environment
from faceprep.commands.common import Output, backend_options, count_line, output_options
from faceprep.errors import FaceprepError
from faceprep.extract.options import ExtractOptions
from faceprep.faces.options import REJECTS, TIMEOUT
from faceprep.parameters import File, Folder, Share, Statuses, Task, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.array_task import ArrayTask
    from faceprep.engine import Workers
    from faceprep.extract.summary import ExtractSummary


@click.command(
    short_help="Photographs to faces: found, posed, aligned, cropped.",
    epilog="""\b
Examples:
  faceprep extract                              raw/ to faces/, on all cores
  faceprep extract photos --out f --size 112    another source, another folder
  faceprep extract lfw.tgz                      out of the archive
  faceprep extract list.csv --layout list       columns path, identity, clip
  faceprep extract --pose mesh --align arcface  crops for ArcFace models
  faceprep extract --no-crops                   poses and boxes, no pictures
  faceprep extract --retry timeout,crashed      those once more
  faceprep extract s3://b/raw --out s3://b/faces --task 3/16""",
)
@click.argument(
    "raw_dir",
    type=File(),
    metavar="[SRC]",
    required=False,
    default=config.WORKSPACE["raw"],
    envvar="FACEPREP_RAW",
)
@click.option(
    "--out",
    "faces_dir",
    type=Folder(),
    metavar="DIR",
    default=config.WORKSPACE["faces"],
    envvar="FACEPREP_FACES",
    help="Folder or URL for the faces; made where it is missing, gone on with where it is not.",
)
@backend_options
@click.option(
    "--task",
    type=Task(),
    metavar="I/N",
    help="Do a share of the parts: 0/16 to 15/16 for sixteen tasks that need not know each other.",
    show_default="all, or as an array job's environment says",
)
@options_of(ExtractOptions)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86_400),
    default=TIMEOUT,
    metavar="SECONDS",
    help="Longest that one image may take, in seconds; after that it is rejected.",
)
@click.option(
    "--max-rejects",
    type=Share(),
    metavar="SHARE",
    help="End with exit code 1 when a larger share of the images, as 5% or 0.05, gives no face.",
    show_default="no limit",
)
@click.option(
    "--retry",
    type=Statuses(),
    default="",
    metavar="STATUS,…",
    help=f"Do parts again that hold images rejected as these: {', '.join(REJECTS)}.",
    show_default="none",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="First delete what earlier runs left in DIR; else the same options go on there, and "
    "others are refused.",
)
@output_options
def extract(
    raw_dir: str,
    faces_dir: str,
    workers: Workers,
    task: ArrayTask | None,
    timeout: float,
    max_rejects: float | None,
    overwrite: bool,
    retry: frozenset[str],
    output: Output,
    **options: Any,
) -> None:
    """Photographs in SRC to faces in DIR: found, posed, aligned, cropped.

    SRC (default: raw) is a folder with one folder per person (or another layout), or a table that names
    the images; archives (.zip, .tar, .tar.gz) are read as folders. DIR gets Parquet files that any Parquet
    reader opens: a row per face with its crop, and a row with the reason for each image that gave none.
    Both may be s3:// or gs:// URLs. Run the same command again to go on after a kill, or to add the
    images that came to SRC since.
    """
    from faceprep.extract.run import extract as run

    task = task or task_of_environment(os.environ)
    log.describe(task=task)
    if task:
        log.LOG.info(f"task {task} of an array: it does its share of the parts")
    summary = run(
        raw_dir,
        faces_dir,
        ExtractOptions(**options),
        workers=workers,
        task=task,
        timeout=timeout,
        overwrite=overwrite,
        retry=retry,
        bar=output.bar,
    )
    output.summary(summary.as_json(), _lines(summary, faces_dir))
    _hold_to_limits(summary, max_rejects, faces_dir)


def _hold_to_limits(summary: ExtractSummary, max_rejects: float | None, folder: str) -> None:
    if summary.total is None:
        return  # a task of an array: the last one judges the whole
    counts = summary.total
    if not counts.faces:
        raise FaceprepError(f"none of the {counts.images:,} images gave a face")
    share = counts.rejected / counts.images
    if max_rejects is not None and share > max_rejects:
        raise FaceprepError(
            f"{counts.rejected:,} of {counts.images:,} images ({share:.1%}) gave no "
            f"face, more than --max-rejects {max_rejects:.1%}; the faces are in {folder} all the same"
        )


def _lines(summary: ExtractSummary, folder: str) -> Iterator[str]:
    facts = summary.as_json()
    yield count_line("images", facts["images"])
    yield count_line("faces", facts["faces"])
    for status, count in sorted(summary.counts.rejects.items()):
        yield count_line(f"  {status}", count)
    if summary.processed:
        yield count_line("images/s", facts["images_per_second"])
        yield count_line("images/core-s", facts["images_per_core_second"])
    else:
        yield "nothing was left to do"
    yield f"{facts['parts']} {'part' if facts['parts'] == 1 else 'parts'} in {folder}"
    if summary.unfinished:
        yield f"{summary.unfinished} of them are still to do, by other tasks"
