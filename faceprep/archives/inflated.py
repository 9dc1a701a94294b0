"""A `.tar.gz` read from anywhere, by its seek points.

The mebibytes that were inflated last are kept, and inflating goes on where it stopped: images that follow
each other in the catalogue mostly lie near each other in the archive too.
"""

from __future__ import annotations

import io
import threading
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.archives.deflate import inflate_from
from faceprep.archives.inflating import BEGINNING, MEMBER, past_zeros, unused
from faceprep.archives.seek_points import SeekPoints
from faceprep.errors import Unreadable

if TYPE_CHECKING:
    from faceprep.archives.place import Place

_PIECE = 1 << 20  # inflated bytes kept together
_PIECES = 24  # of each archive
_OPEN = 2  # archives
_INPUT = 1 << 18  # compressed bytes read at a time; of a URL more, each is a request
_INPUT_URL = 1 << 22
_TRAILER = 8


def read_inflated(location: str, place: Place, folder: str) -> bytes:
    """Bytes of the inflated content of a `.tar.gz`. May be called from several threads.

    Args:
        location: of the archive.
        place: of an image in it.
        folder: of the faces.

    Raises:
        OSError: the archive cannot be read.
        Unreadable: it is damaged there.
        InputError: its seek points are lost.
    """
    with _opening:
        inflated = _opened.get(location, folder, place)
    return inflated.read(place.offset, place.length)


class _Inflated:
    """The inflated content of one archive.

    Args:
        location: of the archive.
        size: of the archive, in bytes.
        points: to begin at.
    """

    def __init__(self, location: str, size: int, points: SeekPoints) -> None:
        self._location, self._size, self._points = location, size, points
        self._lock = threading.Lock()
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._cursor: _Cursor | None = None

    def read(self, offset: int, length: int) -> bytes:
        content, end = io.BytesIO(), offset + length  # whose bytes are given away without a copy
        with self._lock:
            for number in range(offset // _PIECE, -(-end // _PIECE)):
                begin = number * _PIECE
                piece = memoryview(self._piece(number))
                content.write(piece[max(0, offset - begin) : end - begin])
        return content.getvalue()

    def _piece(self, number: int) -> bytes:
        if number in self._pieces:
            self._pieces.move_to_end(number)
            return self._pieces[number]
        cursor, self._cursor = self._cursor, None  # none is left when reading is interrupted
        begin = number * _PIECE
        if cursor is None or not self._points.position(begin) <= cursor.output <= begin:
            cursor = _Cursor(self._location, self._size, self._points, begin)
        while cursor.output <= begin:
            at, rest = divmod(cursor.output, _PIECE)
            content = cursor.inflate(_PIECE - rest)
            if not rest:  # whole, but for the last one
                self._pieces[at] = content
                if len(self._pieces) > _PIECES:
                    self._pieces.popitem(last=False)
            if cursor.ended:
                break
        self._cursor = cursor
        return self._pieces.get(number, b"")


class _Cursor:
    """Inflates forwards from the last seek point before an offset.

    Attributes:
        output: offset of the next byte of the inflated content.
        ended: there is no next byte.
    """

    def __init__(self, location: str, size: int, points: SeekPoints, offset: int) -> None:
        self._location, self._size = location, size
        self._input = _INPUT_URL if storage.is_url(location) else _INPUT
        point = points.point(offset)
        self.output, self._byte = point.output, point.byte
        self.ended = False
        self._data, self._at_once = self._read(), BEGINNING
        if point.bit == MEMBER:
            self._inflater: Any = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._trailer = 0
        else:
            self._inflater, head = inflate_from(point.bit, point.window, self._data[0])
            self._data = memoryview(head + self._data[1:])
            self._trailer = _TRAILER  # zlib passes it only when it has seen the header

    def inflate(self, length: int) -> bytes:
        """So many bytes, fewer only at the end. Raises Unreadable, OSError."""
        pieces = []
        while length and not self.ended:
            try:
                pieces.append(self._step(length))
            except zlib.error:
                raise Unreadable("damaged in its archive (it cannot be inflated)") from None
            length -= len(pieces[-1])
        content = b"".join(pieces)
        self.output += len(content)
        return content

    def _step(self, length: int) -> bytes:
        self._data = self._data or self._read()
        if self._inflater.eof and not self._begin_stream():
            return b""
        last = not self._data
        piece, self._at_once = self._data[: self._at_once], self._input
        content: bytes = self._inflater.decompress(piece, length)
        self._data = self._data[len(piece) - unused(self._inflater) :]
        self.ended = last and not content
        return content

    def _begin_stream(self) -> bool:
        """Past the end of a gzip stream: whether another follows."""
        while self._trailer and self._data:
            passed = min(self._trailer, len(self._data))
            self._trailer, self._data = self._trailer - passed, self._data[passed:]
            self._data = self._data or self._read()
        while self._data and not (rest := past_zeros(self._data)):
            self._data = self._read()
        if not self._data:
            self.ended = True
            return False
        self._data, self._at_once = rest, BEGINNING
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return True

    def _read(self) -> memoryview:
        length = min(self._input, self._size - self._byte)
        if not length:
            return memoryview(b"")
        (data,) = storage.read_ranges(self._location, [(self._byte, length)])
        self._byte += length
        return memoryview(data)


class _Opened:
    """The archives that were read last."""

    def __init__(self) -> None:
        self._archives: OrderedDict[tuple[str, str, int], _Inflated] = OrderedDict()

    def get(self, location: str, folder: str, place: Place) -> _Inflated:
        key = (location, folder, place.archive_size)
        if key not in self._archives:
            points = SeekPoints(folder, place.archive, place.archive_size)
            self._archives[key] = _Inflated(location, place.archive_size, points)
        self._archives.move_to_end(key)
        while len(self._archives) > _OPEN:
            self._archives.popitem(last=False)
        return self._archives[key]


_opened = _Opened()
_opening = threading.Lock()
