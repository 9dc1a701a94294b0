"""`history.csv`: a line for each epoch of a run. Light."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import asdict, dataclass, fields

from faceprep import storage
from faceprep.errors import InputError

FILE = "history.csv"


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
        mse: of training, likewise; over pixels of 0 to 1.
        val_mse: of validation.
    """

    epoch: int
    steps: int
    seconds: float
    learning_rate: float
    loss: float
    val_loss: float
    mse: float
    val_mse: float


def read_history(folder: str) -> list[Epoch]:
    """The epochs of a run, in order; none where there is no file yet.

    Raises:
        InputError: the file cannot be read as what `write_history` writes.
    """
    location = storage.join(folder, FILE)
    if not storage.exists(location):
        return []
    kinds = {field.name: {"int": int, "float": float}[str(field.type)] for field in fields(Epoch)}
    try:
        rows = csv.DictReader(io.StringIO(storage.read_bytes(location).decode()))
        return [Epoch(**{name: kind(row[name]) for name, kind in kinds.items()}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{location}: not readable ({error}); start another run") from None


def write_history(folder: str, history: list[Epoch]) -> None:
    """Store all epochs. Raises StorageError."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in history)
    storage.write_bytes(storage.join(folder, FILE), text.getvalue().encode())


def best_of(history: list[Epoch]) -> Epoch | None:
    """The epoch of the smallest validation loss, the first of equals; None without epochs."""
    finite = [row for row in history if math.isfinite(row.val_loss)]
    return min(finite, key=lambda row: row.val_loss, default=None)
