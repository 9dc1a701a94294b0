"""A model, a stream of batches, and a folder: training that a kill costs no more than some steps.

Each epoch is one call of Keras' `fit`. What is between epochs (validation, the best model, the
history, early stopping) is done here, in the open; what is within one (backups, signals, NaN) is
`_Watch`. The order in which files are written makes a run that was killed anywhere go on as if
nothing had been: first the backup, then validation, the best model, the history.
"""

from __future__ import annotations

import dataclasses
import math
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tensorflow import keras

from faceprep import storage
from faceprep.errors import InputError, Interrupted, StorageError
from faceprep.progress import Progress
from faceprep.signals import noted_signals
from faceprep.train import backup, run_folder
from faceprep.train.backup import NotFinite, Place
from faceprep.train.history import Epoch, best_of, read_history, write_history

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from faceprep.signals import Asked
    from faceprep.train.learning import FitOptions

    Validate = Callable[[Callable[[], None]], Mapping[str, float]]

_LOOK_EVERY = 20
"""Steps between two looks at the loss: each makes the computer wait for the GPU."""


class Batches(Protocol):
    """What is trained on, for instance `dataset.Stream`."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""

    def epoch(self, epoch: int, first_step: int = 0) -> Any:
        """A `tf.data.Dataset` of the batches of an epoch (from 0), from a step on."""


@dataclass(frozen=True)
class Training:
    """What is to be fitted.

    Attributes:
        model: a compiled `keras.Model` with the metric `measure`.
        stream: of the training batches.
        validate: what judges the model as it is, for instance `evaluation`. It gets a function that
            raises Interrupted after a signal, to be called now and then, and gives `loss`, of which
            the smallest makes the best model, and what else it finds by name.
        batch: examples in a step.
        folder: of the run.
        options: how.
        measure: name of the model's training metric, for instance `mse` or `accuracy`.
    """

    model: Any
    stream: Batches
    validate: Validate
    batch: int
    folder: str
    options: FitOptions
    measure: str


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        status: `run_folder.FINISHED` or `FAILED`.
        reason: in words.
        history: of all its epochs.
    """

    status: str
    reason: str
    history: tuple[Epoch, ...]


class _Diverged(Exception):
    """The loss or a weight is no number any more."""


def evaluation(model: Any, batches: Any) -> Validate:
    """Validation by the loss and the metrics that the model was compiled with.

    Args:
        model: a compiled `keras.Model`.
        batches: a `tf.data.Dataset` of inputs and targets.
    """

    def validate(check: Callable[[], None]) -> dict[str, float]:
        watch = keras.callbacks.LambdaCallback(on_test_batch_end=lambda *_, **__: check())
        found: dict[str, float] = model.evaluate(
            batches, verbose=0, callbacks=[watch], return_dict=True
        )
        return found

    return validate


def fit(training: Training, after_epoch: Callable[[Sequence[Epoch]], None], *, bar: bool) -> Ending:
    """Train until the epochs are done or something ends it, from where the last start was stopped.

    Args:
        training: what to fit.
        after_epoch: called with all epochs so far, when the files of the last are written.
        bar: show a bar instead of lines.

    Raises:
        Interrupted: Ctrl-C or SIGTERM, after a backup.
        InputError: the folder's backup or history is not that of this model.
        StorageError: full disk, no permission; the last backup stays.
    """
    history = read_history(training.folder)
    place = _resume(training, len(history))
    done = (place.epoch * training.stream.steps + place.step) * training.batch
    total = training.options.epochs * training.stream.steps * training.batch
    with noted_signals() as asked, Progress(total, done, bar=bar, unit="examples") as progress:
        watch = _Watch(training, place, asked, progress)
        while not (ending := _ending(training, history, watch.place.seconds)):
            try:
                row = _one_epoch(training, watch, best_of(history))
            except (_Diverged, NotFinite) as error:
                ending = Ending(run_folder.FAILED, _diverged(watch, error), tuple(history))
                break
            history.append(row)
            write_history(training.folder, history)
            after_epoch(history)
            watch.next_epoch()
        watch.stop_if_asked()
    if run_folder.asked_to_stop(training.folder):  # else who may not delete need not
        storage.remove(storage.join(training.folder, run_folder.STOP))
    return ending


def _resume(training: Training, epochs_done: int) -> Place:
    """Restore the backup; the place is in the first epoch that has no line in the history."""
    location = storage.join(training.folder, run_folder.BACKUP)
    place = backup.restore(location, training.model)
    if epochs_done == place.epoch + 1:
        return Place(epochs_done, seconds=place.seconds)
    if epochs_done != place.epoch:
        raise InputError(
            f"{location}: stands in epoch {place.epoch + 1}, but the history beside it has "
            f"{epochs_done} epochs; choose another --run-dir"
        )
    return place


def _one_epoch(training: Training, watch: _Watch, best: Epoch | None) -> Epoch:
    """Train to the end of the epoch, back up, validate, keep the model if it is the best."""
    model, place = training.model, watch.place
    if place.step < training.stream.steps:
        batches = training.stream.epoch(place.epoch, place.step)
        model.fit(batches, verbose=0, callbacks=[watch], shuffle=False)
        watch.back_up()
        watch.stop_if_asked()
    found = training.validate(watch.stop_if_asked)
    if not math.isfinite(found["loss"]):
        raise _Diverged("the validation loss is no number")
    if best is None or found["loss"] < best.val_loss:
        save_model(storage.join(training.folder, run_folder.MODEL), model)
    return watch.row(found)


def _ending(training: Training, history: list[Epoch], seconds: float) -> Ending | None:
    """Why it is over, if it is. All that decides is on disk, so a later start decides the same."""
    options, best = training.options, best_of(history)
    reason = None
    if run_folder.asked_to_stop(training.folder):
        reason = "the file STOP was there"
    elif len(history) >= options.epochs:
        reason = f"all {options.epochs} epochs done"
    elif options.patience and best and len(history) - best.epoch >= options.patience:
        reason = f"no better validation loss in {options.patience} epochs"
    elif history and options.minutes and seconds >= options.minutes * 60:
        reason = f"{options.minutes:g} minutes were over"
    return Ending(run_folder.FINISHED, reason, tuple(history)) if reason else None


def _number(variable: Any) -> float:
    """The value of a scalar; over several GPUs it is one of each, all equal."""
    return float(keras.ops.convert_to_numpy(variable))


def _diverged(watch: _Watch, error: Exception) -> str:
    place = watch.place
    why = str(error) or "a weight is no number"
    return f"{why} in epoch {place.epoch + 1}, step {place.step}"


def save_model(location: str, model: Any) -> None:
    """Store a model as Keras does (`.keras`), atomically. Raises StorageError."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch, run_folder.MODEL)
            model.save(file)
            with file.open("rb") as composed, storage.atomic_output(location) as output:
                shutil.copyfileobj(composed, output)
    except (OSError, RuntimeError, SystemError) as error:  # as h5py tells of a full disk
        raise StorageError(f"{location}: the model could not be stored ({error})") from error


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """What happens between two steps; and where the run is."""

    def __init__(self, training: Training, place: Place, asked: Asked, progress: Progress) -> None:
        super().__init__()
        self._training, self._asked, self._progress = training, asked, progress
        self._began = time.monotonic() - place.seconds
        self._before, self._place = place, place
        self._shown: dict[str, float] = {}

    @property
    def place(self) -> Place:
        """Where the run is, now."""
        return dataclasses.replace(self._place, seconds=time.monotonic() - self._began)

    def next_epoch(self) -> None:
        """The epoch is done with."""
        self._before = self._place = Place(self._place.epoch + 1)

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """The means that Keras gives are of this call's steps: note what came before."""
        self._before = self._place

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count; back up and look at the loss now and then; stop if somebody asks."""
        step = self._before.step + batch + 1
        self._place = dataclasses.replace(self._place, step=step)
        options, last = self._training.options, step == self._training.stream.steps
        backup_now = step % options.backup_steps == 0 or self._asked.signum
        late = bool(options.minutes) and self.place.seconds >= options.minutes * 60
        if step % _LOOK_EVERY == 0 or last or backup_now or late:
            self._look(batch + 1, logs)
        self._progress.advance(self._training.batch, **self._shown)
        self.model.stop_training = late
        if last:  # Keras has yet to put the average in the weights' place; then there is a backup
            return
        if backup_now:
            self.back_up()
        self.stop_if_asked()

    def back_up(self) -> None:
        """Store where the run is. Raises NotFinite, StorageError."""
        folder = self._training.folder
        backup.save(storage.join(folder, run_folder.BACKUP), self._training.model, self.place)

    def stop_if_asked(self) -> None:
        """Raise Interrupted after a signal. In validation too: the backup was made before it."""
        if self._asked.signum:
            raise Interrupted(self._asked.signum)

    def row(self, validation: Mapping[str, float]) -> Epoch:
        """The line of this epoch, given what validation found."""
        place, model = self.place, self._training.model
        steps = max(1, place.step)
        found = {f"val_{name}": float(value) for name, value in validation.items()}
        return Epoch(
            epoch=place.epoch + 1,
            steps=int(_number(model.optimizer.iterations)),
            seconds=round(place.seconds, 3),
            learning_rate=_number(model.optimizer.learning_rate),
            loss=place.loss / steps,
            val_loss=found.pop("val_loss"),
            measures={self._training.measure: place.measure / steps, **found},
        )

    def _look(self, steps: int, logs: Any) -> None:
        """Bring the sums up to date. Waits for the device. Raises _Diverged."""
        loss, measure = float(logs["loss"]), float(logs[self._training.measure])
        if not math.isfinite(loss):
            raise _Diverged("the loss is no number")
        before = self._before
        self._place = dataclasses.replace(
            self._place,
            loss=before.loss + loss * steps,
            measure=before.measure + measure * steps,
        )
        self._shown = {"epoch": self._place.epoch + 1, "loss": round(loss, 5)}
