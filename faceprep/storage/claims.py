"""Who is at work in a folder of this machine."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep.errors import StorageError
from faceprep.storage.places import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def in_use(folder: str, *, alone: bool) -> Iterator[None]:
    """Hold a local folder for the length of the block: together with others, or alone.

    The lock lies on the folder itself, leaves no file, and ends with the process.

    Args:
        folder: a URL, or one that is not there, cannot be held, and is not.
        alone: nobody else may hold it meanwhile.

    Raises:
        StorageError: another run is at work in the folder, and one of the two would be alone.
    """
    if is_url(folder) or not Path(folder).is_dir():
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StorageError(f"{folder}: another run is at work in it; let it end first") from None
    except OSError:
        pass  # a file system without locks
    try:
        yield
    finally:
        os.close(handle)
