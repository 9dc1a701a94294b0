"""`faceprep verify`: what is wrong with faces and shards, and where."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from faceprep.commands.common import Output, backend_options, count_line, output_options
from faceprep.parameters import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.engine import Workers
    from faceprep.verify.run import VerifySummary


@click.command(
    short_help="Read faces or shards again, and name each fault.",
    epilog="""\b
Examples:
  faceprep verify faces
  faceprep verify shards
  faceprep verify shards/pairs/1.0.0 --json""",
)
@click.argument("path", type=Folder())
@backend_options
@output_options
def verify(path: str, workers: Workers, output: Output) -> None:
    """Read all of PATH again, faces or shards, and name the file and record of each fault.

    PATH is a folder or URL of faces, of shards, or of one data set. Checksums, counts, images, keys,
    splits, labels and targets are looked at; one changed byte is found. Exit code 1 when there is a fault.
    """
    from faceprep.engine import known_to
    from faceprep.verify.run import verify as run

    summary = run(known_to(workers, path), workers=workers, bar=output.bar)
    if not output.as_json:  # --quiet leaves out the numbers, not the faults
        for fault in summary.faults:
            click.echo(str(fault))
    output.summary(summary.as_json(), _lines(summary))
    if summary.fault_count:
        sys.exit(1)


def _lines(summary: VerifySummary) -> Iterator[str]:
    for name, value in summary.as_json().items():
        if isinstance(value, int | float):
            yield count_line(name.replace("_", " "), value)
