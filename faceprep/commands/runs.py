"""`faceprep runs`: all runs in one table."""

from __future__ import annotations

import dataclasses

import click

from faceprep import config
from faceprep.commands.common import Output, output_options
from faceprep.errors import InputError


@click.command(
    epilog="""\b
Examples:
  faceprep runs
  faceprep runs /data/runs --json"""
)
@click.argument(
    "runs_dir",
    metavar="[RUNS]",
    required=False,
    default=config.WORKSPACE["runs"],
    envvar="FACEPREP_RUNS",
)
@output_options
def runs(runs_dir: str, output: Output) -> None:
    """All runs below RUNS in one table, newest first; also written to RUNS/README.md."""
    from faceprep.train.runs import list_runs, table, write_index

    found = list_runs(runs_dir)
    if not found:
        raise InputError(f"{runs_dir}: no runs; 'faceprep train autoencoder' makes one")
    write_index(runs_dir, found)
    output.summary({"runs": [dataclasses.asdict(run) for run in found]}, table(found))
