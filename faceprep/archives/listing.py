"""An archive to the images in it, in one pass over it, or over its directory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, TypeVar

from faceprep import storage
from faceprep.archives import names
from faceprep.archives.damage import Damaged, refusal
from faceprep.archives.inflating import HARMLESS, RATIO, Inflating
from faceprep.archives.names import PassedOver, is_archive, is_other_archive, member_path
from faceprep.archives.place import DEFLATED, ENCRYPTED, STORED, TAR, TAR_GZ, Place
from faceprep.archives.reading import beginning
from faceprep.archives.tar_members import FILE, FOLDER, LINK, SPARSE, tar_members
from faceprep.archives.zip_members import zip_members
from faceprep.errors import Unreadable
from faceprep.image_files import HEAD, objection

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from faceprep.archives.seek_points import SeekPointFiles
    from faceprep.archives.tar_members import TarMember

_Any = TypeVar("_Any")
_MOST_MEMBERS = 20_000_000
_GZIP, _ZIP = b"\x1f\x8b", (b"PK\3\4", b"PK\5\6")
_REASONS = {LINK: names.LINKS, SPARSE: names.SPARSE}


@dataclass(frozen=True)
class Member:
    """An image in an archive.

    Attributes:
        path: in the archive, clean.
        place: where it lies.
    """

    path: str
    place: Place


def images_in(
    root: str, archive: str, skipped: Counter[str], points: SeekPointFiles
) -> Iterator[Member]:
    """The images of one archive, in its order; a name may come again, and then the last one counts.

    What an archive is, its first bytes say, whatever its name.

    Args:
        root: of the data set.
        archive: its key.
        skipped: gets the number of members passed over, by reason.
        points: gets where to begin reading in it.

    Raises:
        InputError: it is damaged, incomplete, hostile, or cannot be read.
        StorageError: the temporary folder, where its seek points go, is full.
    """
    location = storage.join(root, archive)
    try:
        with storage.open_input(location) as file:
            size = file.seek(0, 2)
            file.seek(0)
            magic = file.read(4)
            file.seek(0)
            if magic in _ZIP:
                yield from _zip_images(file, archive, size, skipped)
            elif magic.startswith(_GZIP):
                with points.of(archive, size) as note:
                    yield from _tar_gz_images(Inflating(file, size, note), archive, size, skipped)
            else:
                yield from _tar_images(_Plain(file, size), archive, size, skipped)
    except (OSError, Damaged) as error:
        raise refusal(location, error) from None


class _Plain:
    """A tar file as it lies on the disk."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.position = 0
        self._file, self._size = file, size

    def read(self, length: int) -> bytes:
        content = self._file.read(length)
        self.position += len(content)
        return content

    def skip(self, length: int) -> None:
        self.position += length
        if self.position > self._size:
            raise Damaged(f"ends after {self._size:,} bytes, before its end: part of it is missing")
        if length:
            self._file.seek(self.position)


def _tar_images(stream: _Plain, archive: str, size: int, skipped: Counter[str]) -> Iterator[Member]:
    for member in _limited(tar_members(stream)):
        if path := _path_in_tar(member, partial(_read_head, stream, member), skipped):
            length = member.size
            yield Member(path, Place(archive, size, TAR, member.offset, length, length, None))


def _tar_gz_images(
    stream: Inflating, archive: str, size: int, skipped: Counter[str]
) -> Iterator[Member]:
    for member in _limited(tar_members(stream)):
        head = _read_head(stream, member) if member.kind == FILE else b""
        if path := _path_in_tar(member, lambda head=head: head, skipped):  # type: ignore[misc]
            length = member.size
            crc = stream.checksum(length - len(head), zlib.crc32(head))
            yield Member(path, Place(archive, size, TAR_GZ, member.offset, length, length, crc))


def _read_head(stream: _Plain | Inflating, member: TarMember) -> bytes:
    return stream.read(min(HEAD, member.size))


def _path_in_tar(member: TarMember, head: Callable[[], bytes], skipped: Counter[str]) -> str | None:
    """The path of an image; None for what is none."""
    if member.kind == FOLDER:
        return None
    reason = None if member.kind == FILE else _REASONS.get(member.kind, names.SPECIAL)
    return _path(member.name, reason, head, skipped, backslashes=False)


def _path(
    name: bytes,
    reason: str | None,
    head: Callable[[], bytes],
    skipped: Counter[str],
    *,
    backslashes: bool,
) -> str | None:
    try:
        path = member_path(name, backslashes=backslashes)
    except PassedOver as error:
        skipped[str(error)] += 1
        return None
    if reason is None and (is_archive(path) or is_other_archive(path)):
        reason = names.NESTED
    reason = reason or objection(path, head)
    if reason:
        skipped[reason] += 1
        return None
    return path


def _zip_images(
    file: IO[bytes], archive: str, size: int, skipped: Counter[str]
) -> Iterator[Member]:
    claimed = 0
    for member in _limited(zip_members(file, size)):
        claimed += member.size
        if claimed > max(HARMLESS, RATIO * size):
            raise Damaged(f"inflates to over {RATIO} times its size, as no photographs do")
        if member.name.endswith((b"/", b"\\")):
            continue
        method = {0: STORED, 8: DEFLATED}.get(member.method, f"zip method {member.method}")
        place = Place(
            archive,
            size,
            ENCRYPTED if member.encrypted else method,
            member.offset,
            member.packed,
            member.size,
            member.crc,
        )
        kind = names.LINKS if member.link else names.SPECIAL
        reason = None if member.regular else kind
        head = partial(_zip_head, file, place)
        if path := _path(member.name, reason, head, skipped, backslashes=True):
            yield Member(path, place)


def _zip_head(file: IO[bytes], place: Place) -> bytes:
    """The first bytes of a member; of one that cannot be read, none: its name decides."""
    try:
        return beginning(file, place, HEAD)
    except Unreadable:
        return b""


def _limited(members: Iterator[_Any]) -> Iterator[_Any]:
    for number, member in enumerate(members):
        if number >= _MOST_MEMBERS:
            raise Damaged(f"has more than {_MOST_MEMBERS:,} members")
        yield member
