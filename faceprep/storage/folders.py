"""Looking into folders, making and removing them."""

from __future__ import annotations

import contextlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep.storage import clients
from faceprep.storage.explain import explained
from faceprep.storage.faults import Failed, Kind
from faceprep.storage.listing import Entry, entries
from faceprep.storage.persistence import looking, persist, storing
from faceprep.storage.places import TEMPORARY, is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMOVERS = 8  # threads


def exists(location: str) -> bool:
    """Whether there is a file or folder at `location`. Raises InputError for a URL out of reach."""
    if not is_url(location):
        return os.path.lexists(location)
    filesystem, path = clients.filesystem(location)
    with looking(location):
        try:
            persist(location, lambda: filesystem.info(path))
        except Failed as failed:
            if failed.fault.kind in (Kind.MISSING, Kind.NO_BUCKET):
                return False
            raise
    return True


def check_url(location: str) -> None:
    """Make sure that a folder behind a URL is within reach, whether there is anything in it or not.

    Raises:
        InputError: no such bucket, no permission, no answer.
    """
    with looking(location):
        _look(location)


def names(location: str) -> list[str]:
    """Sorted names of what lies right in this folder, temporary files left out; none if it is missing.

    Raises:
        OSError: it cannot be read; InputError when it is a URL.
    """
    if not is_url(location):
        found = os.listdir(location) if os.path.isdir(location) else []  # noqa: PTH112, PTH208
    else:
        found = [entry.name for entry in _right_in(location)]
    return sorted(name for name in found if TEMPORARY not in name)


def sizes(location: str) -> dict[str, int]:
    """Bytes of each file right in this folder, by name, temporary files left out.

    Raises:
        OSError: it is missing or cannot be read (InputError when it is a URL out of reach).
    """
    return {entry.name: entry.size or 0 for entry in _files(location)}


def modified(location: str) -> dict[str, float]:
    """When each file right in this folder was last written, seconds since the epoch, by name.

    Temporary files are left out. For a URL it is the server's clock that tells.

    Raises:
        OSError: it is missing or cannot be read (InputError when it is a URL out of reach).
    """
    return {entry.name: entry.modified for entry in _files(location)}


def folders(location: str) -> list[str]:
    """Sorted names of the folders right in this folder; none if it is missing."""
    if not is_url(location):
        if not os.path.isdir(location):  # noqa: PTH112
            return []
        with os.scandir(location) as found:
            return sorted(entry.name for entry in found if entry.is_dir())  # a link to one too
    return sorted(entry.name for entry in _right_in(location) if entry.size is None)


def find(location: str) -> Iterator[tuple[str, int]]:
    """Every file below a folder: its POSIX path relative to `location`, and its size in bytes.

    In no particular order. Behind a URL it is one listing, page by page, however deep the folders
    are. On the local disk links to folders are not followed.

    Raises:
        InputError: it is a URL out of reach.
        OSError: a local folder cannot be read.
    """
    if not is_url(location):
        yield from _find_locally(location)
        return
    with looking(location):
        for entry in entries(location, deep=True):
            if entry.size is not None:
                yield entry.name, entry.size


def remove(location: str) -> None:
    """Delete one file; no complaint if it is not there. Raises StorageError."""
    if not is_url(location):
        with explained(location), contextlib.suppress(FileNotFoundError):
            os.remove(location)  # noqa: PTH107
        return
    with storing(location):
        _remove_url(location)


def remove_folder(location: str) -> None:
    """Delete a folder and what is in it; no complaint if it is not there. Raises StorageError."""
    if not is_url(location):
        with explained(location), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(location)
        return
    with storing(location), ThreadPoolExecutor(_REMOVERS) as pool:
        below = (f"{location.rstrip('/')}/{entry.name}" for entry in entries(location, deep=True))
        for _ in pool.map(_remove_url, below):
            pass


def make_folder(location: str) -> None:
    """Make the folder and those above it; of a URL, make sure that the bucket is there.

    Raises:
        StorageError: a file stands in the way, no permission, no such bucket.
    """
    if not is_url(location):
        with explained(location):
            os.makedirs(location, exist_ok=True)  # noqa: PTH103
        return
    with storing(location):
        if clients.is_object_store(location):
            _look(location)
        else:
            filesystem, path = clients.filesystem(location)
            persist(location, lambda: filesystem.makedirs(path, exist_ok=True))


def _look(url: str) -> None:
    for _ in entries(url, deep=True, most=1):
        break


def _right_in(url: str) -> list[Entry]:
    with looking(url):
        return list(entries(url, deep=False))


def _files(location: str) -> list[Entry]:
    """The files right in a folder, sorted, temporary ones left out."""
    found = _right_in(location) if is_url(location) else _right_in_local(location)
    if not found and is_url(location):
        raise FileNotFoundError(2, Kind.MISSING.value, location)
    files = (each for each in found if each.size is not None and TEMPORARY not in each.name)
    return sorted(files, key=lambda entry: entry.name)


def _right_in_local(folder: str) -> list[Entry]:
    with os.scandir(folder) as found:
        return [_local_entry(each) for each in found]


def _local_entry(found: os.DirEntry[str]) -> Entry:
    if not found.is_file():
        return Entry(found.name, None)
    status = found.stat()
    return Entry(found.name, status.st_size, status.st_mtime)


def _find_locally(folder: str) -> Iterator[tuple[str, int]]:
    for entry in sorted(Path(folder).rglob("*")):
        if entry.is_file():
            yield entry.relative_to(folder).as_posix(), entry.stat().st_size


def _remove_url(url: str) -> None:
    filesystem, path = clients.filesystem(url)
    try:
        persist(url, lambda: filesystem.rm_file(path))
    except Failed as failed:
        if failed.fault.kind is not Kind.MISSING:
            raise
