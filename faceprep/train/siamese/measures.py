"""How well scores of pairs tell genuine ones from impostors: accuracy, AUC, EER, TAR at a FAR.

A score above a threshold means: the same person. FAR is the share of impostor pairs that are called
the same, TAR that of genuine pairs. Loads numpy and scikit-learn, never tensorflow.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import auc as area_under
from sklearn.metrics import roc_curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from faceprep.train.siamese.judged import Judged

OTHER_FOLDS = "each fold: the threshold of the highest accuracy on the pairs of all other folds"
GIVEN = "one fold alone, so no others to choose on: the threshold that the run has from validation"


@dataclass(frozen=True, eq=False)
class Curve:
    """A ROC curve: both arrays float64 (points,), rising from 0 to 1, a point for each distinct score.

    Attributes:
        far: share of impostor pairs that are taken for the same person.
        tar: share of genuine pairs that are.
    """

    far: NDArray[np.float64]
    tar: NDArray[np.float64]

    @property
    def auc(self) -> float:
        """Area under the curve: the chance that a genuine pair scores above an impostor, ties half."""
        return float(area_under(self.far, self.tar))

    @property
    def eer(self) -> float:
        """Equal error rate: where FAR is 1 − TAR, on straight lines between the points."""
        excess = self.far - (1 - self.tar)  # from −1 to 1, never falling
        after = int(np.argmax(excess >= 0))
        before = after - 1
        part = -excess[before] / (excess[after] - excess[before])
        return float(self.far[before] + part * (self.far[after] - self.far[before]))

    def tar_at(self, far: float) -> float:
        """The largest TAR of a threshold whose FAR is not above `far`; nothing is interpolated."""
        return float(self.tar[self.far <= far].max())


@dataclass(frozen=True)
class FoldFigures:
    """Of one fold.

    Attributes:
        fold: its number.
        pairs: how many.
        accuracy: at `threshold`, 0 to 1.
        threshold: chosen without this fold.
        best_threshold_accuracy: at the best threshold for this very fold: optimistic.
        auc: area under its ROC curve. `eer` likewise.
        stand_in_pairs: those in which a centre crop stands in for a face.
    """

    fold: int
    pairs: int
    accuracy: float
    threshold: float
    best_threshold_accuracy: float
    auc: float
    eer: float
    stand_in_pairs: int


@dataclass(frozen=True)
class Figures:
    """Of one protocol. Standard deviations are those of the folds at hand (numpy's ddof=0).

    Attributes:
        pairs: how many.
        accuracy_mean: over the folds, each at a threshold chosen without it; 0 to 1.
        accuracy_std: over the folds.
        auc: of all pairs together. `eer`, `tar_at_far_1e_2` and `tar_at_far_1e_3` likewise.
        auc_mean: over the folds, as the authors of CFP give it. `auc_std`, `eer_mean`, `eer_std` likewise.
        best_on_test_mean: accuracy at the best threshold of each test fold itself, over the folds, as
            other tools report it: optimistic. `best_on_test_std` likewise.
        folds: by number.
        stand_in_pairs: those in which a centre crop stands in for a face.
        threshold_rule: how thresholds were chosen, in words.
    """

    pairs: int
    accuracy_mean: float
    accuracy_std: float
    auc: float
    eer: float
    tar_at_far_1e_2: float
    tar_at_far_1e_3: float
    auc_mean: float
    auc_std: float
    eer_mean: float
    eer_std: float
    best_on_test_mean: float
    best_on_test_std: float
    folds: tuple[FoldFigures, ...]
    stand_in_pairs: int
    threshold_rule: str

    def as_json(self) -> dict[str, Any]:
        """By name, as `--json` and `evaluation.json` have them."""
        names = {name: name.replace("_1e_", "_1e-") for name in asdict(self)}
        values = asdict(self) | {"folds": [asdict(fold) for fold in self.folds]}
        return {names[name]: value for name, value in values.items()}


def curve(scores: ArrayLike, same: ArrayLike) -> Curve:
    """The ROC curve of pairs.

    Args:
        scores: (n,) finite; higher means more alike.
        same: (n,) bool, the truth.

    Raises:
        ValueError: a score that is no number, or pairs of one class alone.
    """
    found, truth = _checked(scores, same)
    far, tar, _ = roc_curve(truth, found, drop_intermediate=False)
    return Curve(np.asarray(far, np.float64), np.asarray(tar, np.float64))


def accuracy(scores: ArrayLike, same: ArrayLike, threshold: float) -> float:
    """Share of pairs that are judged rightly when a score above `threshold` means the same person."""
    return float(np.mean((np.asarray(scores) > threshold) == np.asarray(same, np.bool_)))


def best_threshold(scores: ArrayLike, same: ArrayLike) -> float:
    """The threshold of the highest accuracy, in the middle between two scores.

    Below the lowest score and at the highest one there is one more each: all the same, or none. Of
    several that are equally good the middle one is taken, the lower of two.

    Raises:
        ValueError: a score that is no number, or pairs of one class alone.
    """
    found, truth = _checked(scores, same)
    order = np.argsort(found, kind="stable")
    values, truth = found[order], truth[order]
    ends = np.flatnonzero(
        np.append(np.diff(values) > 0, True)
    )  # the last one of each distinct score
    # right are, for each threshold from the lowest: the genuine above it, and the impostors below it
    genuine, impostors = np.cumsum(truth)[ends], np.cumsum(~truth)[ends]
    right = np.append(truth.sum(), truth.sum() - genuine + impostors)
    best = np.flatnonzero(right == right.max())
    return float(_thresholds(values[ends])[best[(len(best) - 1) // 2]])


def quick(scores: ArrayLike, same: ArrayLike) -> dict[str, float]:
    """The chief figures of some pairs: accuracy at their own best threshold, AUC, EER, TAR at FAR 1 %.

    Raises:
        ValueError: a score that is no number, or pairs of one class alone.
    """
    found = curve(scores, same)
    return {
        "accuracy": accuracy(scores, same, best_threshold(scores, same)),
        "auc": found.auc,
        "eer": found.eer,
        "tar_at_far_1e-2": found.tar_at(1e-2),
    }


def evaluate(judged: Judged, threshold: float | None = None) -> Figures:
    """The figures of one protocol, each fold judged at a threshold chosen on all the others.

    Args:
        judged: the pairs of one protocol.
        threshold: taken if there is one fold alone; not looked at otherwise.

    Raises:
        ValueError: no pairs, a score that is no number, a fold with pairs of one class alone, or one
            fold alone and no threshold.
    """
    folds = [int(fold) for fold in np.unique(judged.folds)]
    if len(folds) != 1:
        chosen = {fold: _chosen_without(judged, fold) for fold in folds}
        return evaluate_at(judged, chosen, OTHER_FOLDS)
    if threshold is None:
        raise ValueError("there is one fold alone, and the run has no threshold to judge it at")
    return evaluate_at(judged, {folds[0]: threshold}, GIVEN)


def evaluate_at(judged: Judged, thresholds: Mapping[int, float], rule: str) -> Figures:
    """The figures of one protocol, each fold judged at a threshold that is given.

    Args:
        judged: the pairs of one protocol.
        thresholds: fold to its threshold, which must come from elsewhere than from that fold.
        rule: how they were chosen, in words.

    Raises:
        ValueError: no pairs, a score that is no number, or a fold with pairs of one class alone.
    """
    whole = curve(judged.scores, judged.same)
    folds = tuple(
        _fold_figures(judged.at(np.flatnonzero(judged.folds == fold)), fold, thresholds[fold])
        for fold in sorted(thresholds)
    )
    accuracies = [fold.accuracy for fold in folds]
    best = [fold.best_threshold_accuracy for fold in folds]
    aucs, eers = [fold.auc for fold in folds], [fold.eer for fold in folds]
    return Figures(
        pairs=len(judged),
        accuracy_mean=float(np.mean(accuracies)),
        accuracy_std=float(np.std(accuracies)),
        auc=whole.auc,
        eer=whole.eer,
        tar_at_far_1e_2=whole.tar_at(1e-2),
        tar_at_far_1e_3=whole.tar_at(1e-3),
        auc_mean=float(np.mean(aucs)),
        auc_std=float(np.std(aucs)),
        eer_mean=float(np.mean(eers)),
        eer_std=float(np.std(eers)),
        best_on_test_mean=float(np.mean(best)),
        best_on_test_std=float(np.std(best)),
        folds=folds,
        stand_in_pairs=sum(fold.stand_in_pairs for fold in folds),
        threshold_rule=rule,
    )


def _chosen_without(judged: Judged, fold: int) -> float:
    others = judged.folds != fold
    return best_threshold(judged.scores[others], judged.same[others])


def _fold_figures(judged: Judged, fold: int, threshold: float) -> FoldFigures:
    scores, same = judged.scores, judged.same
    try:
        found = curve(scores, same)
    except ValueError as error:
        raise ValueError(f"fold {fold:02d}: {error}") from None
    return FoldFigures(
        fold=fold,
        pairs=len(judged),
        accuracy=accuracy(scores, same, threshold),
        threshold=threshold,
        best_threshold_accuracy=accuracy(scores, same, best_threshold(scores, same)),
        auc=found.auc,
        eer=found.eer,
        stand_in_pairs=int(np.count_nonzero(judged.stand_ins)),
    )


def _checked(scores: ArrayLike, same: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    found, truth = np.asarray(scores, np.float64), np.asarray(same, np.bool_)
    wrong = np.count_nonzero(~np.isfinite(found))
    if wrong:
        raise ValueError(f"{wrong:,} of {found.size:,} scores are no numbers")
    genuine = int(np.count_nonzero(truth))
    if not 0 < genuine < truth.size:
        raise ValueError(
            f"{genuine:,} genuine and {truth.size - genuine:,} impostor pairs; it needs both"
        )
    return found, truth


def _thresholds(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One below all of these distinct rising scores, one between each two, and the highest itself."""
    low, high = values[:-1], values[1:]
    middle = low / 2 + high / 2  # the sum could be too large for a float
    between = np.where((low <= middle) & (middle < high), middle, low)  # neighbouring floats
    return np.concatenate(([np.nextafter(values[0], -np.inf)], between, values[-1:]))
