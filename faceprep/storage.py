"""Where bytes are kept: the only module that knows fsspec.

A location is a local path or a URL. Local files take the direct road (fsspec would add some 50 µs to
each image); everything else goes through fsspec. A write is atomic: the final name appears with the
whole content or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import socket
import tempfile
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import fsspec
import psutil
from fsspec.implementations.local import LocalFileSystem

from faceprep.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMPORARY = ".tmp-"
_CHUNK = 1 << 20
_OWNER = re.compile(r"~(?P<host>[^~]+)~(?P<pid>\d+)~[0-9a-f]+$")


def is_url(location: str) -> bool:
    """Whether `location` is a URL such as `s3://bucket/faces` and not a local path."""
    return "://" in location


def join(location: str, name: str) -> str:
    """`name` (a POSIX path) below `location`."""
    return f"{location.rstrip('/')}/{name}" if location != "/" else f"/{name}"


def read_bytes(location: str) -> bytes:
    """The whole content of one file. Raises OSError."""
    if is_url(location):
        with fsspec.open(location, "rb") as file:
            return cast("bytes", file.read())
    with open(location, "rb", buffering=0) as file:  # noqa: PTH123 - the per-image path
        return cast("bytes", file.read())


def open_input(location: str) -> IO[bytes]:
    """A seekable binary file to read from. Raises OSError."""
    if not is_url(location):
        return Path(location).open("rb")
    return cast("IO[bytes]", fsspec.open(location, "rb").open())


def exists(location: str) -> bool:
    """Whether there is a file or folder at `location`."""
    if not is_url(location):
        return os.path.lexists(location)
    filesystem, path = _filesystem(location)
    return bool(filesystem.exists(path))


def names(location: str) -> list[str]:
    """Sorted names of what lies right in this folder, temporary files left out; none if it is missing."""
    filesystem, path = _filesystem(location)
    if not filesystem.isdir(path):
        return []
    found = (str(entry).rsplit("/", 1)[-1] for entry in filesystem.ls(path, detail=False))
    return sorted(name for name in found if _TEMPORARY not in name)


def sizes(location: str) -> dict[str, int]:
    """Bytes of each file right in this folder, by name, temporary files left out. Raises OSError."""
    filesystem, path = _filesystem(location)
    entries = {str(e["name"]).rsplit("/", 1)[-1]: e for e in filesystem.ls(path, detail=True)}
    return {
        name: int(entries[name]["size"])
        for name in sorted(entries)
        if entries[name]["type"] == "file" and _TEMPORARY not in name
    }


def folders(location: str) -> list[str]:
    """Sorted names of the folders right in this folder; none if it is missing."""
    filesystem, path = _filesystem(location)
    if not filesystem.isdir(path):
        return []
    entries = filesystem.ls(path, detail=True)
    return sorted(
        str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]
        for entry in entries
        if filesystem.isdir(entry["name"])  # a link to a folder too
    )


def remove(location: str) -> None:
    """Delete one file; no complaint if it is not there. Raises StorageError."""
    filesystem, path = _filesystem(location)
    with _explained(location), contextlib.suppress(FileNotFoundError):
        filesystem.rm_file(path)


def remove_folder(location: str) -> None:
    """Delete a folder and what is in it; no complaint if it is not there. Raises StorageError."""
    filesystem, path = _filesystem(location)
    with _explained(location), contextlib.suppress(FileNotFoundError):
        filesystem.rm(path, recursive=True)


def make_folder(location: str) -> None:
    """Make the folder and those above it.

    Raises:
        StorageError: a file stands in the way, or there is no permission.
    """
    filesystem, path = _filesystem(location)
    with _explained(location):
        filesystem.makedirs(path, exist_ok=True)


@contextlib.contextmanager
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


@contextlib.contextmanager
def atomic_output(location: str, *, buffer: int = -1, quick: bool = False) -> Iterator[IO[bytes]]:
    """A binary file to write and read, which becomes `location` when the block ends without an error.

    A writer that was killed leaves its temporary file behind; whoever writes the same location next
    on that machine removes it. Two who write the same location at once do each other no harm.

    Args:
        location: where the content goes.
        buffer: bytes gathered before each write to the disk; -1 for the usual few kB.
        quick: for files that are many, or made anew as easily: do not wait until the content is safe
            from a power cut, nor look for what dead writers have left.

    Raises:
        StorageError: full disk, no permission, or whatever else keeps the content from being stored.
    """
    writer = (
        _remote_output(location)
        if is_url(location)
        else _local_output(Path(location), buffer, quick)
    )
    with _explained(location), writer as file:
        yield file


def write_bytes(location: str, content: bytes) -> None:
    """Write one file atomically. Raises StorageError."""
    with atomic_output(location) as file:
        file.write(content)


def remove_leftovers(folder: str, name: str = "*") -> None:
    """Delete the temporary files that writers of this machine who are dead have left of `name`."""
    if is_url(folder):
        return
    for leftover in Path(folder).glob(f".{name}{_TEMPORARY}*"):
        owner = _OWNER.search(leftover.name)
        here = owner and owner["host"] == socket.gethostname()
        if owner and here and not _is_alive(int(owner["pid"])):
            leftover.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def _local_output(path: Path, buffer: int, quick: bool) -> Iterator[IO[bytes]]:
    if not quick:
        remove_leftovers(str(path.parent), path.name)
    owner = f"~{socket.gethostname()}~{os.getpid()}~{uuid.uuid4().hex[:8]}"
    temporary = path.with_name(f".{path.name}{_TEMPORARY}{owner}")
    try:
        with temporary.open("w+b", buffer) as file:
            yield file
            file.flush()
            if not quick:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _remote_output(location: str) -> Iterator[IO[bytes]]:
    """Composed in a local file, then sent in one go."""
    filesystem, path = _filesystem(location)
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        with filesystem.transaction, filesystem.open(path, "wb") as remote:
            shutil.copyfileobj(file, remote, _CHUNK)


def _filesystem(location: str) -> tuple[Any, str]:
    """The fsspec file system of a location, and the path in it."""
    if is_url(location):
        try:
            return cast("tuple[Any, str]", fsspec.core.url_to_fs(location))
        except (ImportError, ValueError) as error:
            raise UsageError(f"{location}: {error}") from None
    # fsspec would give `~` and `::` in a local path a meaning of their own
    return LocalFileSystem(), os.path.abspath(location)  # noqa: PTH100


@contextlib.contextmanager
def _explained(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{location}: {_remedy(error)}") from error


def _remedy(error: OSError) -> str:
    remedies: dict[Any, str] = {
        errno.ENOSPC: "no space left; free some and run the same command again",
        errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
        errno.EACCES: "no permission to write; change it, or choose another folder",
        errno.EROFS: "the file system is read-only; choose another folder",
        errno.EEXIST: "a file stands where a folder is needed; choose another folder",
        errno.ENOTDIR: "a file stands where a folder is needed; choose another folder",
    }
    return remedies.get(error.errno, f"could not be written ({error.strerror or error})")
