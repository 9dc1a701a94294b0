"""The plots of a report: ROC curves, and where genuine pairs and impostors lie. Matplotlib's own objects."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.evaluate.evaluation import thresholds
from faceprep.train.siamese.measures import curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

_COLOURS = {"FF": "#0072B2", "FP": "#D55E00"}
_GENUINE, _IMPOSTOR, _GREY = "#009E73", "#CC79A7", "#777777"
# Of Okabe and Ito's palette, which the colour-blind tell apart, and grey.

_LEAST_FAR = 1e-3
_BINS = 60
_HEADROOM = 1.15  # of a histogram, for its legend
_DPI = 120


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
    even.plot([0, 1], [1, 0], color=_GREY, linestyle=":", linewidth=1, label="FAR = 1 − TAR")
    even.set_xlim(0, 1)
    logarithmic.set_xscale("log")
    logarithmic.set_xlim(_LEAST_FAR, 1)
    for axes in (even, logarithmic):
        axes.set_ylim(0, 1.01)
        axes.set_xlabel("FAR: impostor pairs taken for one person")
    even.set_ylabel("TAR: genuine pairs recognised")
    even.legend(frameon=False, loc="lower right")
    _save(path, figure)


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
        edges = np.histogram_bin_edges(pairs.scores, bins=_BINS)
        kinds = ((pairs.same, _GENUINE, "genuine"), (~pairs.same, _IMPOSTOR, "impostor"))
        for rows, colour, name in kinds:
            label = f"{name} ({np.count_nonzero(rows):,})"
            axes.hist(pairs.scores[rows], bins=edges, color=colour, alpha=0.6, label=label)
        for place, threshold in enumerate(thresholds(found).values()):
            label = "" if place else "thresholds of the folds"
            axes.axvline(threshold, color=_GREY, linewidth=0.8, linestyle="--", label=label)
        axes.set_title(protocol)
        axes.set_xlabel("score")
        axes.set_ylim(top=axes.get_ylim()[1] * _HEADROOM)
        axes.legend(frameon=False, loc="upper center", ncols=3, fontsize="small")
    panels[0].set_ylabel("pairs")
    _save(path, figure)


def _figure(panels: int) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * panels, 4.5), dpi=_DPI, layout="constrained")  # inches
    found = [figure.add_subplot(1, panels, place) for place in range(1, panels + 1)]
    for axes in found:
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, found


def _save(path: str, figure: Any) -> None:
    with storage.atomic_output(path) as file:
        figure.savefig(file, format="png")
    gc.collect()  # a figure is a ring of references
