"""`faceprep export`: the crops as plain files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import (
    Output,
    count_line,
    faces_argument,
    output_options,
    workers_option,
)
from faceprep.export.options import ExportOptions
from faceprep.parameters import Folder, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.export.run import ExportSummary


@click.command(
    short_help="Crops as plain image files, with poses.csv.",
    epilog="""\b
Examples:
  faceprep export --to crops
  faceprep export faces --to frontal --max-angle 15 --min-size 80
  faceprep export --to targets --targets-only  one face of each person""",
)
@faces_argument
@click.option(
    "--to",
    type=Folder(),
    metavar="DIR",
    required=True,
    help="Folder or URL for the files; new or empty.",
)
@options_of(ExportOptions)
@workers_option
@output_options
def export(
    faces_dir: str,
    allow_incomplete: bool,
    to: str,
    workers: int | None,
    output: Output,
    **options: Any,
) -> None:
    """Write the crops in FACES as files, DIR/identity/name.jpg, with DIR/poses.csv beside them.

    FACES (default: faces) is what extract made. torchvision's ImageFolder, keras'
    image_dataset_from_directory and facenet's tools read what comes out.
    """
    from faceprep.api.preparing import export_crops

    summary = export_crops(
        faces_dir,
        to,
        ExportOptions(**options),
        allow_incomplete=allow_incomplete,
        workers=workers,
        bar=output.bar,
    )
    output.summary(summary.as_json(), _lines(summary, to))


def _lines(summary: ExportSummary, to: str) -> Iterator[str]:
    for name, value in summary.as_json().items():
        if isinstance(value, int | float):
            yield count_line(name.replace("_", " "), value)
    yield f"files and poses.csv in {to}"
