"""What is behind a URL, copied to the local disk: shards to train on, files that a library opens. Light."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep import dataset_folder, storage
from faceprep.dataset_folder import FEATURES, INFO, MANIFEST
from faceprep.errors import InputError, StorageError
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

_CACHE = "FACEPREP_CACHE"
_CHUNK = 8 << 20  # bytes
_MB = 1_000_000


def local_copy(url: str, *, bar: bool) -> str:
    """Copy a finished data set; what an earlier call has copied of it is kept.

    The copy lies in the folder that the environment's FACEPREP_CACHE names, or else in the one for
    temporary files, and stays there.

    Args:
        url: of the version folder.
        bar: show a progress bar; log a line every 30 s otherwise.

    Returns:
        The local folder.

    Raises:
        InputError: a file cannot be read.
        StorageError: no space, or no permission to write.
    """
    folder = _folder_for(url)
    storage.make_folder(folder)
    sizes = _sizes(url)
    _forget_another(url, folder)
    missing = [name for name, size in sizes.items() if _size(folder, name) != size]
    total, left = sum(sizes.values()), sum(sizes[name] for name in missing)
    _check_space(folder, left)
    done = (total - left) // _MB
    with Progress(total // _MB, done, bar=bar, unit="MB") as progress:
        copied = total - left
        for name in missing:
            for count in _copied(url, folder, name):
                progress.advance((copied + count) // _MB - copied // _MB)
                copied += count
    return folder


@contextlib.contextmanager
def local_file(location: str) -> Iterator[str]:
    """A file on the local disk for the length of the block: itself, or a copy of what is behind a URL.

    Args:
        location: of the file. A local one need not be there.

    Raises:
        InputError: what is behind the URL cannot be read.
        StorageError: no space, or no permission to write.
    """
    if not storage.is_url(location):
        yield location
        return
    storage.make_folder(_cache())
    with tempfile.TemporaryDirectory(prefix="faceprep-", dir=_cache()) as scratch:
        copy = storage.join(scratch, location.rpartition("/")[2])
        with storage.atomic_output(copy, quick=True) as out:
            out.writelines(_chunks(location))
        yield copy


def _cache() -> str:
    return os.environ.get(_CACHE) or tempfile.gettempdir()


def _folder_for(url: str) -> str:
    digest = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    return storage.join(_cache(), f"faceprep-shards-{digest}")


def _sizes(url: str) -> dict[str, int]:
    """The files of a data set, in bytes each; the descriptions first. Raises InputError."""
    try:
        found = storage.sizes(url)
    except OSError as error:
        raise InputError(f"{url}: cannot be read: {error.strerror or error}") from None
    shards = sorted(name for name in found if dataset_folder.parse_shard(name))
    described = [name for name in (MANIFEST, INFO, FEATURES) if name in found]
    return {name: found[name] for name in (*described, *shards)}


def _forget_another(url: str, folder: str) -> None:
    """Leave nothing of a data set that was at this URL before, for its files may be as long."""
    for name in (MANIFEST, INFO):
        now, then = storage.join(url, name), storage.join(folder, name)
        if storage.exists(then) and storage.read_bytes(then) != _read(now):
            for each in storage.names(folder):
                storage.remove(storage.join(folder, each))
            return


def _read(location: str) -> bytes:
    try:
        return storage.read_bytes(location)
    except OSError as error:
        raise _unreadable(location, error) from None


def _unreadable(location: str, error: OSError) -> InputError:
    return InputError(
        f"{location}: cannot be read: {error.strerror or error}; "
        "the same command goes on from there"
    )


def _size(folder: str, name: str) -> int | None:
    path = Path(folder) / name
    return path.stat().st_size if path.is_file() else None


def _check_space(folder: str, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StorageError(
            f"{folder}: the copy of the shards needs {needed:,} bytes, and {free:,} are free; "
            f"set {_CACHE} to a folder on a larger disk"
        )


def _copied(url: str, folder: str, name: str) -> Iterator[int]:
    """Copy one file, bit by bit; each time how many bytes."""
    location = storage.join(url, name)
    with storage.atomic_output(storage.join(folder, name)) as out:
        for chunk in _chunks(location):
            out.write(chunk)
            yield len(chunk)


def _chunks(location: str) -> Iterator[bytes]:
    try:
        with storage.open_input(location) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _unreadable(location, error) from None
