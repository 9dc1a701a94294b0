"""What lies in a tar file (POSIX.1-2001 pax, ustar, GNU, V7), read forwards in constant memory.

Nothing is trusted: each header's checksum is checked, a name may be a mebibyte at most, and a file that
does not end with tar's end mark is refused, as some of it may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from faceprep.archives.damage import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE, FOLDER, LINK, SPECIAL, SPARSE = "file", "folder", "link", "special", "sparse"

_BLOCK = 512
_LONGEST = 1 << 20  # bytes of a header that describes the next one
_AFTER_END = 1 << 16
_LARGEST = 1 << 60
_KINDS = {b"0": FILE, b"\0": FILE, b"7": FILE, b"5": FOLDER, b"1": LINK, b"2": LINK, b"S": SPARSE}
_EMPTY = bytes(_BLOCK)
_LENGTH = 20  # bytes at the beginning of a pax record in which its own length must stand
_SPARSE = b"GNU.sparse."
_SPARSE_NAME = _SPARSE + b"name"


class Stream(Protocol):
    """Where a tar file is read from."""

    position: int

    def read(self, length: int) -> bytes:
        """Exactly so many bytes, fewer only at the end."""

    def skip(self, length: int) -> None:
        """Raises Damaged: it ends before."""


@dataclass(frozen=True)
class TarMember:
    """One member.

    Attributes:
        name: as it stands in the archive.
        kind: one of FILE, FOLDER, LINK, SPECIAL, SPARSE.
        offset: of its content.
        size: of its content, in bytes.
    """

    name: bytes
    kind: str
    offset: int
    size: int


def tar_members(stream: Stream) -> Iterator[TarMember]:
    """Every member, in order; the stream stands at its content, and may be read as far as that goes.

    Raises:
        Damaged: it is no tar file, or not all of it is there.
    """
    described: dict[bytes, bytes] = {}
    while (block := _header(stream)) != _EMPTY:
        kind, size = block[156:157], _number(block[124:136])
        if kind in (b"L", b"K", b"x", b"g"):
            content = _description(stream, size)
            if kind == b"L":
                described[b"path"] = content.split(b"\0")[0]
            elif kind == b"x":
                described.update(_pax(content))
            continue
        if kind == b"S":
            _pass_sparse_map(stream, block)
        if b"size" in described:
            size = _decimal(described[b"size"])
        if size > _LARGEST:
            raise Damaged("is damaged: a member has more bytes than any file")
        member = _member(block, stream.position, size, described)
        end = member.offset + (size if _has_content(kind) else 0)
        yield member
        stream.skip(end + -end % _BLOCK - stream.position)
        described = {}
    if any(stream.read(_AFTER_END)):
        raise Damaged("has more after its end mark (several archives put together)")


def _header(stream: Stream) -> bytes:
    block = stream.read(_BLOCK)
    if len(block) < _BLOCK:
        raise Damaged("ends without tar's end mark: part of it is missing")
    if block != _EMPTY:
        unsigned = sum(block) - sum(block[148:156]) + 8 * 32
        signed = unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
        if _number(block[148:156]) not in (unsigned, signed):
            where = f"is damaged at byte {stream.position - _BLOCK:,}"
            raise Damaged(where if stream.position > _BLOCK else "is no archive, or a damaged one")
    return block


def _number(field: bytes) -> int:
    """Octal digits, or for large ones base 256 after a bit that says so."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    if digits.strip(b"01234567"):  # int() would take a sign
        raise Damaged("is no tar file, or a damaged one")
    return int(digits or b"0", 8)


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 18:
        raise Damaged("is damaged: a member's size is no number")
    return int(digits)


def _description(stream: Stream, size: int) -> bytes:
    if size > _LONGEST:
        raise Damaged(f"describes a member in {size:,} bytes, where {_LONGEST:,} are plausible")
    content = stream.read(size)
    stream.skip(-size % _BLOCK)
    if len(content) < size:
        raise Damaged("ends in the middle of a name: part of it is missing")
    return content


def _pax(content: bytes) -> dict[bytes, bytes]:
    """Records of `LENGTH KEY=VALUE` and a line feed; those that matter here."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(content):  # the rest is never copied: a mebibyte may hold 200,000 records
        length, space, _ = content[at : at + _LENGTH].partition(b" ")
        end = at + (_decimal(length) if space else 0)
        key, equals, value = content[at + len(length) + 1 : end - 1].partition(b"=")
        if end <= at or not equals or content[end - 1 : end] != b"\n":
            raise Damaged("is damaged: a pax header has a record of the wrong length")
        if key in (b"path", b"size", _SPARSE_NAME):
            found[key] = value
        if key.startswith(_SPARSE):
            found[_SPARSE] = b""  # that there are such is enough
        at = end
    return found


def _pass_sparse_map(stream: Stream, block: bytes) -> None:
    more = block[482]
    while more:
        block = stream.read(_BLOCK)
        if len(block) < _BLOCK:
            raise Damaged("ends in the middle of a sparse file: part of it is missing")
        more = block[504]


def _member(block: bytes, offset: int, size: int, described: dict[bytes, bytes]) -> TarMember:
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    name = described.get(b"path", prefix + b"/" + name if prefix else name)
    kind = _KINDS.get(block[156:157], SPECIAL)
    if kind == FILE and name.endswith(b"/"):
        kind = FOLDER
    if _SPARSE in described:
        name, kind = described.get(_SPARSE_NAME, name), SPARSE
    return TarMember(name, kind, offset, size)


def _has_content(kind: bytes) -> bool:
    """Links, devices and folders have none, whatever size they claim."""
    return kind not in (b"1", b"2", b"3", b"4", b"5", b"6")
