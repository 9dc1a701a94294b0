"""`history.csv`: a line for each epoch of a run. Light."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "history.csv"

_KNOWN = {
    "epoch": int,
    "steps": int,
    "seconds": float,
    "learning_rate": float,
    "loss": float,
    "val_loss": float,
}
"""Columns that every kind of model has; each further one is a measure."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Attributes:
        epoch: from 1.
        steps: of the whole run, so far.
        seconds: of training, validation included, so far.
        learning_rate: at its end.
        loss: of training: the mean over its steps, with dropout and augmentation.
        val_loss: of validation, after it.
        measures: what else was measured, `val_` before the names of those of validation: of an
            autoencoder `mse` and `val_mse`, over pixels of 0 to 1; of a Siamese network `accuracy` and
            `val_accuracy`, 0 to 1, and what validation tells beside.
    """

    epoch: int
    steps: int
    seconds: float
    learning_rate: float
    loss: float
    val_loss: float
    measures: Mapping[str, float] = field(default_factory=dict)

    def flat(self) -> dict[str, float]:
        """All of it in one, as a line of `history.csv`."""
        return {**{name: getattr(self, name) for name in _KNOWN}, **self.measures}


def read_history(folder: str) -> list[Epoch]:
    """The epochs of a run, in order; none where there is no file yet.

    Raises:
        InputError: the file cannot be read as what `write_history` writes.
    """
    location = storage.join(folder, FILE)
    if not storage.exists(location):
        return []
    try:
        rows = csv.DictReader(io.StringIO(storage.read_bytes(location).decode()))
        return [_epoch(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{location}: not readable ({error}); start another run") from None


def write_history(folder: str, history: list[Epoch]) -> None:
    """Store all epochs. Raises StorageError."""
    text = io.StringIO()
    columns = dict.fromkeys([*_KNOWN, *(name for row in history for name in row.measures)])
    writer = csv.DictWriter(text, columns, restval="nan", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.flat() for row in history)
    storage.write_bytes(storage.join(folder, FILE), text.getvalue().encode())


def best_of(history: list[Epoch]) -> Epoch | None:
    """The epoch of the smallest validation loss, the first of equals; None without epochs."""
    finite = [row for row in history if math.isfinite(row.val_loss)]
    return min(finite, key=lambda row: row.val_loss, default=None)


def _epoch(row: dict[str, str]) -> Epoch:
    """Of a line. Raises KeyError, TypeError, ValueError."""
    known = {name: kind(row[name]) for name, kind in _KNOWN.items()}
    measures = {name: float(value) for name, value in row.items() if name not in _KNOWN}
    return Epoch(**known, measures=measures)
