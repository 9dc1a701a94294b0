"""Pictures of a run's losses and accuracies over time. Light: matplotlib is loaded when one is drawn."""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.train.history import best_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.train.history import Epoch

_TRAINING, _VALIDATION, _BASELINE = "#E69F00", "#0072B2", "#777777"
# Orange and blue of Okabe and Ito's palette, which the colour-blind tell apart, and grey.


def save_loss(path: str, history: Sequence[Epoch], baseline: float | None) -> None:
    """Losses over epochs as a PNG, the best epoch marked.

    Args:
        path: of the file.
        history: of the run. NaN leaves a gap.
        baseline: loss of always predicting the mean target; None where it is no such loss.

    Raises:
        StorageError: the file cannot be written.
    """
    values = [(row.loss, row.val_loss) for row in history]
    words = "" if baseline is None else f"always the mean target: {baseline:#.4g}"
    curves = _Curves("loss", "#.4g", history, values, baseline, words)
    _save_curves(path, curves, _limits(values, baseline))


def save_accuracy(path: str, history: Sequence[Epoch], recorded: float | None) -> None:
    """Accuracies over epochs as a PNG, the best epoch (by validation loss) marked.

    Args:
        path: of the file.
        history: of the run, with the measures `accuracy` and `val_accuracy`, 0 to 1. What is not there
            leaves a gap.
        recorded: validation accuracy that is on record for the preset; None where there is none.

    Raises:
        StorageError: the file cannot be written.
    """
    names = ("accuracy", "val_accuracy")
    values = [tuple(row.measures.get(name, math.nan) for name in names) for row in history]
    words = "" if recorded is None else f"recorded experiment, validation: {recorded:.0%}"
    curves = _Curves("accuracy", ".1%", history, values, recorded, words)
    low = min((value for pair in values for value in pair if value >= 0), default=0.5)
    _save_curves(path, curves, (min(low, 0.5) - 0.03, 1.02))


@dataclass(frozen=True)
class _Curves:
    """What is drawn over epochs.

    Attributes:
        name: of what is measured.
        form: of its figures.
        history: of the run.
        values: of training and of validation, for each epoch.
        line: a value to hold them against; None for none.
        words: that say what the line is.
    """

    name: str
    form: str
    history: Sequence[Epoch]
    values: Sequence[Sequence[float]]
    line: float | None
    words: str


def _save_curves(path: str, curves: _Curves, limits: tuple[float, float]) -> None:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    figure = Figure(figsize=(8, 4.5), dpi=120, layout="constrained")  # inches: 960 × 540 px
    axes = figure.add_subplot()
    _draw_curves(axes, curves)
    axes.set_ylim(*limits)
    axes.set_xlim(0.5, max(len(curves.history), 2) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if "%" in curves.form:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel("epoch")
    axes.set_ylabel(curves.name)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with storage.atomic_output(path) as file:
        figure.savefig(file, format="png")
    gc.collect()  # a figure is a ring of references; a thousand epochs are a gigabyte of them


def _draw_curves(axes: Any, curves: _Curves) -> None:
    epochs = [row.epoch for row in curves.history]
    marker = "o" if len(epochs) < 2 else ""  # a line of one point is not to be seen
    training, validation = [pair[0] for pair in curves.values], [pair[1] for pair in curves.values]
    axes.plot(epochs, training, marker=marker, color=_TRAINING, label="training")
    axes.plot(epochs, validation, marker=marker, color=_VALIDATION, label="validation")
    best = best_of(list(curves.history))
    if best:
        value = validation[epochs.index(best.epoch)]
        words = f"best: {value:{curves.form}}, epoch {best.epoch}"
        axes.plot(best.epoch, value, "o", color=_VALIDATION, label=words)
    if curves.line is not None:
        axes.axhline(
            curves.line, color=_BASELINE, linestyle="--", linewidth=1.2, label=curves.words
        )


def _limits(values: Sequence[tuple[float, float]], baseline: float | None) -> tuple[float, float]:
    """Of the losses shown. The first fifth of the epochs may leave the picture at the top.

    Else one wild beginning would press all the rest into a line.
    """
    found = [value for pair in values for value in pair]
    later = [value for pair in values[len(values) // 5 :] for value in pair]
    fixed = [] if baseline is None else [baseline]
    finite = [value for value in (*found, *fixed) if math.isfinite(value)] or [0.0]
    high = max([value for value in (*later, *fixed) if math.isfinite(value)] or finite)
    room = 0.08 * (high - min(finite)) or 0.1 * abs(high) or 0.1
    return min(finite) - room, high + room
