"""`faceprep evaluate` and `faceprep crossval`: how well Siamese networks tell people apart."""

from __future__ import annotations

import shlex
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
from faceprep.errors import UsageError
from faceprep.evaluate.options import EvaluateOptions
from faceprep.options import flag, flags
from faceprep.parameters import Folder, RunFolder, given, made, options_of
from faceprep.train.siamese.options import DEFAULT, SiameseFit, SiameseOptions
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.evaluate.evaluation import Evaluation

_SET_BY_TURNS = ("train_folds", "validation_folds", "test_folds", "data")


@click.command(
    short_help="Judge a Siamese run by CFP's protocol.",
    epilog="""\b
Examples:
  faceprep evaluate runs/siamese-embed-001     the report goes into that run
  faceprep evaluate runs/siamese-embed-001 shards/cfp --folds 8 --json
  faceprep evaluate runs/siamese-embed-001 --folds 1-6 --allow-leak --out seen""",
)
@click.argument("run_dir", type=RunFolder(), metavar="RUN")
@shards_argument
@click.option(
    "--out",
    "to",
    type=Folder(),
    metavar="DIR",
    default="",
    help="Folder or URL for the report.",
    show_default="evaluation, in RUN",
)
@options_of(EvaluateOptions)
@output_options
def evaluate(run_dir: str, shards_dir: str, to: str, output: Output, **options: Any) -> None:
    """Judge the pairs of CFP's protocol in SHARDS by the model of RUN, which train siamese has made.

    RUN is a folder or URL below the runs; SHARDS (default: shards) holds the data set cfp.

    For FF and FP: accuracy (mean and standard deviation over the folds, each at a threshold chosen on
    the others), AUC, EER, and TAR at FAR 1 % and 0.1 %. DIR gets the report with ROC curves, histograms
    and the worst errors, evaluation.json, and all scores. Folds with people that the run was trained
    on are left out; it refuses to judge on them.
    """
    from faceprep.evaluate.run import evaluate as run

    found = run(run_dir, shards_dir, to, EvaluateOptions(**options), bar=output.bar)
    output.summary(found.as_json(), _lines(found))


@click.command(
    short_help="Train and judge a Siamese network for each fold of CFP.",
    epilog="""\b
Examples:
  faceprep crossval                            shards/ to runs/crossval-embed
  faceprep crossval shards/cfp --preset b --epochs 20 --run-dir runs/ten-of-b""",
)
@several_shards
@click.option(
    "--preset",
    "preset_name",
    metavar="NAME",
    default="",
    shell_complete=siamese_presets,
    help="What network, and how it learns: embed (ours), or a recorded experiment: 1 … 6, a … m. The "
    "defaults below are embed's; options that are given win over a preset.",
    show_default=DEFAULT,
)
@options_of(SiameseOptions)
@options_of(SiameseFit)
@run_options(
    "Folder or URL of these runs, fold-01 and so on; what was stopped goes on.",
    "crossval-NAME below --runs",
)
@output_options
def crossval(
    shards_dir: tuple[str, ...],
    preset_name: str,
    run_dir: str,
    runs_dir: str,
    output: Output,
    **options: Any,
) -> None:
    """Train once for each fold of CFP's protocol, and report what all these models come to together.

    Each fold is judged by a model that was trained on all others but one, the next, which decided on
    its best epoch and thresholds. SHARDS (default: shards) holds the data set cfp; the options are those
    of train siamese. Run the same command again to go on after a kill: a fold that is done is not done
    again.
    """
    from faceprep.evaluate.crossval import crossval as run
    from faceprep.evaluate.fold_training import FoldTraining
    from faceprep.train.siamese.grid import experiments

    chosen = given(SiameseOptions, options)
    _refuse(chosen)
    name = preset_name or (CUSTOM if chosen else DEFAULT)
    (found,) = experiments(name, chosen, ())
    asked = given(SiameseFit, options)
    fit = made(SiameseFit, options | {"epochs": found.epochs} | asked)
    to = run_dir or f"{runs_dir.rstrip('/')}/crossval-{name}"
    turns = FoldTraining(shards_dir, name, found.options, fit, output.bar)
    preset = ["--preset", preset_name] if preset_name else []
    words = ["faceprep", "crossval", *shards_dir, *preset, *flags(chosen | asked), "--run-dir", to]
    judged = run(shards_dir[0], to, f"crossval of {name}", turns, shlex.join(words), bar=output.bar)
    output.summary(judged.as_json(), _lines(judged))


def _refuse(chosen: dict[str, Any]) -> None:
    for name in _SET_BY_TURNS:
        if name in chosen:
            raise UsageError(f"{flag(name)} is not for crossval: each fold has its turn")


def _lines(found: Evaluation) -> Iterator[str]:
    from faceprep.evaluate.report import percent, remarks, spread

    if found.choice.warning:
        yield f"WARNING: {found.choice.warning}"
    yield f"{'':<24}" + "".join(f"{name:>14}" for name in found.figures)
    figures = list(found.figures.values())
    rows = {
        "pairs": [f"{each.pairs:,}" for each in figures],
        "accuracy, %": [spread(each.accuracy_mean, each.accuracy_std) for each in figures],
        "AUC": [f"{each.auc:.4f}" for each in figures],
        "EER, %": [percent(each.eer) for each in figures],
        "TAR at FAR 1 %, %": [percent(each.tar_at_far_1e_2) for each in figures],
        "TAR at FAR 0.1 %, %": [percent(each.tar_at_far_1e_3) for each in figures],
        "optimistic accuracy, %": [
            spread(each.best_on_test_mean, each.best_on_test_std) for each in figures
        ],
    }
    for name, cells in rows.items():
        yield f"{name:<24}" + "".join(f"{cell:>14}" for cell in cells)
    for rule in dict.fromkeys(each.threshold_rule for each in figures):
        yield f"thresholds: {rule}"
    yield "optimistic: at the best threshold of each test fold itself, as other tools report it"
    yield from remarks(found)
    for name, keys in found.stand_ins.items():
        yield count_line(f"stand-in crops, {name}", len(keys))
        yield from (f"  {key}" for key in keys if found.name_stand_ins)
    yield f"{found.folder}/README.md tells all of it"
