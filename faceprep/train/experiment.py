"""One experiment, from options and shards to a finished run folder. Loads tensorflow."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorflow import keras

from faceprep import storage
from faceprep.train import autoencoder, card, machine, metrics, pictures, run_folder
from faceprep.train.begin import KIND
from faceprep.train.dataset import (
    PairForm,
    evaluation_batches,
    first_pairs,
    training_stream,
)
from faceprep.train.faults import named_faults
from faceprep.train.fit import Training, fit
from faceprep.train.history import Epoch, best_of
from faceprep.train.optimizer import make_optimizer
from faceprep.train.run_folder import Run
from faceprep.train.tensorboard import Board

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from faceprep.train.begin import Job
    from faceprep.train.dataset import Stream
    from faceprep.train.shards import TrainingShards

_SHOWN = 8
"""Pairs in the pictures."""

_TITLES = ("feature", "prediction", "target")


@dataclass(frozen=True)
class _Faces:
    """Pairs that are drawn: (n, height, width, channels) float32, 0 to 1."""

    features: NDArray[np.float32]
    targets: NDArray[np.float32]

    def beside(self, predictions: NDArray[np.float32]) -> list[tuple[NDArray[np.float32], ...]]:
        """Rows of feature, prediction, target."""
        return list(zip(self.features, predictions, self.targets, strict=True))


def conduct(folder: str, before: Run | None, job: Job, shards: TrainingShards) -> Run:
    """Build, fit, score, draw and tell.

    Args:
        folder: of the run, which is there.
        before: the run as it was stopped; None for a new one.
        job: what is to be done.
        shards: what is learnt from.

    Returns:
        The run as it ended, also in `run.json`. Raises what `run.train_autoencoder` says.
    """
    form = PairForm(job.options.input_shape, job.options.output_shape)
    with machine.prepared(job.fit) as strategy, named_faults(shards):
        stream = training_stream(shards, form, job.options, job.fit.seed)
        with strategy.scope():
            model = _compiled(job, stream.steps)
        run = dataclasses.replace(
            before or _new(folder, model, job, shards),
            fit=asdict(job.fit),
            status=run_folder.RUNNING,
        )
        return _Experiment(folder, run, job, shards, form).conduct(model, stream)


class _Experiment:
    """What is written while a run goes on, and when it ends."""

    def __init__(
        self, folder: str, run: Run, job: Job, shards: TrainingShards, form: PairForm
    ) -> None:
        self._folder, self._run, self._job = folder, run, job
        self._shards, self._form = shards, form
        self._faces = _Faces(*first_pairs(shards, "validation", form, _SHOWN))
        self._board = Board(self._at(run_folder.TENSORBOARD))

    def conduct(self, model: Any, stream: Stream) -> Run:
        """Fit, then score the best model."""
        self._draw_data()
        self._tell([])
        training = Training(
            model, stream, self._batches("validation"), self._job.options.batch, self._folder,
            self._job.fit,
        )  # fmt: skip
        ending = fit(training, lambda history: self._epoch(history, model), bar=self._job.bar)
        history = list(ending.history)
        if history:
            self._score()
        self._run = dataclasses.replace(
            self._run, status=ending.status, reason=ending.reason, ended=_now()
        )
        self._tell(history)
        return self._run

    def _epoch(self, history: Sequence[Epoch], model: Any) -> None:
        self._board.epoch(history[-1], self._faces.beside(_predict(model, self._faces.features)))
        self._tell(history)

    def _score(self) -> None:
        """Of the best model and of the baselines, on people that it has never seen."""
        best = keras.models.load_model(self._at(run_folder.MODEL), compile=False)
        rows = self._faces.beside(_predict(best, self._faces.features))
        pictures.save_grid(self._at(run_folder.PREDICTIONS), rows, _TITLES)
        predictors = {
            "model": best.predict_on_batch,
            **metrics.baselines(self._batches("train"), self._form),
        }
        splits = [s for s in ("validation", "test") if self._shards.examples(s)]
        scores = {
            split: {
                name: metrics.score(self._batches(split), predict).as_json()
                for name, predict in predictors.items()
            }
            for split in splits
        }
        self._run = dataclasses.replace(self._run, scores=scores)

    def _tell(self, history: Sequence[Epoch]) -> None:
        """Write `run.json`, and the card with its curve."""
        best = best_of(list(history))
        if history and best:
            self._run = dataclasses.replace(
                self._run,
                epochs=len(history),
                steps=history[-1].steps,
                seconds=history[-1].seconds,
                best_epoch=best.epoch,
                best_loss=best.val_loss,
                verdict=card.verdict(history),
            )
            pictures.save_loss(self._at(run_folder.LOSS), history, self._baseline())
        run_folder.write_run(self._folder, self._run)
        card.write_card(self._folder, self._run, history)

    def _baseline(self) -> float | None:
        """The loss of always predicting the mean target, where that is what the curve shows."""
        if self._job.options.loss != "mse" or not self._run.scores:
            return None
        return self._run.scores["validation"]["mean_target"]["mse"]

    def _draw_data(self) -> None:
        features, targets = first_pairs(self._shards, "train", self._form, _SHOWN)
        rows = list(zip(features, targets, strict=True))
        pictures.save_grid(self._at(run_folder.DATA), rows, ("feature", "target"))

    def _batches(self, split: str) -> Any:
        return evaluation_batches(self._shards, split, self._form, self._job.options.batch)

    def _at(self, name: str) -> str:
        return storage.join(self._folder, name)


def _compiled(job: Job, steps: int) -> Any:
    model = autoencoder.build(job.options)
    model.compile(
        make_optimizer(job.options, steps * job.fit.epochs),
        loss=job.options.loss,
        metrics=["mse"],
        jit_compile=job.fit.jit,
    )
    return model


def _new(folder: str, model: Any, job: Job, shards: TrainingShards) -> Run:
    return Run(
        kind=KIND,
        name=Path(folder).resolve().name,
        preset=job.preset,
        options=asdict(job.options),
        fit=asdict(job.fit),
        data={
            "folder": shards.folder,
            "fingerprint": shards.fingerprint,
            "records": {name: split.examples for name, split in shards.splits.items()},
            "image": asdict(shards.image),
            "extract": dict(shards.extract),
        },
        parameters=model.count_params(),
        summary="\n".join(_summary(model)),
        versions=machine.versions(),
        machine=machine.description(),
        began=_now(),
    )


def _summary(model: Any) -> Iterator[str]:
    """A line for each layer. Keras' own summary is cut to the width of the terminal."""
    for layer in model.layers:
        shape = "x".join(map(str, layer.output.shape[1:]))
        name = f"{layer.name} ({type(layer).__name__})"
        yield f"{name:<48}{shape:>16}{layer.count_params():>14,}"


def _predict(model: Any, features: NDArray[np.float32]) -> NDArray[np.float32]:
    predictions: NDArray[np.float32] = model(features, training=False).numpy()
    return predictions


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
