"""Trying again what may pass: with growing pauses, for about a minute in all."""

from __future__ import annotations

import errno
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from faceprep.errors import OutOfReach, StorageError
from faceprep.log import LOG
from faceprep.storage.faults import Failed, Kind, diagnose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")


PATIENCE = 60.0
"""Seconds from the first try to the last."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
"""Seconds; each pause is twice as long as the one before."""

WORTH_SAYING = 4.0
"""Seconds of a pause from which on the log tells of it."""


def persist(location: str, attempt: Callable[[], Result]) -> Result:
    """Call `attempt` until it succeeds, fails for good, or patience has run out.

    Args:
        location: what it is about, for the log.
        attempt: may be called several times.

    Raises:
        Failed: with what went wrong last.
    """
    end, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while True:
        try:
            return attempt()
        except Exception as error:
            fault = diagnose(error)
            if fault is None:
                raise
            if fault.kind is not Kind.PASSING or time.monotonic() + pause > end:
                raise Failed(fault) from error
        if pause >= WORTH_SAYING:
            LOG.warning(f"{location}: no answer ({fault.code}); trying again in {pause:.0f} s")
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - so that a thousand clients part
        pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Say of a failed read whom it concerns.

    Raises:
        OSError: this one file is missing or closed; as of a local file.
        OutOfReach: the whole place cannot be read.
    """
    try:
        yield
    except Failed as failed:
        fault = failed.fault
        if fault.kind is Kind.MISSING:
            raise FileNotFoundError(errno.ENOENT, fault.kind.value, location) from failed
        if fault.kind is Kind.FORBIDDEN:
            raise PermissionError(errno.EACCES, str(fault), location) from failed
        raise OutOfReach(f"{location}: {fault}") from failed


@contextmanager
def looking(location: str) -> Iterator[None]:
    """Say of a failed look at a folder what is wrong. Raises OutOfReach."""
    try:
        yield
    except Failed as failed:
        raise OutOfReach(f"{location}: {_of_folder(failed)}") from failed


@contextmanager
def storing(location: str) -> Iterator[None]:
    """Say of a failed write what is wrong. Raises StorageError."""
    try:
        yield
    except Failed as failed:
        raise StorageError(f"{location}: {_of_folder(failed)}") from failed


def _of_folder(failed: Failed) -> str:
    """A folder is never missing behind a URL: what is not found then is the bucket."""
    if failed.fault.kind is Kind.MISSING:
        return Kind.NO_BUCKET.value
    return str(failed.fault)
