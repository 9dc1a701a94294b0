"""`faceprep runs`: all runs in a table for each kind."""

from __future__ import annotations

import dataclasses

import click

from faceprep import config
from faceprep.commands.common import Output, output_options
from faceprep.errors import InputError
from faceprep.parameters import Folder


@click.command(
    short_help="List all runs, with what they came to.",
    epilog="""\b
Examples:
  faceprep runs
  faceprep runs --format md                    all columns
  faceprep runs --format csv > runs.csv
  faceprep runs /data/runs --json
  faceprep runs s3://mine/runs""",
)
@click.argument(
    "runs_dir",
    type=Folder(),
    metavar="[RUNS]",
    required=False,
    default=config.WORKSPACE["runs"],
    envvar="FACEPREP_RUNS",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "csv"]),
    default="text",
    help="Form of the table on stdout; md and csv have all columns, and csv one table for all kinds.",
)
@output_options
def runs(runs_dir: str, form: str, output: Output) -> None:
    """All runs below RUNS, newest first, in a table for each kind; RUNS/README.md gets it and a picture."""
    from faceprep.train.runs import list_runs, markdown_tables, table, write_index
    from faceprep.train.runs_csv import csv_lines

    found = list_runs(runs_dir)
    if not found:
        raise InputError(f"{runs_dir}: no runs; 'faceprep train' makes one")
    write_index(runs_dir, found)
    tables = {"text": table, "md": markdown_tables, "csv": csv_lines}[form]
    output.summary({"runs": [dataclasses.asdict(run) for run in found]}, tables(found))
