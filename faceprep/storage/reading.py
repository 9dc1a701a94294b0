"""Reading whole files and pieces of them."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from faceprep.storage import clients
from faceprep.storage.persistence import persist, reading
from faceprep.storage.places import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = 64_000  # bytes that are rather fetched than asked around
_BUFFER = 1 << 20  # bytes; fetched at once where less is asked for


def read_bytes(location: str) -> bytes:
    """The whole content of one file.

    Raises:
        OSError: it is missing, or may not be read.
        InputError: it is behind a URL, and the whole bucket is out of reach.
    """
    if is_url(location):
        if (content := clients.read_at_once(location)) is not None:
            return content
        filesystem, path = clients.filesystem(location)
        with reading(location):
            return cast("bytes", persist(location, lambda: filesystem.cat_file(path)))
    with open(location, "rb", buffering=0) as file:  # noqa: PTH123 - the per-image path
        return cast("bytes", file.read())


def open_input(location: str) -> IO[bytes]:
    """A seekable binary file to read from.

    Raises:
        OSError: now or later; it is missing, or may not be read.
        InputError: now or later; it is behind a URL, and the whole bucket is out of reach.
    """
    if not is_url(location):
        return Path(location).open("rb")
    return cast("IO[bytes]", io.BufferedReader(_RemoteFile(location), _BUFFER))


def read_ranges(location: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Pieces of one file, in the order asked for. Behind a URL, neighbours come in one request.

    Args:
        location: of the file.
        ranges: offset and length of each piece, in bytes.

    Raises:
        OSError: it is missing, may not be read, or ends before a piece does.
        InputError: it is behind a URL, and the whole bucket is out of reach.
    """
    if not is_url(location):
        return _read_local_ranges(location, ranges)
    pieces: dict[int, bytes] = {}
    with _RemoteFile(location, size=max((o + n for o, n in ranges), default=0)) as file:
        for group in neighbours(ranges):
            start = ranges[group[0]][0]
            content = file.fetch(start, max(sum(ranges[index]) for index in group))
            for index in group:
                offset, length = ranges[index]
                pieces[index] = _whole(
                    location, content[offset - start : offset - start + length], length
                )
    return [pieces[index] for index in range(len(ranges))]


def _read_local_ranges(location: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    with open(location, "rb", buffering=0) as file:  # noqa: PTH123 - as cheap as can be
        return [_whole(location, os.pread(file.fileno(), n, o), n) for o, n in ranges]


def _whole(location: str, piece: bytes, length: int) -> bytes:
    if len(piece) != length:
        raise OSError(errno.EIO, "the file is shorter than it should be", location)
    return piece


def neighbours(ranges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The indices of pieces that lie so close together that one request for all costs less."""
    groups: list[list[int]] = []
    end = 0
    for index in sorted(range(len(ranges)), key=ranges.__getitem__):
        offset, length = ranges[index]
        if groups and offset <= end + _GAP:
            groups[-1].append(index)
        else:
            groups.append([index])
        end = max(end, offset + length)
    return groups


class _RemoteFile(io.RawIOBase):
    """A file behind a URL, read by ranges; nothing is fetched that is not asked for.

    Args:
        url: of the file.
        size: in bytes; asked of the server if it is not given.
    """

    def __init__(self, url: str, size: int | None = None) -> None:
        super().__init__()
        self.name = url
        self._filesystem, self._path = clients.filesystem(url)
        self._position = 0
        self._size = self._ask_size() if size is None else size

    def fetch(self, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`."""
        if start >= end:
            return b""
        if (content := clients.read_at_once(self.name, (start, end))) is not None:
            return content
        with reading(self.name):
            content = persist(
                self.name, lambda: self._filesystem.cat_file(self._path, start=start, end=end)
            )
        return cast("bytes", content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._size, self._position + len(buffer))
        content = self.fetch(self._position, end)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)

    def readall(self) -> bytes:
        """In one request; the inherited one asks for 8 kB at a time."""
        content = self.fetch(self._position, self._size)
        self._position += len(content)
        return content

    def _ask_size(self) -> int:
        with reading(self.name):
            found = persist(self.name, lambda: self._filesystem.info(self._path))
        if found["type"] != "file":
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.name)
        return int(found["size"])
