"""`faceprep inspect`: a look into faces and shards."""

from __future__ import annotations

import click

from faceprep.commands.common import Output, output_options


@click.command(
    epilog="""\b
Examples:
  faceprep inspect faces
  faceprep inspect shards/pairs --records 10 --save look"""
)
@click.argument("path")
@click.option("--records", type=click.IntRange(0), default=3, help="How many to show in words.")
@click.option("--save", metavar="DIR", help="Write the images of those records there.")
@output_options
def inspect(path: str, records: int, save: str | None, output: Output) -> None:
    """Tell what is in PATH: faces, a part, a data set or a shard; fields, counts, some records."""
    from faceprep.inspect.run import inspect as run

    inspection = run(path, records=records, save=save)
    output.summary(inspection.as_json(), [inspection.as_text()])
