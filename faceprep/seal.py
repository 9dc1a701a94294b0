"""Parquet files that carry their own checksum, so that one flipped byte anywhere is found.

Parquet's page checksums leave out the footer. Here the footer's key-value metadata holds the SHA-256
of the whole file, taken while its own 64 digits are zeros. Readers that do not know it pass it over.
"""

from __future__ import annotations

import hashlib
import re
from typing import IO, TYPE_CHECKING

from faceprep.errors import InputError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetWriter

_KEY = b"faceprep.sha256"
_ZEROS = b"0" * 64
_SEAL = re.compile(rb"\x18\x0f" + re.escape(_KEY) + rb"\x18\x40([0-9a-f]{64})\x00")
"""The entry as Thrift's compact protocol writes it: two strings, each with its length before it."""
_TAIL = 8  # bytes: the footer's length, and PAR1
_CHUNK = 1 << 20


def reserve(writer: ParquetWriter) -> None:
    """Leave room for the checksum; to be called before the writer is closed."""
    writer.add_key_value_metadata({_KEY: _ZEROS})


def seal(file: IO[bytes]) -> None:
    """Put the checksum into a file that is complete but for it, open for reading and writing."""
    where = _place(file)
    digest = _digest(file, where)
    file.seek(where)
    file.write(digest)
    file.seek(0, 2)


def read_seal(file: IO[bytes]) -> str:
    """The checksum that a file claims for itself, in hexadecimal.

    Raises:
        InputError: it has none, or its end is damaged.
    """
    where = _place(file)
    file.seek(where)
    return file.read(len(_ZEROS)).decode()


def is_intact(file: IO[bytes]) -> bool:
    """Whether every byte is as it was when the file was sealed. Raises InputError as `read_seal`."""
    return _digest(file, _place(file)).decode() == read_seal(file)


def _place(file: IO[bytes]) -> int:
    """Where the 64 digits begin."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    length = int.from_bytes(tail[:4], "little") + _TAIL
    if tail[4:] != b"PAR1" or length > size:
        raise InputError("its end is damaged, or it is no Parquet file")
    file.seek(size - length)
    found = [match.start(1) for match in _SEAL.finditer(file.read(length))]
    if not found:
        raise InputError("it carries no checksum")
    return size - length + found[-1]  # what stands before it may be a value of the data's


def _digest(file: IO[bytes], where: int) -> bytes:
    """SHA-256 in hexadecimal of the file with zeros at `where`."""
    total = hashlib.sha256()
    file.seek(0)
    before = where
    while before:
        chunk = file.read(min(before, _CHUNK))
        total.update(chunk)
        before -= len(chunk)
    total.update(_ZEROS)
    file.seek(len(_ZEROS), 1)
    while chunk := file.read(_CHUNK):
        total.update(chunk)
    return total.hexdigest().encode()
