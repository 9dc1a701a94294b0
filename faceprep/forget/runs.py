"""Which runs of training have learnt from people. Nothing is changed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.forget.summary import HoldingRun, reason_of
from faceprep.train.run_folder import MANIFEST, PEOPLE, read_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from faceprep.forget.summary import HoldingDataSet
    from faceprep.train.run_folder import Run

_DEPTH = 2
"""Folders below that of the runs: a cross-validation has its runs in a folder of its own."""

_UNKNOWN = "may have seen them: its data set is not there any more as it was, and it does not say whom it saw"


def look(
    location: str, asked: Callable[[str], bool], data_sets: Sequence[HoldingDataSet] | None
) -> tuple[HoldingRun, ...] | None:
    """The runs in a folder that have seen some people, or may have.

    A Siamese network's says whom it saw; what an autoencoder saw is known by its data set.

    Args:
        location: of the runs.
        asked: tells of an identity whether it is one of the people.
        data_sets: those that were found, with what they hold of them.

    Returns:
        One for each such run, and for each whose files cannot be read; None where there is no such folder.

    Raises:
        InputError: the folder is behind a URL out of reach.
    """
    if not storage.exists(location):
        return None
    known = {each.fingerprint: each for each in data_sets or () if each.fingerprint}
    return tuple(_holding(location, asked, known, _DEPTH))


def _holding(
    folder: str, asked: Callable[[str], bool], known: Mapping[str, HoldingDataSet], depth: int
) -> Iterator[HoldingRun]:
    """The runs at or below a folder that have seen the people, or may have."""
    below: list[str] = []
    try:
        if run := read_run(folder):
            found = _seen(folder, run, asked, known)
        else:
            found, below = None, storage.folders(folder) if depth else []
    except (InputError, OSError) as error:
        found = HoldingRun(folder, None, None, f"may have seen them: {reason_of(error)}")
    if found:
        yield found
    for name in below:
        yield from _holding(storage.join(folder, name), asked, known, depth - 1)


def _seen(
    folder: str, run: Run, asked: Callable[[str], bool], known: Mapping[str, HoldingDataSet]
) -> HoldingRun | None:
    """What a run has seen of the people; None for nothing."""
    people = _people(folder, asked)
    if people is not None:
        words = ", ".join(f"{count:,} in its {split} people" for split, count in people.items())
        return HoldingRun(folder, people, None, f"saw them: {words}") if people else None
    data_set = known.get(str(run.data.get("fingerprint")))
    if data_set is None or data_set.unreadable:
        return HoldingRun(folder, None, None, _UNKNOWN)
    if not data_set.splits:
        return None
    words = ", ".join(f"{count:,} records of {split}" for split, count in data_set.splits.items())
    return HoldingRun(folder, None, data_set.splits, f"saw them: {words} in {data_set.folder}")


def _people(folder: str, asked: Callable[[str], bool]) -> dict[str, int] | None:
    """How many of them are in each split by `people.csv`; None where a run has no such file."""
    location = storage.join(folder, PEOPLE)
    try:
        text = storage.read_bytes(location).decode()
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return dict(Counter(row["split"] for row in rows if asked(row["identity"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(f"{location}: not readable ({error}); see {MANIFEST} beside it") from None
