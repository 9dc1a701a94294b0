"""All runs as one CSV, whatever their kinds, for a spreadsheet or a notebook. Light."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from faceprep.train.siamese import about
from faceprep.train.siamese.table import SHOWN
from faceprep.train.verdict import overfit
from faceprep.train.words import MEASURES, MODEL, PARTS, SIAMESE, changed_options, option_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faceprep.train.run_folder import Run

_FIELDS = (
    "kind", "name", "began", "status", "reason", "preset", "epochs", "best_epoch", "best_loss", "steps",
    "seconds", "parameters", "threshold",
)  # fmt: skip
_PREDICTORS = (MODEL, *PARTS)


def csv_lines(runs: Sequence[Run]) -> list[str]:
    """A head and a line for each run; a cell that a run has nothing for is empty.

    Accuracies are shares, 0 to 1, those on record too; times are seconds.
    """
    rows = [_row(run) for run in runs]
    scores = {name: "" for run in runs for name in _scores(run)}
    columns = {**{name: "" for row in rows for name in row}, **scores}
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, **_scores(run)} for run, row in zip(runs, rows, strict=True))
    return text.getvalue().removesuffix("\n").split("\n")


def _row(run: Run) -> dict[str, Any]:
    record = about.recorded(run) if run.kind == SIAMESE else None
    return {
        **{name: getattr(run, name) for name in _FIELDS},
        **{name: option_value(run.options.get(name, "")) for name in SHOWN if name in run.options},
        "changes": _listed(changed_options(run).items()),
        "overfit": overfit(run.verdict),
        "data": run.data.get("folder", ""),
        "fingerprint": run.data.get("fingerprint", ""),
        "recorded_validation": record.validation / 100 if record else "",
        "recorded_test": record.test / 100 if record else "",
        "recorded_best_epoch": (record.best_epoch or "") if record else "",
    }


def _listed(options: Iterable[tuple[str, Any]]) -> str:
    return "; ".join(f"{name}={option_value(value)}" for name, value in options)


def _scores(run: Run) -> dict[str, float]:
    """`validation_accuracy`, `test_ff_accuracy` and so on: of the model, and of it on each protocol."""
    return {
        f"{split}{predictor.removeprefix(MODEL)}_{measure}": of_split[predictor][measure]
        for split, of_split in run.scores.items()
        for predictor in _PREDICTORS
        for measure in MEASURES
        if measure in of_split.get(predictor, {})
    }
