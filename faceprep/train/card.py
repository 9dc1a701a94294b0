"""`README.md` in a run's folder: what the run is, what it learnt, how good it is, how to use it. Light."""

from __future__ import annotations

import math
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.options import flag, flags
from faceprep.train import run_folder
from faceprep.train.comparison import scores
from faceprep.train.history import best_of
from faceprep.train.learning import FitOptions
from faceprep.train.markdown import code, fenced, folded, picture, plain, table, write_page
from faceprep.train.siamese import about
from faceprep.train.siamese.options import MARGIN, SiameseFit
from faceprep.train.verdict import DEFINITION, chance_warning, short, verdict
from faceprep.train.words import (
    AUTOENCODER,
    CUSTOM,
    PARTS,
    SIAMESE,
    base_options,
    changed_options,
    duration,
    headline,
    moment,
    option_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faceprep.train.history import Epoch
    from faceprep.train.run_folder import Run

__all__ = ["LOGGED", "selected", "verdict", "write_card"]

LOGGED = 20
"""Epochs that the card lists; `history.csv` has all."""

_WHAT = {
    AUTOENCODER: "An autoencoder: a face in any pose goes in, the frontal face of the same person "
    "comes out.",
    SIAMESE: "A Siamese network: two faces go through the same layers, and a score comes out, the higher the "
    "more it is one person.",
}
_CAPTIONS = {
    SIAMESE: (
        "Some of what is trained on, as the network sees it.",
        "Pairs of people whom the model has never seen, with its scores; what it got right and wrong.",
    )
}
_USUAL_CAPTIONS = (
    "Some pairs of the training split.",
    "People of the validation split, whom the model has never seen.",
)
_LOG = {
    "learning_rate": ("learning rate", ".3g"),
    "loss": ("training loss", "#.4g"),
    "val_loss": ("validation loss", "#.4g"),
    "mse": ("training mse", "#.4g"),
    "val_mse": ("validation mse", "#.4g"),
    "accuracy": ("training accuracy", ".1%"),
    "val_accuracy": ("validation accuracy", ".1%"),
    "val_auc": ("validation AUC", ".4f"),
}
"""Fields and measures of an `Epoch` to their titles and forms."""


def write_card(folder: str, run: Run, history: Sequence[Epoch]) -> None:
    """Write the card of a run, as far as it has come; a person's notes in it stay.

    Args:
        folder: of the run; the pictures that are in it are shown.
        run: as `run.json` has it.
        history: all its epochs.

    Raises:
        StorageError: the card cannot be written.
    """
    pictures = frozenset(storage.names(folder))
    lines = [
        f"# {plain(run.name)}",
        *("", *_summary(run)),
        *("## Scores", "", *scores(run), *_predictions(run, pictures)),
        *_evaluation(folder, pictures),
        *("## Training", "", *_training(run, history, pictures)),
        *("## Options", "", *_options(run)),
        *("## Data", "", *_data(run, pictures)),
        *("## Model", "", *_model(run)),
        *("## Use", "", *_commands(folder, run)),
    ]
    write_page(storage.join(folder, run_folder.CARD), lines)


def _summary(run: Run) -> Iterator[str]:
    what = _WHAT.get(run.kind, f"A model of the kind {plain(run.kind)}.")
    yield from (f"{what} {_began_from(run)}; {run.parameters:,} parameters.", "")
    facts = {
        "training": f"{duration(run.seconds)} on {_machine(run.machine)}; {run.epochs} epochs, "
        f"{run.steps:,} steps; began {moment(run.began)} UTC",
        "best epoch": _best(run),
        **{plain(split): f"{', '.join(headline(run, split))}" for split in run.scores},
        **(about.facts(run) if run.kind == SIAMESE else {}),
        "overfitting": plain(short(run.verdict)) or "not judged yet",
    }
    status = f"{plain(run.status)}{': ' if run.reason else ''}{plain(run.reason)}"
    yield from table(("status", status), facts.items())
    if run.scores and run.kind != SIAMESE:
        yield from ("In brackets: as a share of what *always the mean target* scores.", "")
    elif any(PARTS.keys() & of_split.keys() for of_split in run.scores.values()):
        yield from (
            "In brackets: on pairs of frontal faces (FF), of a frontal and a profile (FP).",
            "",
        )


def _began_from(run: Run) -> str:
    changed = ", ".join(
        f"{name.replace('_', ' ')} {_value(value)}" for name, value in changed_options(run).items()
    )
    if run.preset == CUSTOM:
        return f"No preset; other than the defaults: {changed or 'nothing'}"
    return f"Preset {code(run.preset)}{' with ' if changed else ''}{changed}"


def _machine(machine: Mapping[str, Any]) -> str:
    devices = [str(each) for each in machine.get("devices", [])]
    counted = [f"{devices.count(each)} × {each}" for each in dict.fromkeys(devices)]
    return plain(f"{', '.join(counted).replace('1 × ', '')} ({machine.get('cores', '?')} cores)")


def _best(run: Run) -> str:
    if run.best_epoch is None or run.best_loss is None:
        return "none yet"
    return (
        f"{run.best_epoch}, validation loss {run.best_loss:#.4g}; its model is the one that is kept"
    )


def _predictions(run: Run, pictures: frozenset[str]) -> Iterator[str]:
    _, caption = _CAPTIONS.get(run.kind, _USUAL_CAPTIONS)
    yield from _picture(run_folder.PREDICTIONS, caption, pictures)


def _evaluation(folder: str, there: frozenset[str]) -> Iterator[str]:
    """The report of `faceprep evaluate`, if one lies in the run's folder."""
    name = run_folder.EVALUATION
    if name in there and run_folder.CARD in storage.names(storage.join(folder, name)):
        yield from ("## Evaluation", "")
        yield from (f"By CFP's protocol: [all of it]({name}/{run_folder.CARD}).", "")
        yield from picture(f"{name}/{run_folder.ROC}", "ROC curves, FAR even and logarithmic.")


def _picture(name: str, caption: str, there: frozenset[str]) -> Iterator[str]:
    if name in there:
        yield from picture(name, caption)


def _training(run: Run, history: Sequence[Epoch], pictures: frozenset[str]) -> Iterator[str]:
    if not history:
        yield from ("No epoch is done.", "")
        return
    yield from _picture(run_folder.LOSS, "Losses of training and validation.", pictures)
    yield from _picture(run_folder.ACCURACY, _of_accuracies(run), pictures)
    if warning := chance_warning(history, float(run.options.get("learning_rate", 0))):
        yield from (f"**Beware**: {plain(warning)}.", "")
    word, _, why = plain(run.verdict).partition(":")
    yield from (f"Overfitting: **{word or 'not judged yet'}**{':' if why else ''}{why}.", "")
    yield from folded("What that means", DEFINITION.splitlines())
    shown = selected(history)
    title = f"{len(shown)} of {len(history)} epochs" if len(shown) < len(history) else "All epochs"
    yield from folded(f"{title}, as in history.csv", _log(shown, history))


def _of_accuracies(run: Run) -> str:
    """A caption: training on people has another task than validation."""
    if run.options.get("loss") == MARGIN:
        return (
            "Accuracies: of training, of naming the person; of validation, of telling pairs apart."
        )
    return "Accuracies of training and validation."


def selected(history: Sequence[Epoch]) -> list[Epoch]:
    """Up to `LOGGED` epochs, evenly spread, the first, the best and the last among them."""
    last = len(history) - 1
    if last < LOGGED:
        return list(history)
    places = {round(place * last / (LOGGED - 2)) for place in range(LOGGED - 1)}
    best = best_of(list(history))
    return [row for place, row in enumerate(history) if place in places or row is best]


def _log(shown: Sequence[Epoch], history: Sequence[Epoch]) -> Iterator[str]:
    """A table; a column that only repeats another is left out, the best epoch is bold."""
    columns = {
        name: tuple(row.flat().get(name, math.nan) for row in history)
        for name in history[0].flat()
        if name in _LOG
    }
    kept = {values: name for name, values in reversed(columns.items())}  # of equals the first
    names = [name for name in columns if name in kept.values()]
    best = best_of(list(history))
    rows = []
    for row in shown:
        cells = [str(row.epoch), f"{row.steps:,}", duration(row.seconds)]
        cells += [format(row.flat().get(name, math.nan), _LOG[name][1]) for name in names]
        rows.append([f"**{cell}**" for cell in cells] if row == best else cells)
    head = ("epoch", "steps", "time", *(_LOG[name][0] for name in names))
    yield from table(head, rows, "r" * len(head))


def _options(run: Run) -> Iterator[str]:
    base = base_options(run)
    changed = changed_options(run) if base else {}
    if changed:
        of = "the default" if run.preset == CUSTOM else f"that of {code(run.preset)}"
        yield from (f"Bold: another value than {of}, which is in brackets.", "")
    cells = [
        f"**{_value(value)}** ({_value(base.get(name))})" if name in changed else _value(value)
        for name, value in run.options.items()
    ]
    yield from _pairs(list(zip(run.options, cells, strict=True)))
    yield from _pairs([(name, _value(value)) for name, value in run.fit.items()])


def _pairs(options: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A table of options, the first half to the left."""
    cells = [(code(flag(name)), value) for name, value in options]
    half = (len(cells) + 1) // 2
    right = [*cells[half:], ("", "")]
    rows = [(*one, *other) for one, other in zip(cells[:half], right, strict=False)]
    yield from table(("option", "value", "option", "value"), rows)


def _value(value: Any) -> str:
    return plain(option_value(value))


def _data(run: Run, pictures: frozenset[str]) -> Iterator[str]:
    image = run.data.get("image", {})
    records = run.data.get("records", {})
    facts = {
        **(about.data(run) if run.kind == SIAMESE else {}),
        "fingerprint": code(run.data.get("fingerprint")),
        "records": ", ".join(f"{plain(split)} {count:,}" for split, count in records.items()),
        "images": plain(f"{image.get('size', '?')} px, {image.get('format', '?')}"),
        "cut out with": ", ".join(
            f"{plain(name.replace('_', ' '))} {_value(value)}"
            for name, value in run.data.get("extract", {}).items()
        )
        or "not recorded",
    }
    yield from table(("shards", code(run.data.get("folder"))), facts.items())
    caption, _ = _CAPTIONS.get(run.kind, _USUAL_CAPTIONS)
    yield from _picture(run_folder.DATA, caption, pictures)


def _model(run: Run) -> Iterator[str]:
    yield from folded(f"Summary, {run.parameters:,} parameters", fenced(run.summary, "text"))
    versions = ", ".join(f"{plain(name)} {plain(each)}" for name, each in run.versions.items())
    system = plain(run.machine.get("system", ""))
    yield from (f"Made with {versions}{' on ' if system else ''}{system}.", "")


def _commands(folder: str, run: Run) -> Iterator[str]:
    usual = asdict(FitOptions())
    if run.kind == SIAMESE:  # each preset has epochs of its own, so they are always told
        usual = {**asdict(SiameseFit()), "epochs": None}
    fit = {name: value for name, value in run.fit.items() if usual.get(name) != value}
    preset = [] if run.preset == CUSTOM else ["--preset", run.preset]
    changed = flags({**changed_options(run), **fit})
    shards = [str(each) for each in (run.data.get("folder"), *run.data.get("others", ()))]
    train = ["faceprep", "train", run.kind, *shards, *preset, *changed]
    lines = [
        "# to go on after a kill, or, with another --run-dir, to do it again",
        shlex.join([*train, "--run-dir", folder]),
    ]
    if run.kind == SIAMESE:
        lines += about.uses(run, folder)
    if run.kind == AUTOENCODER:
        lines += ["", "# photographs in, frontal faces out"]
        lines += [shlex.join(["faceprep", "predict", folder, "photos", "--out", "frontal"])]
    yield from fenced("\n".join(lines), "sh")
