"""Where a killed run goes on: every variable of model and optimiser, and the place, in one file.

Keras' own BackupAndRestore begins an epoch again that was broken off, and writes weights and place
into two files, between which a kill can come. Here both are one, which appears whole or not at all.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.errors import InputError
from faceprep.train.staging import local_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLACE = "place"

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError)
"""What numpy and zipfile raise over a damaged file."""


@dataclass(frozen=True)
class Place:
    """How far a run has come.

    Attributes:
        epoch: that it is in, from 0.
        step: steps done of it.
        seconds: of training so far, all starts together.
        loss: sum of the training loss over the steps done of this epoch.
        measure: sum of the training metric over them.
    """

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    measure: float = 0.0


class NotFinite(Exception):
    """A weight is NaN or infinite: nothing to go on from."""


def save(location: str, model: Any, place: Place) -> None:
    """Store where the model and its optimiser are.

    Raises:
        NotFinite: a weight is NaN or infinite; what was stored before stays.
        StorageError: full disk, no permission.
    """
    arrays = [np.asarray(variable.numpy()) for variable in _variables(model)]
    if not all(np.isfinite(a).all() for a in arrays if np.issubdtype(a.dtype, np.floating)):
        raise NotFinite
    named = {f"{index:05d}": array for index, array in enumerate(arrays)}
    with storage.atomic_output(location) as file:
        np.savez(file, **{_PLACE: np.array(json.dumps(asdict(place)))}, **named)  # type: ignore[arg-type]


def restore(location: str, model: Any) -> Place:
    """Put the model and its optimiser where they were; the beginning, where there is no backup.

    Raises:
        InputError: the file is damaged, or of another model.
    """
    if not storage.exists(location):
        return Place()
    try:
        with (
            local_file(location) as copy,
            storage.open_input(copy) as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            place = Place(**_renamed(json.loads(str(stored[_PLACE]))))
            arrays = [stored[name] for name in sorted(set(stored.files) - {_PLACE})]
    except (*_UNREADABLE, zipfile.BadZipFile) as error:
        raise InputError(f"{location}: not readable ({error}); choose another --run-dir") from None
    _assign(location, model, arrays)
    return place


def _renamed(place: dict[str, Any]) -> dict[str, Any]:
    """Of a backup of faceprep 0.3, which knew one metric and called it `mse`."""
    return {"measure" if name == "mse" else name: value for name, value in place.items()}


def _assign(location: str, model: Any, arrays: list[NDArray[Any]]) -> None:
    variables = _variables(model)
    if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
        raise InputError(f"{location}: of another model than this one; choose another --run-dir")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _variables(model: Any) -> list[Any]:
    """Weights, the state of random generators in layers, moments of the optimiser, its step."""
    if not model.optimizer.built:
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
