"""One object, from which others can compute all figures again."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from faceprep.errors import InputError
from faceprep.evaluate.evaluation import (
    COLUMNS,
    Evaluation,
    by_protocol,
    on_other_folds,
    table,
    thresholds,
)
from faceprep.evaluate.leak import Choice
from faceprep.train.siamese.judged import Judged
from tests.evaluate.small_protocol import made_up, opened, small_protocol


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return made_up(opened(small_protocol(tmp_path_factory.mktemp("small"))))


def evaluation(judged: Judged, choice: Choice, *, name_stand_ins: bool = False) -> Evaluation:
    return Evaluation(
        name="siamese-embed-001",
        runs=("runs/siamese-embed-001",),
        folder="out",
        shards="shards/cfp/1.0.0",
        fingerprint="f" * 64,
        judged=judged,
        figures=by_protocol(judged, on_other_folds(None), "shards"),
        stand_ins={"FF": (), "FP": ("003/profile/02.jpg",)},
        choice=choice,
        notes=("A note.",),
        command="faceprep evaluate",
        name_stand_ins=name_stand_ins,
    )


def test_json_has_all_that_was_promised(judged: Judged) -> None:
    found = json.loads(json.dumps(evaluation(judged, Choice((1, 2, 3))).as_json()))
    assert found["pairs"] == len(judged)
    assert found["leak"] is None
    for protocol, crops in (("ff", 0), ("fp", 1)):
        figures = found[protocol]
        for name in (
            *("accuracy_mean", "accuracy_std", "auc", "eer", "tar_at_far_1e-2", "tar_at_far_1e-3"),
            *("folds", "threshold_rule", "stand_in_crops"),
        ):
            assert name in figures
        assert figures["stand_in_crops"] == crops
        assert [fold["fold"] for fold in figures["folds"]] == [1, 2, 3]
        assert "stand_in_keys" not in figures
    assert found["fp"]["stand_in_pairs"] > 0


def test_json_names_leaks_and_what_was_left_out(judged: Judged) -> None:
    choice = Choice((1, 2, 3), left_out={4: 50}, leaked={2: 7}, validated=(3,), trained_people=7)
    found = evaluation(judged, choice).as_json()
    assert found["leak"]["people"] == 7
    assert found["folds_left_out"] == [{"fold": 4, "people_trained_on": 50}]
    assert found["folds_of_validation"] == [3]


def test_stand_ins_are_named_where_that_was_asked_for(judged: Judged) -> None:
    found = evaluation(judged, Choice((1, 2, 3)), name_stand_ins=True).as_json()
    assert found["fp"]["stand_in_keys"] == ["003/profile/02.jpg"]


def test_a_protocol_without_pairs_has_no_figures(judged: Judged) -> None:
    found = evaluation(judged.only("FF"), Choice((1, 2, 3))).as_json()
    assert found["ff"] is not None
    assert found["fp"] is None


def test_scores_are_enough_to_compute_the_figures_again(judged: Judged) -> None:
    rows = list(csv.DictReader(io.StringIO(table(judged))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["key"] for row in rows] == list(judged.keys)
    assert [float(row["score"]) for row in rows] == judged.scores.tolist()
    assert sum(int(row["stand_ins"]) > 0 for row in rows) == np.count_nonzero(judged.stand_ins)
    figures = by_protocol(judged, on_other_folds(None), "shards")
    for protocol, found in figures.items():
        ours = [row for row in rows if row["protocol"] == protocol]
        same, scores = (np.array([float(row[name]) for row in ours]) for name in ("same", "score"))
        assert found.auc == pytest.approx(roc_auc_score(same, scores), abs=1e-9)
        for fold in found.folds:
            right = [
                (float(row["score"]) > thresholds(found)[fold.fold]) == (row["same"] == "1")
                for row in ours
                if int(row["fold"]) == fold.fold
            ]
            assert fold.accuracy == pytest.approx(sum(right) / len(right), abs=1e-9)


def test_lots_are_put_together_in_their_order(judged: Judged) -> None:
    whole = Judged.joined([judged.only("FP"), judged.only("FF")])
    assert whole.keys == judged.only("FP").keys + judged.only("FF").keys
    assert whole.scores.tolist() == [*judged.only("FP").scores, *judged.only("FF").scores]


def test_what_cannot_be_measured_is_an_error_of_the_input(judged: Judged) -> None:
    genuine = judged.at(np.flatnonzero(judged.same))
    with pytest.raises(
        InputError, match=r"^shards: FF: \d+ genuine and 0 impostor pairs; it needs both"
    ):
        by_protocol(genuine, on_other_folds(None), "shards")
    one = judged.at(np.flatnonzero(judged.folds == 1))
    with pytest.raises(InputError, match="the run has no threshold"):
        by_protocol(one, on_other_folds(None), "shards")
    assert by_protocol(one, on_other_folds(0.5), "shards")["FF"].folds[0].threshold == 0.5
