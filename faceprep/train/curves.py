"""Pictures of a run's losses and accuracies over time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.plotting import LIGHT, new_figure, save_png
from faceprep.train.history import best_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from faceprep.plotting import Axes
    from faceprep.train.history import Epoch

TRAINING, VALIDATION = "training", "validation"
_COLOURS = {VALIDATION: LIGHT.series[0], TRAINING: LIGHT.series[1]}

_SIZE = (8, 4.5)  # inches: 960 × 540 px


def save_loss(
    path: str, history: Sequence[Epoch], baseline: float | None, validation: str = ""
) -> None:
    """Losses over epochs as a PNG, the best epoch marked.

    Args:
        path: of the file.
        history: of the run. NaN leaves a gap.
        baseline: loss of always predicting the mean target; None where it is no such loss.
        validation: what its loss is, where it is another than that of training: each then has a panel of
            its own, for their heights have nothing in common.

    Raises:
        StorageError: the file cannot be written.
    """
    losses = {
        TRAINING: [row.loss for row in history],
        VALIDATION: [row.val_loss for row in history],
    }
    words = "" if baseline is None else f"always the mean target: {baseline:#.4g}"
    titles = {TRAINING: "loss of training", VALIDATION: validation} if validation else {}
    parts = [(titles[name], {name: losses[name]}) for name in titles] or [("loss", losses)]
    panels = [
        _Panel(title, "#.4g", curves, _limits(curves.values(), baseline), baseline, words)
        for title, curves in parts
    ]
    _save(path, panels, history)


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
    measures = {TRAINING: "accuracy", VALIDATION: "val_accuracy"}
    curves = {
        name: [row.measures.get(measure, math.nan) for row in history]
        for name, measure in measures.items()
    }
    words = "" if recorded is None else f"recorded experiment, validation: {recorded:.0%}"
    low = min((value for each in curves.values() for value in each if value >= 0), default=0.5)
    limits = (min(low, 0.5) - 0.03, 1.02)
    _save(path, [_Panel("accuracy", ".1%", curves, limits, recorded, words)], history)


@dataclass(frozen=True)
class _Panel:
    """What is drawn over epochs.

    Attributes:
        title: of what is measured.
        form: of its figures.
        curves: of training and of validation: a value for each epoch.
        limits: of the values shown.
        line: a value to hold them against; None for none.
        words: that say what the line is.
    """

    title: str
    form: str
    curves: Mapping[str, Sequence[float]]
    limits: tuple[float, float]
    line: float | None
    words: str


def _save(path: str, panels: Sequence[_Panel], history: Sequence[Epoch]) -> None:
    figure, all_axes = new_figure(len(panels), 1, size=_SIZE)
    for axes, panel in zip(all_axes, panels, strict=True):
        _draw(axes, panel, history)
        axes.set_ylim(*panel.limits)
        axes.set_xlim(0.5, max(len(history), 2) + 0.5)
        axes.locator_params(axis="x", integer=True, steps=[1, 2, 5, 10])
        if "%" in panel.form:
            axes.yaxis.set_major_formatter("{x:.0%}")
        axes.set_ylabel(panel.title)
        axes.legend()
    all_axes[-1].set_xlabel("epoch")
    save_png(path, figure)


def _draw(axes: Axes, panel: _Panel, history: Sequence[Epoch]) -> None:
    epochs = [row.epoch for row in history]
    marker = "o" if len(epochs) < 2 else ""  # a line of one point is not to be seen
    for name, values in panel.curves.items():
        axes.plot(epochs, values, marker=marker, color=_COLOURS[name], label=name)
    best = best_of(list(history))
    if best and VALIDATION in panel.curves:
        value = panel.curves[VALIDATION][epochs.index(best.epoch)]
        words = f"best: {value:{panel.form}}, epoch {best.epoch}"
        axes.plot(best.epoch, value, "o", color=_COLOURS[VALIDATION], label=words)
    if panel.line is not None:
        axes.axhline(panel.line, color=LIGHT.pale, ls="--", lw=1.2, label=panel.words)


def _limits(curves: Collection[Sequence[float]], baseline: float | None) -> tuple[float, float]:
    """Of the losses shown. The first fifth of the epochs may leave the picture at the top.

    Else one wild beginning would press all the rest into a line.
    """
    fixed = [] if baseline is None else [baseline]
    found = [value for values in curves for value in values]
    later = [value for values in curves for value in values[len(values) // 5 :]]
    finite = [value for value in (*found, *fixed) if math.isfinite(value)] or [0.0]
    high = max([value for value in (*later, *fixed) if math.isfinite(value)] or finite)
    room = 0.08 * (high - min(finite)) or 0.1 * abs(high) or 0.1
    return min(finite) - room, high + room
