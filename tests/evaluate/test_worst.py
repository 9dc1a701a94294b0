"""The worst errors: errors, the worst, in order; and their crops on a sheet."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from faceprep.evaluate.evaluation import by_protocol, on_other_folds, thresholds
from faceprep.evaluate.protocol import read_crops
from faceprep.evaluate.worst import COUNT, Error, Kind, save_worst, worst_errors
from faceprep.sheets import Block, Cell, save_sheet
from tests.evaluate.small_protocol import keys, made_up, opened, small_protocol

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.train.shards import TrainingShards


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> TrainingShards:
    return opened(small_protocol(tmp_path_factory.mktemp("small")))


def test_errors_are_those_on_the_wrong_side_of_their_folds_threshold(
    shards: TrainingShards,
) -> None:
    judged = made_up(shards)
    figures = by_protocol(judged, on_other_folds(None), "shards")
    kinds = worst_errors(judged, figures)
    assert [kind.title[:2] for kind in kinds] == ["FF", "FF", "FP", "FP"]
    for protocol, missed, confused in zip(("FF", "FP"), kinds[::2], kinds[1::2], strict=True):
        pairs, limits = judged.only(protocol), thresholds(figures[protocol])
        above = np.array(
            [s - limits[int(f)] for s, f in zip(pairs.scores, pairs.folds, strict=True)]
        )
        wrong = (above > 0) != pairs.same
        right = 1 - wrong.mean()
        assert right == pytest.approx(
            np.mean([fold.accuracy for fold in figures[protocol].folds]), abs=1e-9
        )
        for kind, rows, sign in ((missed, pairs.same, -1), (confused, ~pairs.same, 1)):
            far = sorted((sign * above[wrong & rows]).tolist(), reverse=True)
            assert (kind.count, kind.pairs) == (len(far), int(rows.sum()))
            shown = [sign * (error.score - error.threshold) for error in kind.errors]
            assert shown == pytest.approx(far[:COUNT], abs=1e-9)


def test_a_perfect_scorer_has_no_errors(shards: TrainingShards, tmp_path: Path) -> None:
    judged = made_up(shards)
    judged = dataclasses.replace(judged, scores=judged.same.astype(np.float64))
    kinds = worst_errors(judged, by_protocol(judged, on_other_folds(None), "shards"))
    assert [kind.errors for kind in kinds] == [()] * 4
    save_worst(str(tmp_path / "worst.png"), kinds, {})
    assert (tmp_path / "worst.png").is_file()


def test_each_error_is_a_pair_of_crops_with_score_and_key(
    shards: TrainingShards, tmp_path: Path
) -> None:
    wrong = [keys("FP", 1)[place].key for place in (2, 5)]
    crops = read_crops(shards, ["fp01"], wrong)
    errors = tuple(Error(key, -1.0, 0.5) for key in wrong)
    save_worst(str(tmp_path / "worst.png"), [Kind("FP: one person", errors, 2, 18)], crops)
    cells = [
        Cell((crops[key].first, crops[key].second), ["-1.000 (at 0.500)", key]) for key in wrong
    ]
    blocks = [Block(cells, "FP: one person: 2, among 18 pairs")]
    save_sheet(str(tmp_path / "expected.png"), blocks, side=112, across=5)
    assert (tmp_path / "worst.png").read_bytes() == (tmp_path / "expected.png").read_bytes()
