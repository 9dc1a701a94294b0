"""Where an image lies in an archive: all that a worker needs to read it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TAR, TAR_GZ = "tar", "tar.gz"
STORED, DEFLATED, ENCRYPTED = "zip stored", "zip deflated", "zip encrypted"
"""Methods. A zip file's others are called by their number: `zip method 12`."""

LARGEST = 128 << 20
"""Bytes that an image in an archive may have."""


@dataclass(frozen=True, slots=True)
class Place:
    """One member of an archive.

    Attributes:
        archive: POSIX path below the data set's root.
        archive_size: bytes of the archive when it was listed; with other bytes it is another one.
        method: how it is stored, see above.
        offset: of the content (tar: in the inflated stream), or of the member's own header (zip).
        packed: bytes that it takes in the archive (tar: as `length`).
        length: bytes of the content.
        crc: CRC-32 of the content; None in a plain tar, which has none.
    """

    archive: str
    archive_size: int
    method: str
    offset: int
    packed: int
    length: int
    crc: int | None


PLACE = pa.struct(
    [
        pa.field("archive", pa.string(), nullable=False),
        pa.field("archive_size", pa.int64(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("packed", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("crc", pa.uint32()),
    ]
)
"""`Place` as Arrow."""
