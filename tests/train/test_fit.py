"""Fitting: what ends it, what is kept, and that a run goes on where it was stopped."""

from __future__ import annotations

import os
import signal
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep import storage
from faceprep.errors import InputError, Interrupted, StorageError
from faceprep.train import run_folder
from faceprep.train.history import read_history
from faceprep.train.learning import FitOptions, LearningOptions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow import keras

    from faceprep.train.backup import restore
    from faceprep.train.fit import Ending, Training, evaluation, fit, save_model
    from faceprep.train.optimizer import make_optimizer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faceprep.train.history import Epoch

STEPS, BATCH = 6, 4
PLAIN = LearningOptions(
    optimizer="adam", schedule="constant", warmup=0, learning_rate=0.01, average=0
)
AVERAGED = LearningOptions(average=0.9, warmup=2)
X = np.random.default_rng(99).random((8, 8), np.float32)
VALIDATION = tf.data.Dataset.from_tensor_slices((X, X[:, ::-1])).batch(BATCH)


@dataclass(frozen=True)
class NumberStream:
    """Batches of numbers in an order that epoch and step decide, as pairs are read."""

    steps: int = STEPS
    poison: int | None = None  # the epoch whose third batch is NaN

    def epoch(self, epoch: int, first_step: int = 0) -> Any:
        x = np.random.default_rng(epoch).random((STEPS * BATCH, 8), np.float32)
        if epoch == self.poison:
            x[2 * BATCH :] = np.nan
        data = tf.data.Dataset.from_tensor_slices((x, x[:, ::-1])).batch(BATCH)
        return data.skip(first_step)


def training(folder: Path | str, learning: LearningOptions = PLAIN, **options: Any) -> Training:
    stream = NumberStream(poison=options.pop("poison", None))
    fitting = FitOptions(**{"epochs": 3, "patience": 0, **options})
    keras.utils.set_random_seed(fitting.seed)
    layers = [keras.layers.Dense(16, "tanh"), keras.layers.Dropout(0.3), keras.layers.Dense(8)]
    model = keras.Sequential([keras.layers.Input((8,)), *layers])
    optimizer = make_optimizer(learning, STEPS * fitting.epochs)
    model.compile(optimizer, loss="mse", metrics=["mse"], jit_compile=False)
    validate = evaluation(model, VALIDATION)
    return Training(model, stream, validate, BATCH, str(folder), fitting, "mse")


def run(training: Training) -> Ending:
    return fit(training, lambda _: None, bar=False)


def stopped_at(training: Training, step: int, signum: int = signal.SIGTERM) -> Training:
    """The same, with a signal in the moment in which a step of the whole run ends."""

    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_begin(self, *_: Any, **__: Any) -> None:
            if int(training.model.optimizer.iterations) == step:
                os.kill(os.getpid(), signum)

    fit_of_keras = training.model.fit

    def watched(*arguments: Any, callbacks: list[Any], **options: Any) -> Any:
        return fit_of_keras(*arguments, callbacks=[Stop(), *callbacks], **options)

    training.model.fit = watched
    return training


def weights(training: Training) -> list[Any]:
    return [v.numpy() for v in (*training.model.variables, *training.model.optimizer.variables)]


def without_sums(row: Epoch) -> Epoch:
    """What is the same to the last bit, however often a run was stopped."""
    return replace(row, seconds=0, loss=0, measures={"val_mse": row.measures["val_mse"]})


def assert_same_weights(one: Training, other: Training) -> None:
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_all_epochs_are_done_and_told(tmp_path: Path) -> None:
    ending = run(training(tmp_path))
    assert (ending.status, ending.reason) == ("finished", "all 3 epochs done")
    assert [row.epoch for row in ending.history] == [1, 2, 3]
    assert [row.steps for row in ending.history] == [STEPS, 2 * STEPS, 3 * STEPS]
    assert read_history(str(tmp_path)) == list(ending.history)
    assert ending.history[-1].val_loss < ending.history[0].val_loss
    first = ending.history[0]
    assert list(first.measures) == ["mse", "val_mse"]
    assert first.measures["mse"] == pytest.approx(first.loss)
    assert first.measures["val_mse"] == pytest.approx(first.val_loss)


@pytest.mark.parametrize(
    ("step", "learning"),
    [
        *((step, PLAIN) for step in (0, 1, 5, 6, 8, 11, 12, 17)),
        (8, AVERAGED),
        (11, AVERAGED),
        (12, AVERAGED),
    ],
)
def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    tmp_path: Path, step: int, learning: LearningOptions
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    undisturbed = training(tmp_path / "one", learning)
    expected = run(undisturbed)
    with pytest.raises(Interrupted) as stop:
        run(stopped_at(training(tmp_path / "other", learning), step))
    assert stop.value.exit_code == 143
    again = training(tmp_path / "other", learning)
    ending = run(again)
    assert_same_weights(again, undisturbed)
    for row, same in zip(ending.history, expected.history, strict=True):
        assert without_sums(row) == without_sums(same)
        assert row.loss == pytest.approx(same.loss, rel=1e-5)
        assert row.measures["mse"] == pytest.approx(same.measures["mse"], rel=1e-5)


def test_in_a_bucket_too_a_run_that_was_stopped_ends_as_one_that_was_not(
    tmp_path: Path, gcs_bucket: str
) -> None:
    folder = f"{gcs_bucket}/runs/one"
    undisturbed = training(tmp_path, AVERAGED)
    run(undisturbed)
    with pytest.raises(Interrupted):
        run(stopped_at(training(folder, AVERAGED), 8))
    assert storage.names(folder) == [run_folder.BACKUP, "history.csv", run_folder.MODEL]
    again = training(folder, AVERAGED)
    place = restore(f"{folder}/{run_folder.BACKUP}", again.model)
    assert (place.epoch, place.step) == (1, 3)
    assert [row.epoch for row in run(again).history] == [1, 2, 3]
    assert_same_weights(again, undisturbed)


def test_validation_may_be_anything_that_gives_a_loss(tmp_path: Path) -> None:
    losses = iter([0.3, 0.1, 0.2])

    def validate(check: Callable[[], None]) -> dict[str, float]:
        check()
        return {"loss": next(losses), "accuracy": 0.5, "auc": 0.75}

    ending = run(replace(training(tmp_path), validate=validate))
    assert [row.val_loss for row in ending.history] == [0.3, 0.1, 0.2]
    assert list(ending.history[0].measures) == ["mse", "val_accuracy", "val_auc"]
    assert read_history(str(tmp_path)) == list(ending.history)


def test_a_signal_in_validation_stops_it_and_only_validation_is_done_again(tmp_path: Path) -> None:
    def validate(check: Callable[[], None]) -> dict[str, float]:
        os.kill(os.getpid(), signal.SIGINT)
        check()
        raise AssertionError("not stopped")

    with pytest.raises(Interrupted) as stop:
        run(replace(training(tmp_path), validate=validate))
    assert stop.value.exit_code == 130
    assert not read_history(str(tmp_path))
    again = training(tmp_path)
    assert restore(str(tmp_path / run_folder.BACKUP), again.model).step == STEPS
    assert len(run(again).history) == 3


@pytest.mark.parametrize("step", [5, 8])
def test_a_signal_costs_no_step(tmp_path: Path, step: int) -> None:
    made = stopped_at(training(tmp_path), step)
    with pytest.raises(Interrupted):
        run(made)
    again = training(tmp_path)
    place = restore(str(tmp_path / run_folder.BACKUP), again.model)
    assert place.epoch * STEPS + place.step == step + 1 == int(again.model.optimizer.iterations)


def test_the_best_model_is_kept_and_not_the_last(tmp_path: Path) -> None:
    ending = run(training(tmp_path, replace(PLAIN, learning_rate=5.0), epochs=8))
    best = min(ending.history, key=lambda row: row.val_loss)
    kept = keras.models.load_model(tmp_path / run_folder.MODEL)
    found = kept.evaluate(VALIDATION, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(best.val_loss, rel=1e-5)
    assert best.val_loss < ending.history[-1].val_loss


def test_patience_ends_it_by_the_validation_loss(tmp_path: Path) -> None:
    made = training(tmp_path, replace(PLAIN, learning_rate=5.0), epochs=50, patience=2)
    ending = run(made)
    best = min(ending.history, key=lambda row: row.val_loss)
    assert ending.reason == "no better validation loss in 2 epochs"
    assert len(ending.history) == best.epoch + 2 < 50


def test_a_file_stop_ends_it_after_the_epoch_and_is_taken_away(tmp_path: Path) -> None:
    made = training(tmp_path)
    ending = fit(made, lambda _: (tmp_path / "STOP").touch(), bar=False)
    assert (ending.reason, len(ending.history)) == ("the file STOP was there", 1)
    assert not (tmp_path / "STOP").exists()
    assert len(run(training(tmp_path)).history) == 3


def test_a_file_stop_behind_a_url_ends_it_too(memory_url: str) -> None:
    stop = f"{memory_url}/{run_folder.STOP}"
    ending = fit(training(memory_url), lambda _: storage.write_bytes(stop, b""), bar=False)
    assert (ending.reason, len(ending.history)) == ("the file STOP was there", 1)
    assert not storage.exists(stop)


def test_minutes_end_it_within_the_epoch(tmp_path: Path) -> None:
    ending = run(training(tmp_path, minutes=1e-6))
    assert ending.reason == "1e-06 minutes were over"
    assert [row.steps for row in ending.history] == [1]


@pytest.mark.parametrize("backup_steps", [1, 500])
def test_what_is_no_number_ends_it_and_keeps_the_last_good(
    tmp_path: Path, backup_steps: int
) -> None:
    ending = run(training(tmp_path, poison=1, backup_steps=backup_steps))
    assert ending.status == run_folder.FAILED
    assert "no number in epoch 2, step " in ending.reason
    assert len(ending.history) == 1
    kept = keras.models.load_model(tmp_path / run_folder.MODEL)
    assert all(np.isfinite(w).all() for w in kept.get_weights())
    with np.load(tmp_path / run_folder.BACKUP) as stored:
        assert all(np.isfinite(stored[name]).all() for name in stored.files if name != "place")


def test_more_epochs_go_on_from_the_end(tmp_path: Path) -> None:
    run(training(tmp_path))
    longer = training(tmp_path, epochs=5)
    assert [row.epoch for row in run(longer).history] == [1, 2, 3, 4, 5]
    (tmp_path / "other").mkdir()
    at_once = training(tmp_path / "other", epochs=5)
    run(at_once)
    assert_same_weights(longer, at_once)


def test_after_each_epoch_the_weights_are_their_average(tmp_path: Path) -> None:
    made = training(tmp_path, replace(PLAIN, average=0.9), epochs=1)
    run(made)
    averages = [v for v in made.model.optimizer.variables if "average" in v.path]
    assert len(averages) == len(made.model.trainable_variables) > 0
    for average, weight in zip(averages, made.model.trainable_variables, strict=True):
        np.testing.assert_array_equal(average.numpy(), weight.numpy())


def test_a_cosine_ends_at_nothing(tmp_path: Path) -> None:
    learning = LearningOptions(warmup=4)
    ending = run(training(tmp_path, learning))
    rates = [row.learning_rate for row in ending.history]
    assert rates[0] > rates[1] > rates[2] == pytest.approx(0, abs=1e-9)


def test_a_history_without_its_backup_is_refused(tmp_path: Path) -> None:
    run(training(tmp_path))
    (tmp_path / run_folder.BACKUP).unlink()
    with pytest.raises(InputError, match="stands in epoch 1, but the history beside it has 3"):
        run(training(tmp_path, epochs=5))


def test_a_model_that_cannot_be_stored_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()
    with pytest.raises(StorageError, match=r"model\.keras"):
        save_model(str(tmp_path / "folder" / "model.keras"), training(tmp_path).model)
