"""Errors of the local disk, in words."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from faceprep.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEDIES: dict[Any, str] = {
    errno.ENOSPC: "no space left; free some and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EACCES: "no permission to write; change it, or choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EEXIST: "a file stands where a folder is needed; choose another folder",
    errno.ENOTDIR: "a file stands where a folder is needed; choose another folder",
}


@contextmanager
def explained(location: str) -> Iterator[None]:
    """Say what keeps `location` from being written. Raises StorageError."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, f"could not be written ({error.strerror or error})")
        raise StorageError(f"{location}: {remedy}") from error
