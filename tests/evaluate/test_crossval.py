"""Each fold once: judged by a model that has seen nobody of it, at thresholds of another fold."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from faceprep.commands.evaluate import crossval as command
from faceprep.errors import InputError, UsageError
from faceprep.evaluate.crossval import (
    RULE,
    Turn,
    at_thresholds,
    cross_validate,
    crossval,
    turns,
)
from faceprep.evaluate.evaluation import by_protocol
from faceprep.train.run_folder import MODEL
from faceprep.train.siamese.judged import Judged
from faceprep.train.siamese.measures import accuracy, best_threshold
from tests.evaluate.small_protocol import (
    made_up,
    opened,
    people_of,
    seen_run,
    small_protocol,
    with_model,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from faceprep.train.shards import TrainingShards


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> TrainingShards:
    return opened(small_protocol(tmp_path_factory.mktemp("small")))


def test_every_fold_has_its_turn() -> None:
    found = turns([1, 2, 4, 10], "runs/x", "shards")
    assert found[0] == Turn(1, 2, (4, 10), "runs/x/fold-01")
    assert found[3] == Turn(10, 1, (2, 4), "runs/x/fold-10")
    assert [turn.test for turn in found] == [1, 2, 4, 10]
    for turn in found:
        assert sorted([turn.test, turn.validation, *turn.train]) == [1, 2, 4, 10]


@pytest.mark.parametrize("folds", [[], [1], [1, 2]])
def test_too_few_folds_are_an_error(folds: list[int]) -> None:
    with pytest.raises(InputError, match="needs 3 or more"):
        turns(folds, "runs/x", "shards")


def test_pairs_are_judged_by_the_model_and_the_threshold_of_their_turn(
    shards: TrainingShards,
) -> None:
    """Each model's scores lie elsewhere, so that another's threshold would call all pairs the same."""

    def judge(folder: str, folds: Sequence[int]) -> Judged:
        number = int(folder[-2:])
        found = Judged.joined([made_up(shards, [fold], seed=10 * number + fold) for fold in folds])
        return replace(found, scores=found.scores + 100 * number)

    planned = turns([1, 2, 3], "runs/x", "shards")
    done: list[Turn] = []

    def train(turn: Turn) -> str:
        done.append(turn)
        return turn.folder

    crossed = cross_validate(planned, train, judge)
    assert done == planned
    assert crossed.runs == ("runs/x/fold-01", "runs/x/fold-02", "runs/x/fold-03")
    figures = by_protocol(crossed.judged, at_thresholds(crossed), "shards")
    for protocol, found in figures.items():
        assert found.threshold_rule == RULE
        for turn, fold in zip(planned, found.folds, strict=True):
            validation = judge(turn.folder, [turn.validation]).only(protocol)
            limit = best_threshold(validation.scores, validation.same)
            test = judge(turn.folder, [turn.test]).only(protocol)
            assert (fold.fold, fold.threshold) == (turn.test, limit)
            assert fold.accuracy == accuracy(test.scores, test.same, limit)


def test_one_class_alone_is_an_error_that_names_the_run(shards: TrainingShards) -> None:
    def judge(folder: str, folds: Sequence[int]) -> Judged:
        found = made_up(shards, folds)
        return found.at(np.flatnonzero(found.same))

    planned = turns([1, 2, 3], "runs/x", "shards")
    with pytest.raises(InputError, match=r"runs/x/fold-01: fold 02: FF: .*needs both"):
        cross_validate(planned, lambda turn: turn.folder, judge)


def test_the_whole_gives_a_report(tmp_path: Path, shards: TrainingShards) -> None:
    model = with_model(seen_run(tmp_path / "born", ["nobody"], [])) / MODEL

    def train(turn: Turn) -> str:
        people = (people_of(*turn.train), people_of(turn.validation))
        folder = seen_run(tmp_path / "all" / f"fold-{turn.test:02d}", *people)
        shutil.copy(model, folder)
        return str(folder)

    to = str(tmp_path / "all")
    found = crossval(shards.folder, to, "crossval of tiny", train, "faceprep crossval")
    assert found.folder == f"{to}/evaluation"
    assert found.choice.folds == (1, 2, 3)
    assert [fold.fold for fold in found.figures["FP"].folds] == [1, 2, 3]
    assert len(found.as_json()["runs"]) == 3
    text = (tmp_path / "all" / "evaluation" / "README.md").read_text("utf-8")
    assert "`crossval of tiny`" in text
    assert "Each fold was judged by a model of its own" in text


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--train-folds", "1-6"),
        ("--validation-folds", "7"),
        ("--test-folds", "8"),
        ("--data", "cfp"),
    ],
)
def test_the_command_chooses_the_folds_itself(option: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{option} is not for crossval: each fold has its turn"):
        CliRunner().invoke(command, ["shards", option, value], catch_exceptions=False)


def test_the_commands_are_light_until_they_run() -> None:
    program = (
        "import sys, faceprep.commands.evaluate;"
        "print([m for m in ('numpy', 'sklearn', 'tensorflow') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
