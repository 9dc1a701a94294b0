"""A run in words and figures: what its card and the table of all runs both say. Light."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from faceprep.train.options import AutoencoderOptions
from faceprep.train.presets import AUTOENCODER_PRESETS
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.presets import SIAMESE_PRESETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.train.run_folder import Run

AUTOENCODER, SIAMESE = "autoencoder", "siamese"
"""Kinds of runs."""

MODEL, YARDSTICK, PIXELS = "model", "mean_target", "pixels"
"""Predictors, as `Run.scores` has them: what was trained; and what its scores are held against first, of an
autoencoder and of a Siamese network."""

PARTS = {"model_ff": "FF", "model_fp": "FP"}
"""Predictors that are the model on some of the pairs, to the protocols of CFP that these are of."""

CUSTOM = "custom"
"""What stands for the preset where there is none."""

NOTHING = "–"
"""Where there is no figure."""


@dataclass(frozen=True)
class Measure:
    """A score.

    Attributes:
        title: what people call it.
        form: of its figures, as `format` takes it.
        unit: of them.
        less: whether less is better.
        headline: whether the table of runs shows it.
    """

    title: str
    form: str
    unit: str = ""
    less: bool = False
    headline: bool = True


MEASURES = {
    "mse": Measure("mse", "#.3g", less=True),
    "psnr": Measure("PSNR", ".2f", "dB", headline=False),
    "ssim": Measure("SSIM", ".3f"),
    "accuracy": Measure("accuracy", ".1%"),
    "auc": Measure("AUC", ".4f", headline=False),
    "eer": Measure("EER", ".1%", less=True, headline=False),
    "tar_at_far_1e-2": Measure("TAR at FAR 1 %", ".1%", headline=False),
}
"""All that `Run.scores` may hold, in order of display. Another kind of model adds its own here."""

_PRESETS: dict[str, tuple[Mapping[str, Any], type]] = {
    AUTOENCODER: (AUTOENCODER_PRESETS, AutoencoderOptions),
    SIAMESE: ({name: each.options for name, each in SIAMESE_PRESETS.items()}, SiameseOptions),
}
"""Of each kind of model: its presets, and the options whose defaults stand in for `custom`."""


def figure(measure: str, value: float | None) -> str:
    """A score as it is shown."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return format(value, MEASURES[measure].form)


def share(run: Run, split: str, measure: str, of: str = YARDSTICK) -> float | None:
    """The model's score as a share of another predictor's; None where either is not known."""
    of_split = run.scores.get(split, {})
    ours, theirs = (of_split.get(name, {}).get(measure) for name in (MODEL, of))
    if ours is None or not theirs or not math.isfinite(ours / theirs):
        return None
    return ours / theirs


def headline(run: Run, split: str) -> list[str]:
    """The chief scores of the model on a split, each with what it is held against in brackets.

    That is its share of the yardstick's; of a Siamese network the same score on the pairs of each protocol.
    """
    scores = run.scores.get(split, {}).get(MODEL, {})
    found = []
    for name, measure in MEASURES.items():
        if name in scores and measure.headline:
            beside = parts(run, split, name) if run.kind == SIAMESE else _shares(run, split, name)
            brackets = f" ({', '.join(beside)})" if beside else ""
            found.append(f"{measure.title} {figure(name, scores[name])}{brackets}")
    return found


def parts(run: Run, split: str, measure: str) -> list[str]:
    """The model's score on the pairs of each protocol: `FF 84.0%`."""
    of_split = run.scores.get(split, {})
    return [
        f"{title} {figure(measure, of_split[name].get(measure))}"
        for name, title in PARTS.items()
        if name in of_split
    ]


def _shares(run: Run, split: str, measure: str) -> list[str]:
    part = share(run, split, measure)
    return [] if part is None else [f"{part:.2f}"]


def base_options(run: Run) -> dict[str, Any]:
    """The options of the preset that a run began from; the defaults where it began from none."""
    if run.kind not in _PRESETS:
        return {}
    presets, usual = _PRESETS[run.kind]
    return asdict(presets.get(run.preset) or usual())


def changed_options(run: Run) -> dict[str, Any]:
    """The options in which a run differs from what it began from; all, where that is not known."""
    base = base_options(run)
    return {name: value for name, value in run.options.items() if base.get(name) != value}


def option_value(value: Any) -> str:
    """An option as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or NOTHING


def best_epoch(run: Run) -> str:
    """Epochs that are done, and which was the best: `28 (15)`."""
    return f"{run.epochs} ({run.best_epoch})" if run.best_epoch else str(run.epochs)


def duration(seconds: float) -> str:
    """As one would say it: `45 s`, `12 min`, `3.4 h`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 99.5 else f"{minutes / 60:.1f} h"


def millions(count: int) -> str:
    """Of parameters: `18.7 M`; below a tenth of a million as it is."""
    return f"{count / 1e6:.1f} M" if count >= 1e5 else f"{count:,}"


def moment(time: str) -> str:
    """ISO 8601 to the minute: `2025-11-22 03:05`."""
    return time[:16].replace("T", " ")
