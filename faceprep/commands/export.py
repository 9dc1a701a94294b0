"""`faceprep export`: the crops as plain files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import (
    Output,
    count_line,
    faces_argument,
    open_faces,
    output_options,
    workers_option,
)
from faceprep.export.options import ExportOptions
from faceprep.parameters import options_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.export.run import ExportSummary


@click.command(
    epilog="""\b
Examples:
  faceprep export --to crops
  faceprep export faces --to frontal --max-angle 15 --min-size 80
  faceprep export --to targets --targets-only"""
)
@faces_argument
@click.option("--to", metavar="DIR", required=True, help="Folder for the files; new or empty.")
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

    torchvision's ImageFolder, keras' image_dataset_from_directory and facenet's tools read this.
    """
    from faceprep.export.run import export as run

    with open_faces(faces_dir, allow_incomplete=allow_incomplete) as folder:
        summary = run(folder, to, ExportOptions(**options), workers=workers, bar=output.bar)
    output.summary(summary.as_json(), _lines(summary, to))


def _lines(summary: ExportSummary, to: str) -> Iterator[str]:
    for name, value in summary.as_json().items():
        if isinstance(value, int | float):
            yield count_line(name.replace("_", " "), value)
    yield f"files and poses.csv in {to}"
