"""A gzip file read once from end to end, and where to begin again in the middle.

Memory is constant. zlib checks each stream's length and CRC; a file that ends early, or that inflates
beyond any plausible measure, is refused.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from faceprep.archives.damage import Damaged
from faceprep.archives.deflate import WINDOW, find_boundary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMBER = 9
"""In place of a bit: a gzip stream begins here."""

RATIO, HARMLESS = 100, 1 << 30
"""How often an archive may hold its own size: photographs hardly shrink; a gigabyte does no harm."""

BEGINNING = 1 << 12
"""Bytes to give zlib first of a stream: it copies all that follows the end, and streams may be tiny."""

_CHUNK = 1 << 19  # compressed bytes read at a time
_OUTPUT = 4 << 20  # inflated bytes at a time
_MOST_EMPTY = 1000  # streams in a row without output; honest files have one or two
_EMPTY = gzip.compress(b"")
_FEWEST_APART, _MOST_APART, _POINTS = 1 << 20, 16 << 20, 1024


@dataclass(frozen=True)
class Point:
    """Where inflating may begin.

    Attributes:
        output: inflated bytes before it.
        byte: of the file.
        bit: see `deflate.Boundary`; or `MEMBER`.
        window: the last 32 KiB (or all there is) of the stream before it.
    """

    output: int
    byte: int
    bit: int
    window: bytes


def spacing(size: int) -> int:
    """Inflated bytes between two points of a file of `size` bytes: 1 MiB for small, 16 MiB for large."""
    return min(_MOST_APART, max(_FEWEST_APART, size // _POINTS))


class Inflating:
    """The inflated content, forwards only.

    Args:
        file: the gzip file, at its beginning.
        size: of it, in bytes.
        note: is given the points, in order; the first is the beginning.
    """

    def __init__(self, file: IO[bytes], size: int, note: Callable[[Point], None]) -> None:
        self.position = 0
        self._file, self._note = file, note
        self._apart = spacing(size)
        self._read = self._given = self._due = self._empty = 0
        self._at_once = BEGINNING
        self._inflater, self._window = _gzip(), b""
        self._inflater.decompress(_EMPTY)  # at the end of a stream: another may begin
        self._blocks = self._inflate()
        self._rest = memoryview(b"")

    def read(self, length: int) -> bytes:
        """Exactly so many bytes, fewer only at the end. Raises Damaged, OSError."""
        return b"".join(self._take(length))

    def skip(self, length: int) -> None:
        """Raises Damaged: it ends before."""
        if sum(map(len, self._take(length))) < length:
            raise Damaged("ends in the middle of a file: part of it is missing")

    def checksum(self, length: int, begun: int) -> int:
        """CRC-32 of the next `length` bytes, after what has the CRC `begun`; they are passed."""
        for piece in self._take(length):
            begun = zlib.crc32(piece, begun)
        return begun

    def _take(self, length: int) -> Iterator[memoryview]:
        while length:
            if not self._rest:
                self._rest = memoryview(next(self._blocks, b""))
                if not self._rest:
                    return
            piece, self._rest = self._rest[:length], self._rest[length:]
            self.position += len(piece)
            length -= len(piece)
            yield piece

    def _inflate(self) -> Iterator[bytes]:
        """Blocks of output, none of them empty."""
        while chunk := self._file.read(_CHUNK):
            self._read += len(chunk)
            if self._given >= self._due and not self._inflater.eof:
                self._look_for_a_point(chunk)
            data = memoryview(chunk)
            while data:
                if self._inflater.eof:
                    data = self._begin_stream(data)
                    continue
                output, data = self._step(data)
                if output:
                    self._empty = 0
                    yield output
        if not self._inflater.eof or not self._read:
            raise Damaged(f"ends after {self._read:,} bytes, before its end: part of it is missing")

    def _step(self, data: memoryview) -> tuple[bytes, memoryview]:
        """A block of output, and what is left of the data."""
        piece, self._at_once = data[: self._at_once], _CHUNK
        try:
            output = self._inflater.decompress(piece, _OUTPUT)
        except zlib.error:
            raise Damaged(f"is damaged before byte {self._read:,}") from None
        self._given += len(output)
        if self._given > max(HARMLESS, RATIO * self._read):
            raise Damaged(f"inflates to over {RATIO} times its size, as no photographs do")
        if output:
            near = output if len(output) >= WINDOW else self._window + output
            self._window = near[-WINDOW:]
        return output, data[len(piece) - unused(self._inflater) :]

    def _begin_stream(self, data: memoryview) -> memoryview:
        """Several gzip streams may follow each other, and zeros at the end pad a tape."""
        if self._given:
            data = past_zeros(data)
        if data:
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise Damaged(
                    f"has over {_MOST_EMPTY:,} gzip streams in a row with nothing in them"
                )
            self._inflater, self._window, self._at_once = _gzip(), b"", BEGINNING
            if self._given >= self._due:
                self._found(Point(self._given, self._read - len(data), MEMBER, b""))
        return data

    def _look_for_a_point(self, data: bytes) -> None:
        found = find_boundary(self._inflater, self._window, data)
        if found is None:
            self._due = self._given + self._apart
            return
        before = self._inflater.copy().decompress(data[: found.byte])[: found.output]
        self._found(
            Point(
                self._given + found.output,
                self._read - len(data) + found.byte,
                found.bit,
                (self._window + before)[-WINDOW:],
            )
        )

    def _found(self, point: Point) -> None:
        self._note(point)
        self._due = point.output + self._apart


def unused(inflater: Any) -> int:
    """Bytes that zlib has left of what it was given last."""
    return len(inflater.unused_data if inflater.eof else inflater.unconsumed_tail)


def past_zeros(data: memoryview) -> memoryview:
    """The same from the first byte that is not zero."""
    while data and not data[0]:
        piece = bytes(data[:BEGINNING])
        data = data[len(piece) - len(piece.lstrip(b"\0")) :]
    return data


def _gzip() -> Any:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)
