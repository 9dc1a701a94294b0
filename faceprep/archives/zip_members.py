"""What lies in a zip file (PKWARE's APPNOTE 6.3, zip64 too), by its directory, in constant memory.

Each member may lie in the file only once: a zip file whose members share bytes ("quoted overlap") would
cost far more work than its size says.
"""

from __future__ import annotations

import stat
import struct
from array import array
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from faceprep.archives.damage import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = struct.Struct("<4s5H3L2H")
"""A member's own header, without its name and extra field."""
LOCAL_MAGIC = b"PK\3\4"

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_UNIX, _ENCRYPTED = 3, 0x41
_NEAR_END = (1 << 16) + _END.size
_FULL = 0xFFFFFFFF
_LARGEST = 1 << 60


@dataclass(frozen=True)
class ZipMember:
    """One member.

    Attributes:
        name: as it stands in the archive.
        regular: a file, and no folder, link or device.
        link: a symbolic link.
        encrypted: it cannot be read without a password.
        method: of compression: 0 for none, 8 for deflate.
        offset: of its own header.
        packed: bytes in the file.
        size: bytes of the content.
        crc: CRC-32 of the content.
    """

    name: bytes
    regular: bool
    link: bool
    encrypted: bool
    method: int
    offset: int
    packed: int
    size: int
    crc: int


@dataclass(frozen=True)
class _Directory:
    """Where the directory lies, how many it names, and what lies before the archive in the file."""

    offset: int
    size: int
    count: int
    shift: int


def zip_members(file: IO[bytes], size: int) -> Iterator[ZipMember]:
    """Every member, in the directory's order. The file may be used for other things in between.

    Raises:
        Damaged: it is no zip file, not all of it is there, or its members overlap.
    """
    directory = _find_directory(file, size)
    begins, ends = array("Q"), array("Q")
    position = directory.offset
    for _ in range(directory.count):
        file.seek(position)
        member, position = _entry(file, position, directory)
        begins.append(member.offset)
        ends.append(member.offset + LOCAL.size + member.packed)
        yield member
    if position != directory.offset + directory.size:
        raise Damaged("is damaged: its directory is longer than what it names")
    _refuse_overlaps(begins, ends, directory.offset)


def _find_directory(file: IO[bytes], size: int) -> _Directory:
    begin = max(0, size - _NEAR_END)
    file.seek(begin)
    tail = file.read(_NEAR_END)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise Damaged("has no directory at its end: part of it is missing, or it is no zip file")
    _, disk, first_disk, _, count, length, offset, _ = _END.unpack_from(tail, at)
    end = begin + at
    if at >= _LOCATOR.size and tail[at - _LOCATOR.size :].startswith(b"PK\6\7"):
        end, count, length, offset, disk = _read_end64(file, end - _LOCATOR.size)
        first_disk = disk
    if disk or first_disk:
        raise Damaged("is one of several pieces; put them together first (zip -s 0)")
    shift = end - length - offset
    if shift < 0:
        raise Damaged("is damaged: its directory does not lie where it says, or part is missing")
    return _Directory(end - length, length, count, shift)


def _read_end64(file: IO[bytes], at: int) -> tuple[int, int, int, int, int]:
    """Where the zip64 end record begins, entries, length and offset of the directory, the disk."""
    file.seek(at - _END64.size)
    record = file.read(_END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\6\6"):
        raise Damaged("is damaged: its zip64 directory is not where it belongs")
    _, _, _, _, disk, _, _, count, length, offset = _END64.unpack(record)
    return at - _END64.size, count, length, offset, disk


def _entry(file: IO[bytes], at: int, directory: _Directory) -> tuple[ZipMember, int]:
    """The entry at a place of the file, and where the next one is."""
    head = file.read(_ENTRY.size)
    if len(head) < _ENTRY.size or not head.startswith(b"PK\1\2"):
        raise Damaged(f"is damaged: its directory has no entry at byte {at:,}")
    fields = _ENTRY.unpack(head)
    _, made_by, _, flags, method, _, _, crc, packed, size, *rest = fields
    name_length, extra_length, comment_length, _, _, attributes, offset = rest
    name, extra = file.read(name_length), file.read(extra_length)
    after = at + _ENTRY.size + name_length + extra_length + comment_length
    if len(extra) < extra_length or after > directory.offset + directory.size:
        raise Damaged("is damaged: an entry of its directory leaves it")
    size, packed, offset = _large(extra, size, packed, offset)
    offset += directory.shift
    if offset + packed > directory.offset or size > _LARGEST:
        raise Damaged("is damaged: its directory names a member that is not in it")
    mode = attributes >> 16 if made_by >> 8 == _UNIX else 0
    regular = not name.endswith((b"/", b"\\")) and stat.S_IFMT(mode) in (0, stat.S_IFREG)
    member = ZipMember(
        name=name,
        regular=regular,
        link=stat.S_ISLNK(mode),
        encrypted=bool(flags & _ENCRYPTED),
        method=method,
        offset=offset,
        packed=packed,
        size=size,
        crc=crc,
    )
    return member, after


def _large(extra: bytes, size: int, packed: int, offset: int) -> list[int]:
    """The same numbers, those that did not fit taken from the zip64 field."""
    numbers = [size, packed, offset]
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1:
            wanted = [index for index, number in enumerate(numbers) if number == _FULL]
            there = min(length, len(extra) - 4) // 8  # it may claim more than it has
            found = struct.unpack_from(f"<{min(len(wanted), there)}Q", extra, 4)
            for index, number in zip(wanted, found, strict=False):
                numbers[index] = number
        extra = extra[4 + length :]
    return numbers


def _refuse_overlaps(begins: array[int], ends: array[int], directory: int) -> None:
    order = np.argsort(np.asarray(begins), kind="stable")
    following = np.append(np.asarray(begins)[order][1:], np.uint64(directory))
    if len(order) and bool((np.asarray(ends)[order] > following).any()):
        raise Damaged("has members that lie on top of each other, as no honest zip file does")
