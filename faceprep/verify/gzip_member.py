"""A gzip file read as what it should be: one member, and nothing after it.

Python's `gzip` passes over zeros at the end, and over where one member ends and another begins.
"""

from __future__ import annotations

import io
import zlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 16
_STEP = 1 << 14  # what is decompressed at once, and lost at once where the stream is damaged
_GZIP = 16 + zlib.MAX_WBITS


class GzipMember(io.RawIOBase):
    """The content of the first member.

    Attributes:
        trailing: whether bytes follow it; known once it has been read to its end.

    Raises (from `read`):
        EOFError: the file ends within it. zlib.error: it is damaged, or no gzip file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._inflate = zlib.decompressobj(_GZIP)
        self.trailing = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes of content; 0 at its end."""
        view = memoryview(buffer).cast("B")
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._file.read(_CHUNK)
            if not data:
                raise EOFError
            content = self._inflate.decompress(data, min(_STEP, len(view)))
            if content:
                view[: len(content)] = content
                return len(content)
        self.trailing = bool(self._inflate.unused_data or self._file.read(1))
        return 0
