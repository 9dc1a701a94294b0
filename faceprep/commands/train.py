"""`faceprep train`: shards to a trained model."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from faceprep import config
from faceprep.commands.common import Output, count_line, output_options, several_shards
from faceprep.errors import Diverged, UsageError
from faceprep.log import LOG
from faceprep.parameters import given, options_of
from faceprep.train.learning import FitOptions
from faceprep.train.options import AutoencoderOptions
from faceprep.train.siamese.options import DEFAULT as SIAMESE_DEFAULT
from faceprep.train.siamese.options import SiameseFit, SiameseOptions
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faceprep.train.begin import AnyJob
    from faceprep.train.run_folder import Run

    Command = Callable[..., Any]

_DEFAULT = "frontal"


@click.group()
def train() -> None:
    """Shards to a trained model: on all GPUs where there are any, else on the CPU, with one command."""


def _run_options(help_of_run_dir: str) -> Callable[[Command], Command]:
    """Where runs are."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--runs",
            "runs_dir",
            metavar="DIR",
            default=config.WORKSPACE["runs"],
            envvar="FACEPREP_RUNS",
            help="Folder, or URL such as s3://bucket/runs, below which each run has its own.",
        )(command)
        return click.option(
            "--run-dir",
            metavar="DIR",
            default="",
            help=help_of_run_dir,
            show_default="a new one below --runs",
        )(command)

    return decorate


@train.command(
    epilog="""\b
Examples:
  faceprep train autoencoder                          shards/ to runs/autoencoder-frontal-001
  faceprep train autoencoder --preset v12 --latent 128 --epochs 50
  faceprep train autoencoder --family pooled --input-size 96x96x3 --encoder 32,64,128
  faceprep train autoencoder --run-dir runs/mine --precision mixed_float16 --jit
  faceprep train autoencoder s3://mine/shards --runs s3://mine/runs    goes on on any machine"""
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
@_run_options("Folder of this run; one that was stopped goes on.")
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
    from faceprep.train.begin import AUTOENCODER, Job
    from faceprep.train.presets import preset

    _check_named(run_dir, runs_dir)
    chosen = given(AutoencoderOptions, options)
    name = preset_name or (CUSTOM if chosen else _DEFAULT)
    job = Job(
        AUTOENCODER,
        (shards_dir,),
        runs_dir,
        run_dir,
        name,
        dataclasses.replace(preset(preset_name or _DEFAULT), **chosen),
        _all_of(FitOptions, options),
        output.bar,
    )
    _train_all([job], output)


@train.command(
    epilog="""\b
Examples:
  faceprep train siamese                              shards/cfp to runs/siamese-embed-001
  faceprep train siamese --preset 1,2,a,b --pretrained vgg16_bn.npz
  faceprep train siamese --preset a --grid learning-rate=1e-4,1e-5 --grid dropout=0,0.5
  faceprep train siamese shards/cfp other/shards/pairs
  faceprep train siamese --preset e --pretrained vgg16_bn.npz"""
)
@several_shards
@click.option(
    "--preset",
    "preset_names",
    metavar="NAME[,NAME…]",
    default="",
    help="embed (ours), or recorded experiments: 1 … 6, a … m. Options that are given win over it.",
    show_default=SIAMESE_DEFAULT,
)
@click.option(
    "--grid",
    metavar="OPTION=VALUE,VALUE…",
    multiple=True,
    help="One run for each of the values; with several grids, for each combination.",
)
@options_of(SiameseOptions)
@options_of(SiameseFit)
@_run_options("Folder of this run, or with several, folder of their folders.")
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

    The first SHARDS have the people to validate and test on; those after it only more to train on.
    It keeps the best model by validation loss and the threshold that suits the validation pairs, in
    a folder of its own below DIR. Several presets are trained one after the other. Run the same
    command again to go on after a kill; a file STOP in the folder ends a run at the end of the epoch.
    """
    from faceprep.train.begin import SIAMESE, Job
    from faceprep.train.siamese.grid import experiments

    _check_named(run_dir, runs_dir)
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
            _all_of(SiameseFit, {**options, "epochs": epochs or each.epochs}),
            output.bar,
            again=not several,
        )
        for each in planned
    ]
    _train_all(jobs, output)


def _check_named(run_dir: str, runs_dir: str) -> None:
    if not (run_dir or runs_dir):
        raise UsageError("--runs is empty; name a folder")


def _all_of(declaration: Any, options: dict[str, Any]) -> Any:
    return declaration(
        **{field.name: options[field.name] for field in dataclasses.fields(declaration)}
    )


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
