"""Writing whole files or none."""

from __future__ import annotations

import errno
import os
import re
import socket
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import psutil

from faceprep.errors import StorageError
from faceprep.storage import clients
from faceprep.storage.explain import explained
from faceprep.storage.faults import Failed, Kind
from faceprep.storage.persistence import persist, storing
from faceprep.storage.places import TEMPORARY, is_url
from faceprep.storage.reading import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 32 << 20
"""Bytes sent at once; to S3, files of less than twice that go in one request."""

_OWNER = re.compile(r"~(?P<host>[^~]+)~(?P<pid>\d+)~[0-9a-f]+$")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


@contextmanager
def atomic_output(location: str, *, buffer: int = -1, quick: bool = False) -> Iterator[IO[bytes]]:
    """A binary file to write and read, which becomes `location` when the block ends without an error.

    A writer that was killed leaves its temporary file behind; whoever writes the same location next
    on that machine removes it. Two who write the same location at once do each other no harm. What
    goes to a URL is composed on the local disk, and sent when it is whole.

    Args:
        location: where the content goes.
        buffer: bytes gathered before each write to the disk; -1 for the usual few kB.
        quick: for files that are many, or made anew as easily: do not wait until the content is safe
            from a power cut, nor look for what dead writers have left.

    Raises:
        StorageError: full disk, no permission, or whatever else keeps the content from being stored.
    """
    if is_url(location):
        with _remote_output(location, buffer) as file:
            yield file
        return
    with explained(location), _local_output(Path(location), buffer, quick) as file:
        yield file


def write_bytes(location: str, content: bytes) -> None:
    """Write one file atomically. Raises StorageError."""
    if is_url(location):
        filesystem, path = clients.filesystem(location)
        with storing(location):
            persist(location, lambda: filesystem.pipe_file(path, content))
        return
    with atomic_output(location) as file:
        file.write(content)


def create(location: str, content: bytes) -> bool:
    """Write one file atomically if it is not there yet; of many who try at once, one succeeds.

    Args:
        location: of the file.
        content: all of it. Writers who must know which of them was first give contents that differ:
            who finds its own content there takes it for its own, since the answer to an earlier try
            may have been lost.

    Returns:
        Whether it was this call that wrote it.

    Raises:
        StorageError: it could not be written.
    """
    if not is_url(location):
        with explained(location):
            return _create_locally(Path(location), content)
    filesystem, path = clients.filesystem(location)
    with storing(location):
        try:
            persist(location, lambda: filesystem.pipe_file(path, content, mode="create"))
        except Failed as failed:
            if failed.fault.kind is not Kind.TAKEN:
                raise
        else:
            return True
    return _is(location, content)


def remove_leftovers(folder: str, name: str = "*") -> None:
    """Delete the temporary files that writers of this machine who are dead have left of `name`."""
    if is_url(folder):
        return
    for leftover in Path(folder).glob(f".{name}{TEMPORARY}*"):
        owner = _OWNER.search(leftover.name)
        here = owner and owner["host"] == socket.gethostname()
        if owner and here and not _is_alive(int(owner["pid"])):
            leftover.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _local_output(path: Path, buffer: int, quick: bool) -> Iterator[IO[bytes]]:
    if not quick:
        remove_leftovers(str(path.parent), path.name)
    temporary = _temporary(path)
    try:
        with temporary.open("w+b", buffer) as file:
            yield file
            file.flush()
            if not quick:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    owner = f"~{socket.gethostname()}~{os.getpid()}~{uuid.uuid4().hex[:8]}"
    return path.with_name(f".{path.name}{TEMPORARY}{owner}")


@contextmanager
def _remote_output(location: str, buffer: int) -> Iterator[IO[bytes]]:
    filesystem, path = clients.filesystem(location)
    with _nameless_file(location, buffer) as file:
        yield file
        file.flush()
        source = f"/proc/self/fd/{file.fileno()}"
        with storing(location):
            persist(location, lambda: _send(filesystem, source, path))


@contextmanager
def _nameless_file(location: str, buffer: int) -> Iterator[IO[bytes]]:
    """A file on the local disk that is gone with the process, however that ends."""
    try:
        with tempfile.TemporaryFile(buffering=buffer) as file:
            yield cast("IO[bytes]", file)
    except OSError as error:
        if error.errno not in _NO_ROOM:  # of what the caller did meanwhile
            raise
        folder = tempfile.gettempdir()
        raise StorageError(
            f"{location}: could not be composed in {folder} ({error.strerror or error}); free some "
            "space there, or set TMPDIR to another folder"
        ) from error


def _send(filesystem: Any, source: str, path: str) -> None:
    """One request; for large files several, of which the last makes all appear."""
    filesystem.put_file(source, path, chunksize=CHUNK)


def _create_locally(path: Path, content: bytes) -> bool:
    temporary = _temporary(path)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _link(temporary, path, content)
    finally:
        temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path, content: bytes) -> bool:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _create_without_links(path, content)
    return True


def _create_without_links(path: Path, content: bytes) -> bool:
    """On file systems without hard links: a reader may see the file before it is whole."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _is(location: str, content: bytes) -> bool:
    try:
        return read_bytes(location) == content
    except OSError:
        return False
