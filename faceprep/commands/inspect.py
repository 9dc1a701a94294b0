"""`faceprep inspect`: a look into faces and shards."""

from __future__ import annotations

import click

from faceprep.commands.common import Output, output_options
from faceprep.parameters import File, Folder


@click.command(
    short_help="Tell what is in faces or shards, record by record.",
    epilog="""\b
Examples:
  faceprep inspect faces
  faceprep inspect shards/pairs --records 10 --save look""",
)
@click.argument("path", type=File())
@click.option(
    "--records",
    type=click.IntRange(0),
    default=3,
    metavar="N",
    help="How many records to show in words.",
)
@click.option(
    "--save",
    type=Folder(),
    metavar="DIR",
    help="Folder for the images of those records, and for plots.",
    show_default="none",
)
@output_options
def inspect(path: str, records: int, save: str | None, output: Output) -> None:
    """Tell what is in PATH: faces, a part, a data set or a shard; fields, counts, some records.

    PATH is a folder or URL that extract or shard has filled, or one file in it.
    """
    from faceprep.inspect.run import inspect as run

    inspection = run(path, records=records, save=save)
    output.summary(inspection.as_json(), [inspection.as_text()])
