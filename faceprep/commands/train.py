"""`faceprep train`: shards to a trained model."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import (
    Output,
    count_line,
    output_options,
    run_options,
    several_shards,
    shards_argument,
    siamese_presets,
)
from faceprep.errors import Diverged
from faceprep.log import LOG
from faceprep.parameters import given, made, options_of, starting_with
from faceprep.train.learning import FitOptions
from faceprep.train.options import DEFAULT, AutoencoderOptions
from faceprep.train.siamese.options import DEFAULT as SIAMESE_DEFAULT
from faceprep.train.siamese.options import SiameseFit, SiameseOptions
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from click.shell_completion import CompletionItem

    from faceprep.train.begin import AnyJob
    from faceprep.train.run_folder import Run

_NEW = "a new one below --runs"


@click.group(
    short_help="Shards to a trained model.",
    epilog="""\b
Examples:
  faceprep train autoencoder           any view of a face to the frontal one
  faceprep train siamese               the same person or not""",
)
def train() -> None:
    """Shards to a trained model: on all GPUs where there are any, else on the CPU, with one command.

    Run the same command again to go on after a kill.
    """


def _presets(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """For the shell."""
    from faceprep.train.presets import AUTOENCODER_PRESETS

    return starting_with(incomplete, AUTOENCODER_PRESETS)


@train.command(
    short_help="Any view of a face to the frontal one.",
    epilog="""\b
Examples:
  faceprep train autoencoder                   to runs/autoencoder-frontal-001
  faceprep train autoencoder --preset v12 --latent 128 --epochs 50
  faceprep train autoencoder --family pooled --input-size 96x96x3
  faceprep train autoencoder --run-dir runs/mine --precision mixed_float16
  faceprep train autoencoder --model my.py:build
  faceprep train autoencoder s3://b/shards --runs s3://b/runs""",
)
@shards_argument
@click.option(
    "--preset",
    "preset_name",
    metavar="NAME",
    default="",
    shell_complete=_presets,
    help="What network, and how it learns: frontal (ours), or a recorded experiment: v1 … v12, archive-1 "
    "… archive-7. The defaults below are frontal's; options that are given win over a preset.",
    show_default=DEFAULT,
)
@options_of(AutoencoderOptions)
@options_of(FitOptions)
@run_options("Folder or URL of this run; one that was stopped goes on.", _NEW)
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

    SHARDS (default: shards) is what 'faceprep shard' made. It keeps the best model by validation loss,
    with pictures and figures, in a folder of its own below the runs. Run the same command again to go on
    after a kill; a file STOP in the folder ends the run at the end of the epoch.
    """
    from faceprep.train.begin import AUTOENCODER, Job
    from faceprep.train.presets import preset

    chosen = given(AutoencoderOptions, options)
    name = preset_name or (CUSTOM if chosen else DEFAULT)
    job = Job(
        AUTOENCODER,
        (shards_dir,),
        runs_dir,
        run_dir,
        name,
        dataclasses.replace(preset(preset_name or DEFAULT), **chosen),
        made(FitOptions, options),
        output.bar,
    )
    _train_all([job], output)


@train.command(
    short_help="Two faces: the same person or not.",
    epilog="""\b
Examples:
  faceprep train siamese                       to runs/siamese-embed-001
  faceprep train siamese shards/cfp other/shards/pairs
  faceprep train siamese people --data triplets --epochs 20
  faceprep train siamese --preset 1,2,e --pretrained vgg16_bn.npz
  faceprep train siamese --preset a --grid units=512,4096 --grid dropout=0,0.5""",
)
@several_shards
@click.option(
    "--preset",
    "preset_names",
    metavar="NAME[,NAME…]",
    default="",
    shell_complete=siamese_presets,
    help="What network, and how it learns: embed (ours), or recorded experiments: 1 … 6, a … m. The "
    "defaults below are embed's; options that are given win over a preset.",
    show_default=SIAMESE_DEFAULT,
)
@click.option(
    "--grid",
    metavar="OPTION=VALUE,VALUE…",
    multiple=True,
    help="One run for each of the values of an option; with several grids, for each combination.",
    show_default="one run",
)
@options_of(SiameseOptions)
@options_of(SiameseFit)
@run_options(
    "Folder or URL of this run, or with several, of their folders; what was stopped goes on.", _NEW
)
@output_options
def siamese(
    shards_dir: tuple[str, ...],
    preset_names: str,
    grid: tuple[str, ...],
    run_dir: str,
    runs_dir: str,
    output: Output,
    **options: Any,
) -> None:
    """Train a network that tells whether two faces are of the same person, from CFP pairs or triplets.

    SHARDS (default: shards) is what 'faceprep shard' made. The first has the people to validate and test
    on; those after it only more to train on. It keeps the best model by validation loss, and the threshold
    that suits the validation pairs, in a folder of its own below the runs. Several presets are trained one
    after the other. Run the same command again to go on after a kill; a file STOP in the folder ends a run
    at the end of the epoch.
    """
    from faceprep.train.begin import SIAMESE, Job
    from faceprep.train.siamese.grid import experiments

    chosen = given(SiameseOptions, options)
    epochs = given(SiameseFit, options).get("epochs")
    named = preset_names or (CUSTOM if chosen else SIAMESE_DEFAULT)
    planned = experiments(named, chosen, grid)
    several = len(planned) > 1
    jobs = [
        Job(
            SIAMESE,
            shards_dir,
            run_dir if several and run_dir else runs_dir,
            "" if several else run_dir,
            each.name,
            each.options,
            made(SiameseFit, {**options, "epochs": epochs or each.epochs}),
            output.bar,
            again=not several,
        )
        for each in planned
    ]
    _train_all(jobs, output)


def _train_all(jobs: Sequence[AnyJob], output: Output) -> None:
    """One after the other; each says what it came to when it ends."""
    from faceprep.train.run import check, train

    if len(jobs) > 1:
        for job in jobs:
            check(job)  # before hours are spent on the first
    failed = []
    for job in jobs:
        try:
            folder, run = train(job)
        except Diverged as error:
            failed.append(str(error))
            LOG.warning(str(error))
        else:
            output.summary({"folder": folder, **dataclasses.asdict(run)}, _lines(folder, run))
    if failed:
        more = "" if len(jobs) == 1 else f" ({len(failed)} of {len(jobs)} runs came to nothing)"
        raise Diverged(f"{failed[0]}{more}")


def _lines(folder: str, run: Run) -> Iterator[str]:
    from faceprep.train.words import MEASURES, figure

    yield f"{run.reason} in {run.seconds:,.0f} s"
    yield count_line("epochs", run.epochs)
    yield count_line("best epoch", run.best_epoch or 0)
    yield count_line("steps", run.steps)
    yield count_line("parameters", run.parameters)
    for split, scores in run.scores.items():
        shown = [name for name in MEASURES if all(name in score for score in scores.values())]
        yield f"{split:<24}" + "".join(f"{MEASURES[name].title:>15}" for name in shown)
        for name, score in scores.items():
            figures = "".join(f"{figure(each, score[each]):>15}" for each in shown)
            yield f"  {name.replace('_', ' '):<22}{figures}"
    if run.threshold is not None:
        yield f"threshold {run.threshold:.4f}: {run.threshold_from}"
    yield run.verdict
    yield f"{folder}/README.md tells all of it"
