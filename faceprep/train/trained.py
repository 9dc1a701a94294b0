"""A run whose model is to be used: whether it is one, and of the right kind. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.train import run_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faceprep.train.run_folder import Run

Options = TypeVar("Options")


def read_trained(folder: str, kinds: Sequence[str], command: str) -> Run:
    """The run in a folder; `check_model` is to follow.

    Args:
        folder: as somebody has named it.
        kinds: of runs that will do.
        command: that is to use it, for the error.

    Raises:
        InputError: there is none, or it cannot be read.
        UsageError: a run of another kind.
    """
    run = run_folder.read_run(folder) if folder else None
    if run is None:
        raise InputError(
            f"{folder or 'RUN'}: no run (it has no {run_folder.MANIFEST}); name the folder of one, "
            "as 'faceprep runs' lists them"
        )
    if run.kind not in kinds:
        raise UsageError(
            f"{folder}: a run of kind '{run.kind}'; faceprep {command} takes {' and '.join(kinds)}"
        )
    return run


def check_model(folder: str, run: Run) -> None:
    """Raises InputError: the run has no model yet. A word where it may still get a better one."""
    model = model_of(folder)
    if not storage.exists(model):
        raise InputError(f"{model}: not there; a model is kept at the end of the first epoch")
    if run.status != run_folder.FINISHED:
        LOG.info(f"{run.name} is {run.status}; this is its best model so far")


def model_of(folder: str) -> str:
    """Where the model of a run is."""
    return storage.join(folder, run_folder.MODEL)


def options_of(folder: str, run: Run, kind: Callable[..., Options]) -> Options:
    """The options of the model. Raises InputError: of another faceprep."""
    try:
        return kind(**run.options)
    except (TypeError, UsageError) as error:
        raise of_another_faceprep(folder, "options", error) from None


def of_another_faceprep(folder: str, key: str, error: Exception) -> InputError:
    """What to raise where `run.json` says something else than this faceprep would."""
    return InputError(
        f"{storage.join(folder, run_folder.MANIFEST)}: {key} is not of this faceprep ({error}); "
        "train again"
    )
