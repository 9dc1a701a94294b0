"""One experiment, from options and shards to a finished run folder. Loads tensorflow."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.train import begin, card, machine, run_folder
from faceprep.train.autoencoder_task import AutoencoderTask
from faceprep.train.faults import named_faults
from faceprep.train.fit import Training, fit
from faceprep.train.history import Epoch, best_of
from faceprep.train.run_folder import Run
from faceprep.train.siamese.task import SiameseTask
from faceprep.train.tensorboard import Board

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faceprep.train.begin import AnyJob
    from faceprep.train.shards import TrainingShards
    from faceprep.train.task import Task

_TASKS: dict[str, Any] = {begin.AUTOENCODER: AutoencoderTask, begin.SIAMESE: SiameseTask}
"""Kind of run to what makes its task of a job and data."""


def conduct(folder: str, before: Run | None, job: AnyJob, data: Sequence[TrainingShards]) -> Run:
    """Build, fit, score, draw and tell.

    Args:
        folder: of the run, which is there.
        before: the run as it was stopped; None for a new one.
        job: what is to be done.
        data: what is learnt from.

    Returns:
        The run as it ended, also in `run.json`. Raises what `run.train` says.
    """
    with machine.prepared(job.fit) as strategy, ExitStack() as stack:
        for shards in data:
            stack.enter_context(named_faults(shards))
        task: Task = _TASKS[job.kind](job, data)
        with strategy.scope():
            model = task.model(folder)
        run = dataclasses.replace(
            before or _new(folder, model, job, task),
            fit=asdict(job.fit),
            status=run_folder.RUNNING,
        )
        return _Experiment(folder, run, job, task).conduct(model)


class _Experiment:
    """What is written while a run goes on, and when it ends."""

    def __init__(self, folder: str, run: Run, job: AnyJob, task: Task) -> None:
        self._folder, self._run, self._job, self._task = folder, run, job, task

    def conduct(self, model: Any) -> Run:
        """Fit, then score the best model."""
        job, task = self._job, self._task
        self._tell([])  # before anything else is in the folder, which a kill may leave
        self._board = Board(storage.join(self._folder, run_folder.TENSORBOARD))
        task.draw_data(self._folder)
        training = Training(
            model, task.stream, task.validate(model), job.options.batch, self._folder, job.fit,
            task.measure,
        )  # fmt: skip
        ending = fit(training, lambda history: self._epoch(history, model), bar=job.bar)
        history = list(ending.history)
        if history:
            self._run = task.scored(self._folder, self._run)
        self._run = dataclasses.replace(
            self._run, status=ending.status, reason=ending.reason, ended=_now()
        )
        self._tell(history)
        return self._run

    def _epoch(self, history: Sequence[Epoch], model: Any) -> None:
        self._task.after_epoch(history, model, self._board)
        self._tell(history)

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
            self._task.draw_history(self._folder, history, self._run)
        run_folder.write_run(self._folder, self._run)
        card.write_card(self._folder, self._run, history)


def _new(folder: str, model: Any, job: AnyJob, task: Task) -> Run:
    return Run(
        kind=job.kind,
        name=run_folder.name_of(folder),
        preset=job.preset,
        options=asdict(job.options),
        fit=asdict(job.fit),
        data=task.data(),
        parameters=model.count_params(),
        summary="\n".join(_summary(model)),
        versions=machine.versions(),
        machine=machine.description(),
        began=_now(),
    )


def _summary(model: Any) -> Iterator[str]:
    """A line for each layer. Keras' own summary is cut to the width of the terminal."""
    for layer in model.layers:
        outputs = layer.output if isinstance(layer.output, list) else [layer.output]
        shape = ", ".join("x".join(map(str, output.shape[1:])) for output in outputs)
        name = f"{layer.name} ({type(layer).__name__})"
        yield f"{name:<48}{shape:>16}{layer.count_params():>14,}"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
