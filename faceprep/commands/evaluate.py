"""`faceprep evaluate` and `faceprep crossval`: how well Siamese networks tell people apart."""

from __future__ import annotations

import dataclasses
import shlex
from typing import TYPE_CHECKING, Any

import click

from faceprep import config
from faceprep.commands.common import Output, count_line, output_options, several_shards
from faceprep.errors import UsageError
from faceprep.evaluate.options import EvaluateOptions
from faceprep.options import flag
from faceprep.parameters import given, options_of
from faceprep.train.siamese.folds import fold_text
from faceprep.train.siamese.options import DEFAULT, SiameseFit, SiameseOptions
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.evaluate.crossval import Turn
    from faceprep.evaluate.evaluation import Evaluation

_SET_BY_TURNS = ("train_folds", "validation_folds", "test_folds", "data")


@click.command(
    epilog="""\b
Examples:
  faceprep evaluate runs/siamese-embed-001              shards/ to runs/siamese-embed-001/evaluation
  faceprep evaluate runs/siamese-embed-001 shards/cfp --folds 8 --json
  faceprep evaluate runs/siamese-embed-001 --folds 1-6 --allow-leak --out seen"""
)
@click.argument("run_dir", metavar="RUN")
@click.argument(
    "shards_dir",
    metavar="[SHARDS]",
    required=False,
    default=config.WORKSPACE["shards"],
    envvar="FACEPREP_SHARDS",
)
@click.option(
    "--out",
    "to",
    metavar="DIR",
    default="",
    help="Folder for the report.",
    show_default="evaluation, in RUN",
)
@options_of(EvaluateOptions)
@output_options
def evaluate(run_dir: str, shards_dir: str, to: str, output: Output, **options: Any) -> None:
    """Judge the pairs of CFP's protocol in SHARDS by the model of RUN, which train siamese has made.

    For FF and FP: accuracy (mean and standard deviation over the folds, each at a threshold chosen on
    the others), AUC, EER, and TAR at FAR 1 % and 0.1 %. DIR gets the report with ROC curves, histograms
    and the worst errors, evaluation.json, and all scores. Folds with people that the run was trained
    on are left out; it refuses to judge on them.
    """
    from faceprep.evaluate.run import evaluate as run

    found = run(run_dir, shards_dir, to, EvaluateOptions(**options), bar=output.bar)
    output.summary(found.as_json(), _lines(found))


@click.command(
    epilog="""\b
Examples:
  faceprep crossval                                     shards/ to runs/crossval-embed
  faceprep crossval shards/cfp --preset b --epochs 20 --run-dir runs/ten-of-b"""
)
@several_shards
@click.option(
    "--preset",
    "preset_name",
    metavar="NAME",
    default="",
    help="embed (ours), or a recorded experiment: 1 … 6, a … m. Options that are given win over it.",
    show_default=DEFAULT,
)
@options_of(SiameseOptions)
@options_of(SiameseFit)
@click.option(
    "--run-dir",
    metavar="DIR",
    default="",
    help="Folder of the runs, fold-01 and so on; what was stopped goes on.",
    show_default="crossval-NAME below --runs",
)
@click.option(
    "--runs",
    "runs_dir",
    metavar="DIR",
    default=config.WORKSPACE["runs"],
    envvar="FACEPREP_RUNS",
    help="Folder, or URL such as s3://bucket/runs, below which runs are.",
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
    its best epoch and thresholds. The options are those of train siamese. Run the same command again
    to go on after a kill: a fold that is done is not done again.
    """
    from faceprep.evaluate.crossval import crossval as run

    if not (run_dir or runs_dir):
        raise UsageError("--runs is empty; name a folder")
    chosen = given(SiameseOptions, options)
    _refuse(chosen)
    name = preset_name or (CUSTOM if chosen else DEFAULT)
    to = run_dir or f"{runs_dir.rstrip('/')}/crossval-{name}"
    train = _Training(shards_dir, name, chosen, options, output)
    asked = {**chosen, **given(SiameseFit, options)}
    preset = ["--preset", preset_name] if preset_name else []
    words = ["faceprep", "crossval", *shards_dir, *preset, *_flags(asked), "--run-dir", to]
    found = run(shards_dir[0], to, f"crossval of {name}", train, shlex.join(words), bar=output.bar)
    output.summary(found.as_json(), _lines(found))


def _flags(asked: dict[str, Any]) -> Iterator[str]:
    """Options as they are given on the command line."""
    for name, value in asked.items():
        if isinstance(value, bool):
            yield flag(name) if value else flag(f"no_{name}")
        else:
            yield from (flag(name), str(value))


def _refuse(chosen: dict[str, Any]) -> None:
    for name in _SET_BY_TURNS:
        if name in chosen:
            raise UsageError(f"{flag(name)} is not for crossval: each fold has its turn")


class _Training:
    """One turn after the other, as `faceprep train siamese` would do it."""

    def __init__(
        self,
        shards: tuple[str, ...],
        name: str,
        chosen: dict[str, Any],
        options: dict[str, Any],
        output: Output,
    ) -> None:
        from faceprep.train.siamese.grid import experiments

        (found,) = experiments(name, chosen, ())
        fit = {field.name: options[field.name] for field in dataclasses.fields(SiameseFit)}
        fit["epochs"] = given(SiameseFit, options).get("epochs") or found.epochs
        self._options = dataclasses.replace(found.options, data="cfp")
        self._fit = SiameseFit(**fit)
        self._shards, self._name, self._output = shards, name, output

    def __call__(self, turn: Turn) -> str:
        """Train, or go on, or find it done; the run's folder."""
        from faceprep.train.begin import SIAMESE, Job
        from faceprep.train.run import train

        options = dataclasses.replace(
            self._options,
            train_folds=fold_text(turn.train),
            validation_folds=fold_text([turn.validation]),
            test_folds=fold_text([turn.test]),
        )
        job = Job(
            SIAMESE, self._shards, "", turn.folder, self._name, options, self._fit, self._output.bar
        )
        folder, _ = train(job)
        return folder


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
