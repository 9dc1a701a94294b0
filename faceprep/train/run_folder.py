"""A run as it is kept: `runs/autoencoder-v12-001/`, and `run.json` in it. Light.

The folder may be a URL. All in it is written through `storage`, whole or not at all, and in an order
(see `fit`) in which a run can go on from whatever is there, on any machine: nothing of it is local.

run.json          what it is, what it learnt from, how it ended
model.keras       the best model so far, by validation loss
backup.npz        where to go on after a kill
history.csv       a line for each epoch
tensorboard/      the same for TensorBoard, and pictures
people.csv        of a Siamese network: whom it was trained and chosen on, `identity,split`
evaluation/       what `faceprep evaluate` found of it, unless that was put elsewhere
loss.png, accuracy.png (of a Siamese network), dataset.png, predictions.png, README.md
STOP              put there by you: ends the run at the end of the epoch
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faceprep import storage
from faceprep.errors import InputError

FORMAT = 1
MANIFEST = "run.json"
MODEL = "model.keras"
BACKUP = "backup.npz"
STOP = "STOP"
TENSORBOARD = "tensorboard"
CARD = "README.md"
LOSS, ACCURACY, DATA, PREDICTIONS = "loss.png", "accuracy.png", "dataset.png", "predictions.png"
PEOPLE = "people.csv"
EVALUATION, ROC = "evaluation", "roc.png"

RUNNING, FINISHED, FAILED = "running", "finished", "failed"

_NUMBERED = re.compile(r"(?P<stem>.+)-(?P<number>\d{3,})")


@dataclass(frozen=True)
class Run:
    """What `run.json` says.

    Attributes:
        kind: `autoencoder` or `siamese`.
        name: of the folder, for instance `autoencoder-v12-001`.
        preset: that it began from; `custom` without one.
        options: of the model and its learning; of a Siamese network `SiameseOptions`.
        fit: `FitOptions`.
        data: folder, fingerprint, records of each split, image (size, format), and extract: how
            the faces were cut out. Of a Siamese network also data_set, splits (which parts of the data
            set are train, validation, test), people (how many are in each), and others, the folders
            of further sets that were trained on.
        parameters: of the model.
        summary: of the model, in Keras' words.
        versions: of what computes.
        machine: devices and cores.
        began: ISO 8601, UTC. `ended` likewise; None before the end.
        status: running (or killed), finished, or failed.
        reason: why it ended, in words.
        epochs: done. `steps` and `seconds` of training likewise, all starts together.
        best_epoch: of the smallest validation loss, from 1; None before the first.
        best_loss: that loss.
        scores: split to predictor (model, and what it is held against) to figures; empty before the
            end. `words.MEASURES` says what they are, `comparison` who the predictors are.
        verdict: on overfitting, in words.
        threshold: of a Siamese network: two faces with a higher score are of one person; None before
            the end. `threshold_from` says where it comes from, in words.
    """

    kind: str
    name: str
    preset: str
    options: dict[str, Any]
    fit: dict[str, Any]
    data: dict[str, Any]
    parameters: int
    summary: str
    versions: dict[str, str]
    machine: dict[str, Any]
    began: str
    ended: str | None = None
    status: str = RUNNING
    reason: str = ""
    epochs: int = 0
    steps: int = 0
    seconds: float = 0.0
    best_epoch: int | None = None
    best_loss: float | None = None
    scores: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    verdict: str = ""
    threshold: float | None = None
    threshold_from: str = ""


def read_run(folder: str) -> Run | None:
    """The run in a folder; None where there is none.

    Raises:
        InputError: `run.json` is there, and not readable, or of another version.
    """
    location = storage.join(folder, MANIFEST)
    try:
        found = json.loads(storage.read_bytes(location))
        form, run = found.pop("format"), Run(**found)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{location}: not readable ({error}); choose another --run-dir") from None
    if form != FORMAT:
        raise InputError(
            f"{location}: of format {form}, this faceprep knows {FORMAT}; choose another --run-dir"
        )
    return run


def write_run(folder: str, run: Run) -> None:
    """Store `run.json`. Raises StorageError."""
    content = {"format": FORMAT, **dataclasses.asdict(run)}
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    storage.write_bytes(storage.join(folder, MANIFEST), text.encode())


def name_of(folder: str) -> str:
    """The last part of where a run is."""
    if storage.is_url(folder):
        return folder.rstrip("/").rpartition("/")[2]
    return Path(folder).resolve().name


def numbered(runs_dir: str, stem: str) -> list[str]:
    """Names of the folders `stem-001`, `stem-002`, … that are there, by number."""
    found = [_NUMBERED.fullmatch(name) for name in storage.folders(runs_dir)]
    ours = [match for match in found if match and match["stem"] == stem]
    return [match.group() for match in sorted(ours, key=lambda match: int(match["number"]))]


def next_name(runs_dir: str, stem: str) -> str:
    """The first name after those that are there."""
    there = numbered(runs_dir, stem)
    return f"{stem}-{int(there[-1].rpartition('-')[2]) + 1 if there else 1:03d}"


def asked_to_stop(folder: str) -> bool:
    """Whether somebody has put a file `STOP` there."""
    return storage.exists(storage.join(folder, STOP))
