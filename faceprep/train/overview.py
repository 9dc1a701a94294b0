"""`runs/validation.png`: how the runs of a folder did on validation, epoch by epoch, side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.plotting import LIGHT, legible, new_figure, save_png
from faceprep.train.history import read_history
from faceprep.train.words import AUTOENCODER, MEASURES, SIAMESE, figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.plotting import Axes
    from faceprep.train.run_folder import Run

FILE = "validation.png"

_COMPARED = {AUTOENCODER: "mse", SIAMESE: "accuracy"}
"""Kind of run to the measure that means the same for all of them; losses do not."""

_LOOKS = tuple(product(("-", "--"), LIGHT.series))
"""Of the best runs' curves; those of the others are thin and pale."""

_PANEL = (8, 4.5)  # inches
_LONGEST = 40  # characters of a name that are shown


def save_overview(runs_dir: str, by_kind: Mapping[str, Sequence[Run]]) -> bool:
    """Draw the runs in a folder, a panel for each kind; nothing where no run has done an epoch.

    Args:
        runs_dir: where they are, and the picture goes.
        by_kind: kind to its runs. A damaged history is warned about, and its run left out.

    Returns:
        Whether there is a picture.

    Raises:
        StorageError: it cannot be written.
    """
    found = {kind: _curves(runs_dir, runs, _COMPARED[kind]) for kind, runs in by_kind.items()}
    found = {kind: curves for kind, curves in found.items() if curves}
    if not found:
        return False
    width, height = _PANEL
    drawing, panels = new_figure(len(found), 1, size=(width, height * len(found)))
    for axes, (kind, curves) in zip(panels, found.items(), strict=True):
        _draw(axes, curves, _COMPARED[kind])
        axes.set_title(
            f"{kind}: the best of {len(curves)} runs" if len(curves) > len(_LOOKS) else kind
        )
    save_png(storage.join(runs_dir, FILE), drawing)
    return True


@dataclass(frozen=True)
class _Curve:
    """How one run did.

    Attributes:
        name: of the run.
        epochs: their numbers.
        values: of the measure, for each epoch; at least one is finite.
    """

    name: str
    epochs: Sequence[int]
    values: Sequence[float]

    def best(self, measure: str) -> float:
        """Of the values."""
        return (min if MEASURES[measure].less else max)(filter(math.isfinite, self.values))


def _curves(runs_dir: str, runs: Sequence[Run], measure: str) -> list[_Curve]:
    """The best first."""
    found = []
    for run in runs:
        try:
            history = read_history(storage.join(runs_dir, run.name))
        except InputError as error:
            LOG.warning(str(error))
            continue
        values = [row.measures.get(f"val_{measure}", math.nan) for row in history]
        if any(map(math.isfinite, values)):
            found.append(_Curve(run.name, [row.epoch for row in history], values))
    return sorted(found, key=lambda each: each.best(measure), reverse=not MEASURES[measure].less)


def _draw(axes: Axes, curves: Sequence[_Curve], measure: str) -> None:
    for curve in curves[len(_LOOKS) :]:
        axes.plot(curve.epochs, curve.values, lw=0.8, color=LIGHT.pale, alpha=0.5)
    for curve, (line, colour) in zip(curves, _LOOKS, strict=False):
        label = f"{figure(measure, curve.best(measure))}  {_short(curve.name)}"
        marker = "o" if len(curve.values) < 2 else ""  # a line of one point is not to be seen
        axes.plot(curve.epochs, curve.values, line, color=colour, marker=marker, label=label)
    last = max((epoch for curve in curves for epoch in curve.epochs), default=1)
    axes.set_xlim(0.5, max(last, 2) + 0.5)
    axes.locator_params(axis="x", integer=True, steps=[1, 2, 5, 10])
    if "%" in MEASURES[measure].form:
        axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{MEASURES[measure].title} on validation")
    axes.legend(fontsize="small")


def _short(name: str) -> str:
    half, name = _LONGEST // 2, legible(name)
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half:]}"
