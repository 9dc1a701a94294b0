"""The plots of a report: ROC curves, and where genuine pairs and impostors lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faceprep.evaluate.evaluation import thresholds
from faceprep.plotting import LIGHT, new_figure, save_png
from faceprep.train.siamese.measures import curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.plotting import Axes, Figure
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

_FRONTAL, _PROFILE, _GENUINE, _IMPOSTOR = LIGHT.series
_COLOURS = {"FF": _FRONTAL, "FP": _PROFILE}

_PANEL = (5, 4.5)  # inches
_LEAST_FAR = 1e-3
_BINS = 60
_HEADROOM = 1.15  # of a histogram, for its legend


def save_roc(path: str, judged: Judged, figures: Mapping[str, Figures]) -> None:
    """The ROC curves of all protocols as a PNG, FAR once even and once logarithmic.

    Args:
        path: of the file.
        judged: all pairs.
        figures: protocol to its figures.

    Raises:
        StorageError: the file cannot be written.
    """
    figure, (even, logarithmic) = _figure(2)
    for protocol in figures:
        pairs = judged.only(protocol)
        found = curve(pairs.scores, pairs.same)
        words = f"{protocol}: AUC {found.auc:.4f}, EER {100 * found.eer:.1f} %"
        for axes in (even, logarithmic):
            axes.plot(found.far, found.tar, color=_COLOURS[protocol], label=words)
    even.plot([0, 1], [1, 0], color=LIGHT.pale, linestyle=":", linewidth=1, label="FAR = 1 − TAR")
    even.set_xlim(0, 1)
    logarithmic.set_xscale("log")
    logarithmic.set_xlim(_LEAST_FAR, 1)
    for axes in (even, logarithmic):
        axes.set_ylim(0, 1.01)
        axes.set_xlabel("FAR: impostor pairs taken for one person")
    even.set_ylabel("TAR: genuine pairs recognised")
    even.legend(loc="lower right")
    save_png(path, figure)


def save_scores(path: str, judged: Judged, figures: Mapping[str, Figures]) -> None:
    """Histograms of the scores of genuine and impostor pairs as a PNG, a panel for each protocol.

    Args:
        path: of the file.
        judged: all pairs.
        figures: protocol to its figures; the thresholds of its folds are lines.

    Raises:
        StorageError: the file cannot be written.
    """
    figure, panels = _figure(len(figures))
    for axes, (protocol, found) in zip(panels, figures.items(), strict=True):
        pairs = judged.only(protocol)
        edges = list(np.histogram_bin_edges(pairs.scores, bins=_BINS))
        kinds = ((pairs.same, _GENUINE, "genuine"), (~pairs.same, _IMPOSTOR, "impostor"))
        for rows, colour, name in kinds:
            label = f"{name} ({np.count_nonzero(rows):,})"
            axes.hist(pairs.scores[rows], bins=edges, color=colour, alpha=0.6, label=label)
        for place, threshold in enumerate(thresholds(found).values()):
            label = "" if place else "thresholds of the folds"
            axes.axvline(threshold, color=LIGHT.pale, linewidth=0.8, linestyle="--", label=label)
        axes.set_title(protocol)
        axes.set_xlabel("score")
        axes.set_ylim(top=axes.get_ylim()[1] * _HEADROOM)
        axes.legend(loc="upper center", ncols=3, fontsize="small", handlelength=1, columnspacing=1)
    panels[0].set_ylabel("pairs")
    save_png(path, figure)


def _figure(panels: int) -> tuple[Figure, list[Axes]]:
    width, height = _PANEL
    return new_figure(1, panels, size=(panels * width, height))
