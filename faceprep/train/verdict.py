"""Does a run overfit, does it learn at all? By numbers from its history, in words. Light."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.train.history import Epoch

LEAST_EPOCHS = 5
"""Epochs below which nothing is said."""

RISE, FALL, WOBBLES = 0.02, 0.01, 3
"""Shares of a level that count as a rise and as a fall; wobbles that a rise must exceed as well.

Of made-up runs whose validation loss stays level in the end, with noise of 0.3 to 4 %, about one in twenty
at the most is said to overfit by these."""

DEFINITION = f"""\
The loss of training is measured with dropout and augmentation on, over an epoch in which the weights still
change; that of validation is not. Their heights cannot be compared, so only how each of them moves counts.
A *level* is the median of three epochs; the *wobble* is how far an epoch of the later half usually (in the
median) lies from the mean of its two neighbours. The first of these that holds is the verdict:

- **diverged**: a loss was no finite number.
- **too early to say**: fewer than {LEAST_EPOCHS} epochs are done.
- **overfits**: from the best epoch, with two or more after it, to the end, the level of the validation loss
  rose by more than {RISE:.0%} and by more than {WOBBLES} times its wobble, while that of the training fell.
- **unstable**: the validation loss rose as much, and the training loss did not fall.
- **still improving**: the level of the validation loss fell by more than {FALL:.0%} in the last quarter.
- **does not overfit**: none of these.

The validation loss of a network that decides over pairs is a cross-entropy: it rises where wrong answers
become surer, even if they do not become more. That of an embedding is 1 - AUC of the validation pairs.
The model that is kept is that of the best epoch, whatever came after it."""
"""What the verdict means, as Markdown."""

CHANCE, CHANCE_WIDTH, CHANCE_EPOCHS = 0.5, 0.02, 3
"""An accuracy that close to a coin's, for so many epochs in a row, is chance."""

_TIMID = 1e-5
"""The learning rate of all recorded experiments on triplets that learnt anything."""


def verdict(history: Sequence[Epoch]) -> str:
    """A sentence whose first words, up to the colon, are the verdict: see `short`.

    Args:
        history: all epochs of the run so far, by number.

    Returns:
        One of `overfits`, `does not overfit`, `still improving`, `unstable`, `too early to say` and
        `diverged`, and the numbers that say so; `DEFINITION` says what each means.
    """
    broken = next((row for row in history if not _is_finite(row)), None)
    if broken is not None:
        return f"diverged: in epoch {broken.epoch} a loss was no finite number"
    if len(history) < LEAST_EPOCHS:
        return f"too early to say: {len(history)} done of the {LEAST_EPOCHS} epochs that it takes"
    return _judged(history)


def short(verdict: str) -> str:
    """Its first words, for a table."""
    return verdict.partition(":")[0]


def overfit(verdict: str) -> str:
    """In a word: `yes`, `no`, `unstable` or `diverged`; a dash where it is too early to say."""
    word = short(verdict)
    answers = {"overfits": "yes", "does not overfit": "no", "still improving": "no"}
    return answers.get(word) or (word if word in ("unstable", "diverged") else "–")


def chance_warning(history: Sequence[Epoch], learning_rate: float) -> str | None:
    """A sentence where the validation accuracy is that of a coin, epoch after epoch.

    Args:
        history: all epochs of the run so far, by number, with the measure `val_accuracy`, 0 to 1, over as
            many genuine as impostor pairs.
        learning_rate: the largest of the run.

    Returns:
        The sentence, with the likely cause, as soon as the accuracy of `CHANCE_EPOCHS` epochs in a row
        is chance, and from then on until an epoch is better; else None.
    """
    found = [row.measures.get("val_accuracy", math.nan) for row in history]
    stuck = 0
    while stuck < len(found) and abs(found[-1 - stuck] - CHANCE) <= CHANCE_WIDTH + 1e-9:
        stuck += 1
    if stuck < CHANCE_EPOCHS:
        return None
    said = f"the validation accuracy was {CHANCE:.0%} in the last {stuck} epochs: nothing is learnt"
    if learning_rate <= _TIMID:
        return f"{said}; the learning rate is small already, so look at the data and the weights"
    return (
        f"{said}. Most likely the learning rate, {learning_rate:g}, is too high: the recorded experiments "
        f"4, f, g, j and k ended so at 5e-4 and 1e-3; try --learning-rate {_TIMID:g}"
    )


def _judged(history: Sequence[Epoch]) -> str:
    validation = [row.val_loss for row in history]
    best = validation.index(min(validation))
    level, wobble = _level(validation, best), _wobble(validation)
    rise, learnt = _rise(validation, best), -_rise([row.loss for row in history], best)
    moved = (
        f"{_moved(best, len(history), _share(rise, level))} (wobble {_share(wobble, level):.1%})"
    )
    if rise > max(RISE * level, WOBBLES * wobble):
        unstable = f"unstable: {moved}, and the training loss did not fall"
        return f"overfits: {moved}, while the training loss fell" if learnt > 0 else unstable
    quarter = max(len(history) // 4, 2)
    before = _level(validation, -2 - quarter)
    fall = _share(before - _level(validation, -2), before)
    if fall > FALL:
        return (
            f"still improving: the validation loss fell by {fall:.1%} in the last {quarter} epochs"
        )
    return f"does not overfit: {moved}"


def _moved(best: int, epochs: int, share: float) -> str:
    epoch = f"the best epoch, {best + 1} of {epochs},"
    if best >= epochs - 2:
        return f"{epoch} is one of the last two"
    went = f"{'rose' if share > 0 else 'fell'} by {abs(share):.1%}"
    return f"since {epoch} the validation loss {went if round(share, 3) else 'stayed level'}"


def _rise(losses: Sequence[float], best: int) -> float:
    """Of the level, from the best epoch to the end; 0 where that is the end."""
    if best >= len(losses) - 2:
        return 0.0
    return _level(losses, -2) - _level(losses, best)


def _level(losses: Sequence[float], place: int) -> float:
    """Median of an epoch and its neighbours; `place` may count from the end, as indices do."""
    place = range(len(losses))[place]
    return median(losses[max(place - 1, 0) : place + 2])


def _wobble(losses: Sequence[float]) -> float:
    """Median distance of an epoch from the mean of its neighbours, in the later half."""
    later = losses[-max(LEAST_EPOCHS, len(losses) // 2) :]
    neighbours = zip(later, later[1:], later[2:], strict=False)
    return median(abs(middle - (before + after) / 2) for before, middle, after in neighbours)


def _share(part: float, whole: float) -> float:
    """Of a loss; of one of nothing, nothing."""
    return part / whole if whole else 0.0


def _is_finite(row: Epoch) -> bool:
    return math.isfinite(row.loss) and math.isfinite(row.val_loss)
