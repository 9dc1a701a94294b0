"""`faceprep train`: shards to a trained model."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from faceprep import config
from faceprep.commands.common import Output, count_line, output_options
from faceprep.errors import UsageError
from faceprep.parameters import given, options_of
from faceprep.train.learning import FitOptions
from faceprep.train.options import AutoencoderOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.train.run_folder import Run

_CUSTOM = "custom"
_DEFAULT = "frontal"


@click.group()
def train() -> None:
    """Shards to a trained model: on all GPUs where there are any, else on the CPU, with one command."""


@train.command(
    epilog="""\b
Examples:
  faceprep train autoencoder                          shards/ to runs/autoencoder-frontal-001
  faceprep train autoencoder --preset v12 --latent 128 --epochs 50
  faceprep train autoencoder --family pooled --input-size 96x96x3 --encoder 32,64,128
  faceprep train autoencoder --run-dir runs/mine --precision mixed_float16 --jit"""
)
@click.argument(
    "shards_dir",
    metavar="[SHARDS]",
    required=False,
    default=config.WORKSPACE["shards"],
    envvar="FACEPREP_SHARDS",
)
@click.option(
    "--preset",
    "preset_name",
    metavar="NAME",
    default="",
    help="frontal (ours), or a recorded experiment: v1 … v12, archive-1 … archive-7. "
    "Options that are given win over it.",
    show_default=_DEFAULT,
)
@options_of(AutoencoderOptions)
@options_of(FitOptions)
@click.option(
    "--run-dir",
    metavar="DIR",
    default="",
    help="Folder of this run; one that was stopped goes on.",
    show_default="a new one below --runs",
)
@click.option(
    "--runs",
    "runs_dir",
    metavar="DIR",
    default=config.WORKSPACE["runs"],
    envvar="FACEPREP_RUNS",
    help="Folder below which each run has its own.",
)
@output_options
def autoencoder(
    shards_dir: str,
    preset_name: str,
    run_dir: str,
    runs_dir: str,
    output: Output,
    **options: Any,
) -> None:
    """Train a model that turns any view of a face into the frontal one, from the pairs in SHARDS.

    It keeps the best model by validation loss, with pictures and figures, in a folder of its own
    below DIR. Run the same command again to go on after a kill; a file STOP in the folder ends the
    run at the end of the epoch.
    """
    from faceprep.train.begin import Job
    from faceprep.train.presets import preset
    from faceprep.train.run import train_autoencoder

    chosen = given(AutoencoderOptions, options)
    fit = FitOptions(
        **{field.name: options[field.name] for field in dataclasses.fields(FitOptions)}
    )
    if not (run_dir or runs_dir):
        raise UsageError("--runs is empty; name a folder")
    name = preset_name or (_CUSTOM if chosen else _DEFAULT)
    base = preset(preset_name or _DEFAULT)
    job = Job(
        shards_dir, runs_dir, run_dir, name, dataclasses.replace(base, **chosen), fit, output.bar
    )
    folder, run = train_autoencoder(job)
    output.summary({"folder": folder, **dataclasses.asdict(run)}, _lines(folder, run))


def _lines(folder: str, run: Run) -> Iterator[str]:
    yield f"{run.reason} in {run.seconds:,.0f} s"
    yield count_line("epochs", run.epochs)
    yield count_line("best epoch", run.best_epoch or 0)
    yield count_line("steps", run.steps)
    yield count_line("parameters", run.parameters)
    for split, scores in run.scores.items():
        yield f"{split + ': mse, PSNR, SSIM':<32}"
        for name, score in scores.items():
            figures = f"{score['mse']:>12.4f}{score['psnr']:>9.2f}{score['ssim']:>9.3f}"
            yield f"  {name.replace('_', ' '):<22}{figures}"
    yield run.verdict
    yield f"{folder}/README.md tells all of it"
