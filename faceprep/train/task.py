"""What the kinds of training differ in; `experiment.conduct` does what they share. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from faceprep.train.dataset import Stream
    from faceprep.train.history import Epoch
    from faceprep.train.run_folder import Run
    from faceprep.train.tensorboard import Board


class Task(Protocol):
    """One model, what it learns from, and how it is judged.

    Attributes:
        measure: name of the metric beside the loss.
    """

    measure: str

    @property
    def stream(self) -> Stream:
        """Batches to train on."""

    def model(self, folder: str) -> Any:
        """The model, compiled, in the scope it is called in; a run's folder may hold a backup."""

    def validate(self, model: Any) -> Callable[[Callable[[], None]], Mapping[str, float]]:
        """What judges a model between epochs, as `fit.Training` has it."""

    def draw_data(self, folder: str) -> None:
        """Draw some of what is trained on."""

    def after_epoch(self, history: Sequence[Epoch], model: Any, board: Board) -> None:
        """Show what became of an epoch."""

    def draw_history(self, folder: str, history: Sequence[Epoch], run: Run) -> None:
        """Draw the curves."""

    def scored(self, folder: str, run: Run) -> Run:
        """The run with the scores of its best model, on people it has never seen."""

    def data(self) -> dict[str, Any]:
        """What `run.json` says of the data."""
