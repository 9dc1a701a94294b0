"""One image out of an archive, wherever it lies in there. Only workers, and threads of theirs, run this.

Of a plain tar or a zip file just the bytes of the image are read; of a `.tar.gz` see `inflated`.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from faceprep import storage
from faceprep.archives.inflated import read_inflated
from faceprep.archives.place import DEFLATED, ENCRYPTED, LARGEST, STORED, TAR, TAR_GZ
from faceprep.archives.zip_members import LOCAL, LOCAL_MAGIC
from faceprep.errors import InputError, TooLarge, Unreadable

if TYPE_CHECKING:
    from faceprep.archives.place import Place

_EXTRA = 512  # bytes that a zip member's own name and extra field mostly take at most


def read_member(root: str, place: Place, folder: str) -> bytes:
    """The content of one image in an archive.

    Args:
        root: of the data set.
        place: of the image.
        folder: of the faces, where the archive's seek points lie.

    Raises:
        OSError: the archive cannot be read.
        Unreadable: the image is damaged, or packed in a way that is not read.
        TooLarge: it has more bytes than any photograph.
        InputError: the archive is another one than was listed, or its seek points are lost.
    """
    size = max(place.length, place.packed)
    if size > LARGEST:
        raise TooLarge(f"{size:,} bytes in its archive; at most {LARGEST:,} are read")
    location = storage.join(root, place.archive)
    _check_same(location, place.archive_size)
    if place.method == TAR:
        (content,) = storage.read_ranges(location, [(place.offset, place.length)])
    elif place.method == TAR_GZ:
        content = read_inflated(location, place, folder)
    else:
        content = _read_zip(location, place)
    if place.crc is not None and zlib.crc32(content) != place.crc:
        raise Unreadable("damaged in its archive (its checksum is another)")
    return content


def beginning(file: IO[bytes], place: Place, length: int) -> bytes:
    """The first bytes of an image in an open zip file. Raises Unreadable, OSError."""
    file.seek(place.offset)
    packed = min(place.packed, length + _EXTRA)
    data = file.read(_header_length(file.read(LOCAL.size)) - LOCAL.size + packed)
    return _unpack(data[-packed:] if packed else b"", place, length)


@lru_cache(maxsize=4096)
def _size(location: str) -> int:
    """Of an archive, in bytes; asked once by each worker."""
    with storage.open_input(location) as file:
        return file.seek(0, 2)


def _check_same(location: str, size: int) -> None:
    found = _size(location)
    if found != size:
        raise InputError(
            f"{location}: has {found:,} bytes, and had {size:,} when it was listed; put the old one "
            "back, or start afresh with --overwrite"
        )


def _header_length(header: bytes) -> int:
    """Of a zip member's own header with its name and extra field."""
    if len(header) < LOCAL.size or not header.startswith(LOCAL_MAGIC):
        raise Unreadable("damaged in its archive (no header where its directory says)")
    *_, name, extra = LOCAL.unpack(header[: LOCAL.size])
    return LOCAL.size + int(name) + int(extra)


def _read_zip(location: str, place: Place) -> bytes:
    """In one request, if the header is no longer than most."""
    _refuse_method(place)
    wanted = min(LOCAL.size + _EXTRA + place.packed, place.archive_size - place.offset)
    (data,) = storage.read_ranges(location, [(place.offset, wanted)])
    begin = _header_length(data)
    if begin + place.packed > len(data):
        if place.offset + begin + place.packed > place.archive_size:
            raise Unreadable("damaged in its archive (it reaches beyond the end)")
        (packed,) = storage.read_ranges(location, [(place.offset + begin, place.packed)])
    else:
        packed = data[begin : begin + place.packed]
    return _unpack(packed, place, place.length)


def _refuse_method(place: Place) -> None:
    if place.method == ENCRYPTED:
        raise Unreadable("encrypted in its archive; unpack it with the password")
    if place.method not in (STORED, DEFLATED):
        method = place.method.removeprefix("zip ")
        raise Unreadable(f"packed in its archive by {method}, which is not read; unpack it")


def _unpack(packed: bytes, place: Place, length: int) -> bytes:
    """The first `length` bytes of the content; never more than were declared."""
    _refuse_method(place)
    whole = length == place.length
    if place.method == STORED:
        content, ended = packed, True
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(packed, length + 1)
        except zlib.error:
            raise Unreadable("damaged in its archive (it cannot be inflated)") from None
        ended = inflater.eof
    if whole and (len(content) != length or not ended):
        raise Unreadable(f"damaged in its archive (not the {length:,} bytes it declares)")
    return content[:length]
