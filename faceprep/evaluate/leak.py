"""Which folds a run may be judged on: those with nobody whom it was trained on. Light."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.train import run_folder
from faceprep.train.shards import TRAIN, VALIDATION
from faceprep.train.siamese.folds import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from faceprep.evaluate.options import EvaluateOptions


@dataclass(frozen=True)
class People:
    """Whom a run has seen.

    Attributes:
        train: identities that it was trained on.
        validation: those that decided on its best epoch and its threshold.
    """

    train: frozenset[str]
    validation: frozenset[str]


@dataclass(frozen=True)
class Choice:
    """The folds that are judged.

    Attributes:
        folds: rising.
        left_out: other folds, each with the number of its people that the run was trained on.
        leaked: of `folds`, those that were allowed all the same, likewise.
        validated: of `folds`, those with people of the validation.
        trained_people: how many there are in the leaked folds.
    """

    folds: tuple[int, ...]
    left_out: Mapping[int, int] = field(default_factory=dict)
    leaked: Mapping[int, int] = field(default_factory=dict)
    validated: tuple[int, ...] = ()
    trained_people: int = 0

    @property
    def warning(self) -> str:
        """What is wrong with the figures, in words; empty where nothing is."""
        if not self.leaked:
            return ""
        return (
            f"the run was trained on {self.trained_people:,} of the people of {spoken(self.leaked)}: "
            "its figures there say nothing of how it does on people whom it has never seen, and these folds "
            "take part in the choice of the other folds' thresholds"
        )

    def leak_json(self) -> dict[str, Any] | None:
        """What `--json` says of a leak; None without."""
        if not self.leaked:
            return None
        return {
            "people": self.trained_people,
            "folds": sorted(self.leaked),
            "warning": self.warning,
        }


def read_people(folder: str) -> People:
    """Whom the run in a folder has seen.

    Raises:
        InputError: its list is missing or not as faceprep writes it.
    """
    location = storage.join(folder, run_folder.PEOPLE)
    seen: dict[str, set[str]] = {TRAIN: set(), VALIDATION: set()}
    try:
        rows = csv.DictReader(io.StringIO(storage.read_bytes(location).decode()))
        for row in rows:
            seen.setdefault(row["split"], set()).add(row["identity"])
    except FileNotFoundError:
        raise InputError(
            f"{location}: missing, so whom the run was trained on is not known; train again"
        ) from None
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(f"{location}: not readable ({error}); train again") from None
    if not seen[TRAIN]:
        raise InputError(f"{location}: nobody of the split {TRAIN} in it; train again")
    return People(frozenset(seen[TRAIN]), frozenset(seen[VALIDATION]))


def choose_folds(
    people_of: Mapping[int, frozenset[str]], seen: People, options: EvaluateOptions, shards: str
) -> Choice:
    """Decide on the folds to judge.

    Args:
        people_of: fold to the identities in it; of those that were asked for, or of all.
        seen: by the run.
        options: what was asked for.
        shards: their location, for errors.

    Raises:
        InputError: people that the run was trained on, where that was not allowed.
    """
    wanted = tuple(sorted(people_of))
    trained = {fold: people_of[fold] & seen.train for fold in wanted}
    leaking = {fold: len(who) for fold, who in trained.items() if who}
    clean = tuple(fold for fold in wanted if fold not in leaking)
    if leaking and not options.allow_leak and (options.wanted or not clean):
        count = len(frozenset().union(*trained.values()))
        raise InputError(
            f"{shards}: the run was trained on {count:,} of the people of {spoken(leaking)}, so judging it "
            "there would tell nothing; choose others with --folds, or have it all the same with --allow-leak"
        )
    folds = wanted if options.allow_leak else clean
    return Choice(
        folds=folds,
        left_out={} if options.allow_leak else leaking,
        leaked=leaking if options.allow_leak else {},
        validated=tuple(fold for fold in folds if people_of[fold] & seen.validation),
        trained_people=len(frozenset().union(*(trained[fold] for fold in folds))),
    )
