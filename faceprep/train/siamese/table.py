"""Siamese runs as rows of the table of experiments. Light."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from faceprep.train import run_folder
from faceprep.train.markdown import plain, stacked
from faceprep.train.siamese.about import recorded
from faceprep.train.siamese.options import NO_WEIGHTS
from faceprep.train.siamese.presets import SIAMESE_PRESETS
from faceprep.train.verdict import RISE, WOBBLES, overfit
from faceprep.train.words import (
    MODEL,
    NOTHING,
    best_epoch,
    changed_options,
    duration,
    figure,
    moment,
    option_value,
    parts,
)

if TYPE_CHECKING:
    from faceprep.train.run_folder import Run

SHOWN = (
    "backbone",
    "head",
    "loss",
    "optimizer",
    "learning_rate",
    "weight_decay",
    "dropout",
    "batch",
    "pretrained",
    "freeze",
    "augment",
)
"""Options that have a column; the others are told where they are not the preset's."""

NARROW_HEAD = (
    "run", "net", "loss", "lr", "pre", "frozen", "augm", "val", "test", "overfit", "epochs", "recorded",
)  # fmt: skip
NARROW_NUMBERS = (3, 5, 7, 8, 10)
HEAD = (
    "run", "net", "loss", "optimiser", "lr", "weight decay", "dropout", "batch", "pretrained", "freeze",
    "augmentation", "variation", "validation", "test", "overfit", "epochs (best), time", "recorded", "status",
)  # fmt: skip
ALIGN = "llllrrrrlrllrrlrrl"

_OVERFIT = (
    f"Overfit: whether the validation loss rose by more than {RISE:.0%} and {WOBBLES} times its wobble after "
    "its best epoch, while the training loss fell."
)
_RECORDED = "Recorded: validation / test accuracy in percent, and best epoch, of the experiment."
NOTES = (_OVERFIT, f"{_RECORDED} --format md has all columns.")
"""Sentences below the narrow table."""

LEGEND = (
    "Net: backbone, then head. Variation: what else differs from the preset. Validation: accuracy of the "
    "best epoch's model at the threshold that is best on these very pairs; test: at the same threshold. "
    f"{_OVERFIT} {_RECORDED} Its pairs and people are others where folds are missing; each card tells."
)


def narrow(run: Run) -> tuple[str, ...]:
    """Cells for a terminal, as `NARROW_HEAD` names them."""
    known = _known(run)
    return (
        run.name,
        f"{known['backbone']} {known['head']}",
        known["loss"],
        known["learning_rate"],
        _pretrained(run).split(":")[0],
        known["freeze"],
        known["augment"],
        _accuracy(run, "validation"),
        _accuracy(run, "test"),
        overfit(run.verdict) if run.status == run_folder.FINISHED else run.status,
        best_epoch(run),
        _recorded(run),
    )


def wide(run: Run) -> tuple[str, ...]:
    """Cells of Markdown, as `HEAD` names them."""
    known = {name: plain(value) for name, value in _known(run).items()}
    return (
        stacked(f"[{plain(run.name)}]({quote(run.name)}/{run_folder.CARD})", moment(run.began)),
        stacked(known["backbone"], known["head"]),
        *(known[name] for name in ("loss", "optimizer", "learning_rate", "weight_decay")),
        *(known[name] for name in ("dropout", "batch")),
        plain(_pretrained(run)),
        *(known[name] for name in ("freeze", "augment")),
        stacked(f"preset {plain(run.preset)}", *map(plain, variation(run))),
        stacked(_accuracy(run, "validation"), *parts(run, "validation", "accuracy")),
        stacked(_accuracy(run, "test"), *parts(run, "test", "accuracy")),
        plain(overfit(run.verdict)),
        stacked(best_epoch(run), duration(run.seconds)),
        _recorded(run).replace(" ", "\N{NO-BREAK SPACE}"),
        plain(run.status),
    )


def variation(run: Run) -> list[str]:
    """What differs from the preset and has no column of its own: `input size 64x64x3`."""
    changed = {name: value for name, value in changed_options(run).items() if name not in SHOWN}
    preset = SIAMESE_PRESETS.get(run.preset)
    if preset and run.fit.get("epochs", preset.epochs) != preset.epochs:
        changed["epochs"] = run.fit["epochs"]
    others = len(run.data.get("others", ()))
    told = [f"{name.replace('_', ' ')} {option_value(value)}" for name, value in changed.items()]
    return [*told, *([f"{others} further sets"] if others else [])]


def _known(run: Run) -> dict[str, str]:
    return {
        name: option_value(run.options[name]) if name in run.options else NOTHING for name in SHOWN
    }


def _pretrained(run: Run) -> str:
    """`no`, or `yes` and which: ImageNet's, or the name of a file."""
    weights = str(run.options.get("pretrained", NO_WEIGHTS))
    return "no" if weights == NO_WEIGHTS else f"yes: {PurePath(weights).name}"


def _accuracy(run: Run, split: str) -> str:
    return figure("accuracy", run.scores.get(split, {}).get(MODEL, {}).get("accuracy"))


def _recorded(run: Run) -> str:
    """`84 / 82, 59`."""
    record = recorded(run)
    if record is None:
        return NOTHING
    return f"{record.validation} / {record.test}, {record.best_epoch or NOTHING}"
