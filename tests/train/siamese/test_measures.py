"""Figures from scores, held against other ways to compute them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, roc_auc_score

from faceprep.train.siamese.judged import Judged
from faceprep.train.siamese.measures import (
    GIVEN,
    OTHER_FOLDS,
    accuracy,
    best_threshold,
    curve,
    evaluate,
    evaluate_at,
    quick,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NEAR = 1e-9

TABLES = st.lists(
    st.tuples(st.integers(-6, 6).map(lambda n: n / 4), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: len({same for _, same in rows}) == 2)
"""Scores with many ties, and the truth."""


def columns(rows: Sequence[tuple[float, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    scores, same = zip(*rows, strict=True)
    return np.array(scores, np.float64), np.array(same, np.bool_)


def judged(
    scores: Sequence[float] | NDArray[np.float64],
    same: Sequence[bool] | NDArray[np.bool_],
    folds: Sequence[int] | NDArray[np.int64],
    stand_ins: Sequence[int] | None = None,
) -> Judged:
    count = len(scores)
    return Judged(
        keys=tuple(f"ff{fold:02d}/{place}" for place, fold in enumerate(folds)),
        scores=np.asarray(scores, np.float64),
        same=np.asarray(same, np.bool_),
        protocols=("FF",) * count,
        folds=np.asarray(folds, np.int64),
        stand_ins=np.asarray(stand_ins or [0] * count, np.int64),
    )


def random_table(
    seed: int, pairs: int, folds: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Scores in steps of a hundredth, so that many are equal; genuine ones higher on the whole."""
    chances = np.random.default_rng(seed)
    same = np.arange(pairs) % 2 == 0
    scores = np.round(chances.normal(0.8 * same, 1.0), 2)
    return scores, same, chances.permutation(np.arange(pairs) // 2 % folds + 1)


def auc_by_counting(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> Fraction:
    """How often a genuine pair lies above an impostor, over all couples of them."""
    halves = sum(
        2 * int(one > other) + int(one == other) for one in scores[same] for other in scores[~same]
    )
    return Fraction(halves, 2 * int(same.sum()) * int((~same).sum()))


def eer_by_counting(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> Fraction:
    """Where the two errors cross, walking down the thresholds."""
    genuine, impostors = scores[same], scores[~same]
    before = (Fraction(0), Fraction(1))
    for threshold in sorted(set(scores.tolist()), reverse=True):
        wrong = Fraction(int((impostors >= threshold).sum()), len(impostors))
        missed = Fraction(int((genuine < threshold).sum()), len(genuine))
        if wrong >= missed:
            # on the line from the last point to this one, where both are equal
            gap, step = before[1] - before[0], (wrong - before[0]) + (before[1] - missed)
            return before[0] + gap / step * (wrong - before[0])
        before = (wrong, missed)
    raise AssertionError("the curve ends at (1, 1)")


def best_accuracy_by_trying(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    tried = [-np.inf, *scores.tolist()]
    return max(float(accuracy_score(same, scores > threshold)) for threshold in tried)


@given(TABLES)
def test_auc_and_eer_are_those_of_counting(rows: list[tuple[float, bool]]) -> None:
    scores, same = columns(rows)
    found = curve(scores, same)
    assert found.auc == pytest.approx(float(auc_by_counting(scores, same)), abs=NEAR)
    assert found.auc == pytest.approx(roc_auc_score(same, scores), abs=NEAR)
    assert found.eer == pytest.approx(float(eer_by_counting(scores, same)), abs=NEAR)


@given(TABLES)
def test_no_threshold_is_better_than_the_best(rows: list[tuple[float, bool]]) -> None:
    scores, same = columns(rows)
    found = accuracy(scores, same, best_threshold(scores, same))
    assert found == pytest.approx(best_accuracy_by_trying(scores, same), abs=NEAR)
    assert quick(scores, same)["accuracy"] == found


@given(TABLES, st.sampled_from([0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 1.0]))
def test_tar_is_the_largest_of_all_thresholds_within_far(
    rows: list[tuple[float, bool]], far: float
) -> None:
    scores, same = columns(rows)
    tars = [
        (scores[same] >= threshold).mean()
        for threshold in [*scores.tolist(), np.inf]
        if (scores[~same] >= threshold).mean() <= far
    ]
    assert curve(scores, same).tar_at(far) == pytest.approx(max(tars), abs=NEAR)


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_of_a_protocol_are_those_of_an_independent_computation(seed: int) -> None:
    scores, same, folds = random_table(seed, 600, 5)
    found = evaluate(judged(scores, same, folds))
    accuracies = []
    for fold in range(1, 6):
        rest, test = folds != fold, folds == fold
        values = np.unique(scores[rest])
        tried = [values[0] - 1, *((values[1:] + values[:-1]) / 2), values[-1]]
        rates = [accuracy_score(same[rest], scores[rest] > threshold) for threshold in tried]
        best = np.flatnonzero(np.isclose(rates, max(rates), rtol=0, atol=NEAR))
        threshold = tried[best[(len(best) - 1) // 2]]
        accuracies.append(accuracy_score(same[test], scores[test] > threshold))
        assert found.folds[fold - 1].threshold == pytest.approx(threshold, abs=NEAR)
        assert found.folds[fold - 1].pairs == int(test.sum())
        assert found.folds[fold - 1].auc == pytest.approx(
            roc_auc_score(same[test], scores[test]), abs=NEAR
        )
    assert [fold.accuracy for fold in found.folds] == pytest.approx(accuracies, abs=NEAR)
    mean = sum(accuracies) / 5
    spread = (sum((each - mean) ** 2 for each in accuracies) / 5) ** 0.5  # of these five
    assert found.accuracy_mean == pytest.approx(mean, abs=NEAR)
    assert found.accuracy_std == pytest.approx(spread, abs=NEAR)
    assert found.auc == pytest.approx(roc_auc_score(same, scores), abs=NEAR)
    assert found.eer == pytest.approx(float(eer_by_counting(scores, same)), abs=NEAR)
    assert found.threshold_rule == OTHER_FOLDS


def test_a_perfect_scorer_gets_everything_right() -> None:
    same = np.arange(400) % 2 == 0
    chances = np.random.default_rng(0)
    found = evaluate(judged(same + chances.uniform(0, 0.5, 400), same, np.arange(400) // 100 + 1))
    assert (found.accuracy_mean, found.accuracy_std) == (1.0, 0.0)
    assert (found.auc, found.eer, found.best_on_test_mean) == (1.0, 0.0, 1.0)
    assert (found.tar_at_far_1e_2, found.tar_at_far_1e_3) == (1.0, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_random_scorer_gets_half_of_it_right(seed: int) -> None:
    same = np.arange(14_000) % 2 == 0
    scores = np.random.default_rng(seed).normal(size=14_000)
    found = evaluate(judged(scores, same, np.arange(14_000) // 1400 + 1))
    assert found.accuracy_mean == pytest.approx(0.5, abs=0.02)
    assert found.auc == pytest.approx(0.5, abs=0.02)
    assert found.eer == pytest.approx(0.5, abs=0.02)
    assert found.best_on_test_mean > found.accuracy_mean  # and is optimistic for it
    assert found.tar_at_far_1e_2 == pytest.approx(0.01, abs=0.01)


def test_a_fold_has_no_say_in_its_own_threshold() -> None:
    """The last fold's scores all lie higher: its own threshold would part them, the others' does not."""
    scores = [0.0, 1.0, 0.0, 1.0, 10.0, 11.0]
    same = [False, True] * 3
    found = evaluate(judged(scores, same, [1, 1, 2, 2, 3, 3]))
    last = found.folds[2]
    assert (last.threshold, last.accuracy, last.best_threshold_accuracy) == (0.5, 0.5, 1.0)
    assert found.best_on_test_mean == 1.0


def test_one_fold_alone_takes_the_threshold_that_is_given() -> None:
    pairs = judged([0.1, 0.2, 0.3, 0.4], [False, False, True, True], [8] * 4)
    found = evaluate(pairs, 0.35)
    assert (found.accuracy_mean, found.accuracy_std) == (0.75, 0.0)
    assert found.folds[0].threshold == 0.35
    assert found.threshold_rule == GIVEN
    with pytest.raises(ValueError, match="one fold alone, and the run has no threshold"):
        evaluate(pairs)


def test_a_given_threshold_is_not_looked_at_where_there_are_other_folds() -> None:
    scores, same, folds = random_table(7, 200, 2)
    pairs = judged(scores, same, folds)
    assert evaluate(pairs, 1e6) == evaluate(pairs)


def test_thresholds_may_come_from_elsewhere() -> None:
    pairs = judged([0.0, 1.0, 0.0, 1.0], [False, True] * 2, [1, 1, 2, 2])
    found = evaluate_at(pairs, {1: 0.5, 2: 2.0}, "as told")
    assert [fold.accuracy for fold in found.folds] == [1.0, 0.5]
    assert found.threshold_rule == "as told"


@pytest.mark.parametrize(
    ("scores", "same", "threshold"),
    [
        ([1.0, 2.0], [False, True], 1.5),
        ([1.0, 2.0], [True, False], 1.0 - 2**-53),  # all the same, or none: as good; the lower
        (
            [3.0, 3.0, 3.0],
            [True, True, False],
            3.0 - 2**-51,
        ),  # all of one score, most of one person
        ([3.0, 3.0, 3.0], [True, False, False], 3.0),  # none is of one person
        ([0.0, 1.0, 2.0, 3.0], [False, True, False, True], 0.5),  # 0.5 and 2.5 are as good
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [False, True] * 3, 2.5),  # the middle one of three
    ],
)
def test_the_best_threshold(scores: list[float], same: list[bool], threshold: float) -> None:
    assert best_threshold(scores, same) == threshold


def test_neighbouring_and_huge_scores_are_parted() -> None:
    low = 0.1
    high = float(np.nextafter(low, 1))
    assert low <= best_threshold([low, high], [False, True]) < high
    largest = np.finfo(np.float64).max
    found = best_threshold([largest / 2, largest], [False, True])
    assert largest / 2 <= found < largest


def test_a_score_at_the_threshold_is_of_different_people() -> None:
    assert accuracy([0.5, 0.6], [False, True], 0.5) == 1.0


def test_equal_scores_tell_nothing() -> None:
    found = evaluate(judged([1.0] * 8, [False, True] * 4, [1] * 4 + [2] * 4))
    assert (found.auc, found.eer, found.accuracy_mean) == (0.5, 0.5, 0.5)
    assert (found.tar_at_far_1e_2, found.tar_at_far_1e_3) == (0.0, 0.0)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_scores_that_are_no_numbers_are_an_error(wrong: float) -> None:
    scores, same = [0.0, wrong, 1.0], [False, True, True]
    for measure in (curve, best_threshold, quick):
        with pytest.raises(ValueError, match="1 of 3 scores are no numbers"):
            measure(scores, same)


@pytest.mark.parametrize("one", [True, False])
def test_one_class_alone_is_an_error(one: bool) -> None:
    for measure in (curve, best_threshold, quick):
        with pytest.raises(ValueError, match="it needs both"):
            measure([0.0, 1.0], [one, one])
    with pytest.raises(ValueError, match=r"fold 02: . genuine and . impostor pairs"):
        evaluate_at(
            judged([0.0, 1.0, 2.0], [not one, one, one], [1, 1, 2]), {1: 0.5, 2: 0.5}, "as told"
        )


def test_no_pairs_are_an_error() -> None:
    with pytest.raises(ValueError, match="it needs both"):
        evaluate(judged([], [], []))


def test_pairs_with_stand_ins_are_counted() -> None:
    found = evaluate(judged([0, 1, 0, 1], [False, True] * 2, [1, 1, 2, 2], [0, 1, 2, 1]))
    assert [fold.stand_in_pairs for fold in found.folds] == [1, 2]
    assert found.stand_in_pairs == 3


def test_json_has_the_names_that_people_expect() -> None:
    scores, same, folds = random_table(3, 200, 2)
    found = evaluate(judged(scores, same, folds)).as_json()
    wanted = {"accuracy_mean", "accuracy_std", "auc", "eer", "tar_at_far_1e-2", "tar_at_far_1e-3"}
    assert wanted | {"folds", "threshold_rule"} <= set(found)
    of_fold = {"fold", "pairs", "accuracy", "threshold", "best_threshold_accuracy"}
    assert of_fold <= set(found["folds"][0])
