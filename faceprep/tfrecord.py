"""TFRecord files, read and written without tensorflow, whose import costs seconds and 500 MB a worker.

A file is a run of records, each in a frame (little-endian;
https://www.tensorflow.org/tutorials/load_data/tfrecord):

    uint64 length | uint32 masked CRC-32C of those 8 bytes | payload | uint32 masked CRC-32C of it

Read here, a damaged record has a number, which tensorflow's reader does not tell. Tests hold this
module against tensorflow's own reader and writer, byte for byte.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

import google_crc32c

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME_BYTES = 16
"""What the frame adds to a payload."""

COMPRESSIONS = ("none", "GZIP")

_LENGTH, _CRC = struct.Struct("<Q"), struct.Struct("<I")
_HEAD_BYTES = _LENGTH.size + _CRC.size
_MASK = 0xA282EAD8
_GZIP_HEADER = bytes.fromhex("1f8b08000000000000ff")
"""What `compressed` begins a file with: no name, no time."""

_CUT_OFF = "the file ends within it"
_BAD_LENGTH = "the checksum of its length is wrong; nothing after it can be read"
_BAD_PAYLOAD = "the checksum of its content is wrong"
_BAD_STREAM = "the compressed stream is damaged; nothing after it can be read"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as found in a file.

    Attributes:
        index: from 0.
        payload: its bytes; empty when `fault` says why.
        fault: what is wrong with it, in words; None for a sound one.
    """

    index: int
    payload: bytes
    fault: str | None = None


def write_record(file: IO[bytes], payload: bytes) -> None:
    """Append one record."""
    length = _LENGTH.pack(len(payload))
    file.write(length + _CRC.pack(_masked_crc(length)))
    file.write(payload)
    file.write(_CRC.pack(_masked_crc(payload)))


def read_records(file: IO[bytes]) -> Iterator[Record]:
    """Every record of a file, the damaged ones with their fault.

    After a damaged payload the next record is still found; after a damaged length nothing is, so that
    is the last one told of.
    """
    index = 0
    try:
        while head := file.read(_HEAD_BYTES):
            record = _read_record(file, index, head)
            yield record
            if record.fault in (_CUT_OFF, _BAD_LENGTH):
                return
            index += 1
    except (EOFError, gzip.BadGzipFile, zlib.error):
        yield Record(index, b"", _BAD_STREAM)


def _read_record(file: IO[bytes], index: int, head: bytes) -> Record:
    if len(head) < _HEAD_BYTES:
        return Record(index, b"", _CUT_OFF)
    if _CRC.unpack(head[8:])[0] != _masked_crc(head[:8]):
        return Record(index, b"", _BAD_LENGTH)
    length = _LENGTH.unpack(head[:8])[0]
    payload, crc = file.read(length), file.read(_CRC.size)
    if len(crc) < _CRC.size:
        return Record(index, b"", _CUT_OFF)
    if _CRC.unpack(crc)[0] != _masked_crc(payload):
        return Record(index, b"", _BAD_PAYLOAD)
    return Record(index, payload)


@contextmanager
def compressed(file: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    """The stream to write records to: the file itself (`none`), or gzip's (`GZIP`).

    The same records give the same bytes: gzip's header gets no time and no name.
    """
    if compression == "none":
        yield file
        return
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
        yield cast("IO[bytes]", stream)


@contextmanager
def decompressed(file: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    """The stream to read records from: the reverse of `compressed`."""
    if compression == "none":
        yield file
        return
    with gzip.GzipFile(fileobj=file) as stream:
        yield cast("IO[bytes]", stream)


def has_our_header(file: IO[bytes]) -> bool:
    """Whether a gzip file begins as `compressed` begins one; no checksum covers its header."""
    header = file.read(len(_GZIP_HEADER))
    file.seek(0)
    return header == _GZIP_HEADER


def _masked_crc(data: bytes) -> int:
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF
