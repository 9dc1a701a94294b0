"""An autoencoder's training: pairs in, losses, pictures and scores out. Loads tensorflow."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.sheets import Block, Cell, save_sheet
from faceprep.train import autoencoder, curves, metrics, run_folder
from faceprep.train.dataset import (
    PairForm,
    evaluation_batches,
    first_pairs,
    training_stream,
)
from faceprep.train.fit import evaluation
from faceprep.train.optimizer import make_optimizer
from faceprep.train.saved import load_model
from faceprep.train.shards import TEST, TRAIN, VALIDATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from faceprep.train.begin import Job
    from faceprep.train.history import Epoch
    from faceprep.train.options import AutoencoderOptions
    from faceprep.train.run_folder import Run
    from faceprep.train.shards import TrainingShards
    from faceprep.train.tensorboard import Board

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


class AutoencoderTask:
    """See `task.Task`, which this is one of.

    Args:
        job: of the kind autoencoder.
        data: one set of pairs.
    """

    measure = "mse"

    def __init__(self, job: Job[AutoencoderOptions], data: Sequence[TrainingShards]) -> None:
        (self._shards,) = data
        self._options, self._fit = job.options, job.fit
        self._form = PairForm(job.options.input_shape, job.options.output_shape)
        self.stream = training_stream(self._shards, self._form, job.options, job.fit.seed)
        self._faces = _Faces(*first_pairs(self._shards, VALIDATION, self._form, _SHOWN))

    def model(self, folder: str) -> Any:  # noqa: ARG002 - as all tasks have it
        """The model, compiled."""
        model = autoencoder.build(self._options)
        model.compile(
            make_optimizer(self._options, self.stream.steps * self._fit.epochs),
            loss=self._options.loss,
            metrics=[self.measure],
            jit_compile=self._fit.jit,
        )
        return model

    def validate(self, model: Any) -> Callable[[Callable[[], None]], Mapping[str, float]]:
        """By its own loss, on the validation split."""
        return evaluation(model, self._batches(VALIDATION))

    def draw_data(self, folder: str) -> None:
        """Some pairs of the training split."""
        features, targets = first_pairs(self._shards, TRAIN, self._form, _SHOWN)
        pairs = [Cell(pair) for pair in zip(features, targets, strict=True)]
        save_sheet(storage.join(folder, run_folder.DATA), [Block(pairs, heads=_TITLES[::2])])

    def after_epoch(self, history: Sequence[Epoch], model: Any, board: Board) -> None:
        """What the model makes of some faces, for TensorBoard."""
        board.epoch(history[-1], self._faces.beside(_predict(model, self._faces.features)))

    def draw_history(self, folder: str, history: Sequence[Epoch], run: Run) -> None:
        """Losses, and what always predicting the mean target would cost."""
        baseline = None
        if self._options.loss == "mse" and run.scores:
            baseline = run.scores[VALIDATION]["mean_target"]["mse"]
        curves.save_loss(storage.join(folder, run_folder.LOSS), history, baseline)

    def scored(self, folder: str, run: Run) -> Run:
        """Of the best model and of the baselines."""
        best = load_model(storage.join(folder, run_folder.MODEL), "train again")
        rows = self._faces.beside(_predict(best, self._faces.features))
        shown = Block([Cell(row) for row in rows], heads=_TITLES)
        save_sheet(storage.join(folder, run_folder.PREDICTIONS), [shown])
        predictors = {
            "model": best.predict_on_batch,
            **metrics.baselines(self._batches(TRAIN), self._form),
        }
        splits = [split for split in (VALIDATION, TEST) if self._shards.examples(split)]
        scores = {
            split: {
                name: metrics.score(self._batches(split), predict).as_json()
                for name, predict in predictors.items()
            }
            for split in splits
        }
        return dataclasses.replace(run, scores=scores)

    def data(self) -> dict[str, Any]:
        """Folder, records, images."""
        shards = self._shards
        return {
            "folder": shards.location,
            "fingerprint": shards.fingerprint,
            "records": {name: split.examples for name, split in shards.splits.items()},
            "image": asdict(shards.image),
            "extract": dict(shards.extract),
        }

    def _batches(self, split: str) -> Any:
        return evaluation_batches(self._shards, split, self._form, self._options.batch)


def _predict(model: Any, features: NDArray[np.float32]) -> NDArray[np.float32]:
    predictions: NDArray[np.float32] = model(features, training=False).numpy()
    return predictions
