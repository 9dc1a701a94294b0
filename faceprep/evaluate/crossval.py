"""The stage: a model for each fold of CFP's protocol, and what they come to together.

    DIR/fold-01/, fold-02/, …   a run each: judged on that fold, validated on the next, trained on all others
    DIR/evaluation/             the report on all of them

Light, but for what its functions load.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.evaluate import run
from faceprep.evaluate.leak import Choice
from faceprep.evaluate.protocol import read_folds
from faceprep.evaluate.trained import open_trained
from faceprep.log import LOG
from faceprep.train.shards import open_shards
from faceprep.train.siamese.folds import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

LEAST = 3
"""Folds that are needed: to train on, to validate on, to judge."""

RULE = (
    "each fold: the threshold of the highest accuracy on the pairs of the fold after it, on which the "
    "model that judges was not trained"
)

_MIXED = (
    "Each fold was judged by a model of its own. AUC, EER and TAR of all pairs together mix the scores "
    "of these models; accuracies, and AUC and EER by fold, do not."
)


@dataclass(frozen=True)
class Turn:
    """One fold's turn to be judged.

    Attributes:
        test: the fold.
        validation: the one after it, which decides on the best epoch and the thresholds.
        train: all others.
        folder: of the run.
    """

    test: int
    validation: int
    train: tuple[int, ...]
    folder: str


@dataclass(frozen=True, eq=False)
class Crossed:
    """What all turns came to.

    Attributes:
        runs: their folders.
        judged: every pair, by the model that was trained without it.
        thresholds: protocol to fold to the threshold that it is judged at.
    """

    runs: tuple[str, ...]
    judged: Judged
    thresholds: dict[str, dict[int, float]]


if TYPE_CHECKING:
    TrainFold: TypeAlias = Callable[[Turn], str]
    """Train on a turn's folds in its folder, or go on there, or find it done; gives the folder."""

    JudgeFolds: TypeAlias = Callable[[str, Sequence[int]], Judged]
    """Folder of a run, and folds: all pairs of these, both protocols."""


def turns(folds: Sequence[int], to: str, where: str) -> list[Turn]:
    """Who is trained, validated and judged in each turn.

    Args:
        folds: rising.
        to: folder of the runs' folders.
        where: the folds are, for the error.

    Raises:
        InputError: too few folds.
    """
    if len(folds) < LEAST:
        raise InputError(
            f"{where}: has {spoken(folds) if folds else 'no folds'}; a cross-validation needs "
            f"{LEAST} or more: to train, to validate and to judge"
        )
    found = []
    for place, test in enumerate(folds):
        validation = folds[(place + 1) % len(folds)]
        train = tuple(fold for fold in folds if fold not in (test, validation))
        found.append(Turn(test, validation, train, storage.join(to, f"fold-{test:02d}")))
    return found


def cross_validate(planned: Sequence[Turn], train: TrainFold, judge: JudgeFolds) -> Crossed:
    """Do all turns; what earlier starts have finished is left to `train` to find done.

    Raises:
        InputError: pairs of one class alone.
    """
    from faceprep.train.siamese.judged import Judged

    runs, parts = [], []
    chosen: dict[str, dict[int, float]] = {}
    for number, turn in enumerate(planned, start=1):
        LOG.info(f"fold {turn.test:02d} ({number} of {len(planned)}): {turn.folder}")
        runs.append(train(turn))
        judged = judge(runs[-1], (turn.validation, turn.test))
        limits = _thresholds(_of_fold(judged, turn.validation), turn)
        for name, limit in limits.items():
            chosen.setdefault(name, {})[turn.test] = limit
        parts.append(_of_fold(judged, turn.test))
        LOG.info(f"fold {turn.test:02d}: accuracy {_said(parts[-1], limits)}")
    return Crossed(tuple(runs), Judged.joined(parts), chosen)


def crossval(
    shards_dir: str, to: str, name: str, train: TrainFold, command: str, *, bar: bool = False
) -> Evaluation:
    """Train a model for each fold, and report on all of them together.

    Args:
        shards_dir: the shards of CFP's protocol.
        to: folder for the runs and the report.
        name: what is validated, for the report.
        train: trains, as `Turn` says.
        command: that makes all of it again.
        bar: show progress bars; log lines otherwise.

    Raises:
        InputError: the shards cannot be used, or have too few folds; and what `train` raises.
    """
    shards = open_shards(shards_dir, run.DATA_SET, needed=(), bar=bar)
    folds = read_folds(shards)
    chosen = tuple(sorted(folds))
    planned = turns(chosen, to, shards.folder)
    crossed = cross_validate(planned, train, functools.partial(_judged, shards, bar))
    from faceprep.evaluate.evaluation import measured

    found = measured(
        shards, folds, Choice(chosen), crossed.judged, at_thresholds(crossed),
        name=name,
        runs=crossed.runs,
        folder=storage.join(to, run.FOLDER),
        notes=(_MIXED,),
        command=command,
    )  # fmt: skip
    run.report_on(found, shards)
    return found


def _judged(shards: TrainingShards, bar: bool, folder: str, folds: Sequence[int]) -> Judged:
    return run.judge(open_trained(folder), shards, folds, bar=bar)


def at_thresholds(crossed: Crossed) -> Callable[[Judged], Figures]:
    """Measure the pairs of one protocol at the thresholds that the turns have found."""
    from faceprep.train.siamese.measures import evaluate_at

    def measure(pairs: Judged) -> Figures:
        return evaluate_at(pairs, crossed.thresholds[pairs.protocols[0]], RULE)

    return measure


def _of_fold(judged: Judged, fold: int) -> Judged:
    return judged.at((judged.folds == fold).nonzero()[0])


def _thresholds(validation: Judged, turn: Turn) -> dict[str, float]:
    """Protocol to the best threshold on the pairs of the validation fold."""
    from faceprep.train.siamese.measures import best_threshold

    found = {}
    for name in dict.fromkeys(validation.protocols):
        pairs = validation.only(name)
        try:
            found[name] = best_threshold(pairs.scores, pairs.same)
        except ValueError as error:
            raise InputError(
                f"{turn.folder}: fold {turn.validation:02d}: {name}: {error}"
            ) from None
    return found


def _said(test: Judged, limits: dict[str, float]) -> str:
    from faceprep.train.siamese.measures import accuracy

    found = []
    for name, limit in limits.items():
        pairs = test.only(name)
        found.append(f"{name} {accuracy(pairs.scores, pairs.same, limit):.1%}")
    return ", ".join(found)
