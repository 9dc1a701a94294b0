"""Archives as people have them, and as nobody should."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from faceprep.archives.listing import Member, images_in
from faceprep.archives.reading import read_member
from faceprep.archives.seek_points import SeekPointFiles
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JPEG = b"\xff\xd8\xff\xe0 and so on"
FILES = {"lfw/Ann/1.jpg": JPEG + b"1", "lfw/Ann/2.jpg": JPEG * 300, "lfw/Bob/1.jpg": JPEG + b"3"}


def noise(length: int, seed: int = 0) -> bytes:
    """Bytes that do not shrink, as those of photographs."""
    return random.Random(seed).randbytes(length)


def tar_of(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            add(archive, name, content)
    return buffer.getvalue()


def tgz_of(files: Mapping[str, bytes]) -> bytes:
    return gzip.compress(tar_of(files), 1)


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


MAKERS = {"a.tar": tar_of, "a.tar.gz": tgz_of, "a.tgz": tgz_of, "a.zip": zip_of}


def add(archive: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = b"0") -> None:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, "elsewhere" if kind != b"0" else ""
    archive.addfile(info, io.BytesIO(content))


def with_size(field: bytes) -> bytes:
    """A tar file with one member, in whose header the size stands as `field`."""
    header = bytearray(tarfile.TarInfo("a/1.jpg").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(4096)


def listed(path: Path, skipped: Counter[str] | None = None) -> list[Member]:
    points = SeekPointFiles()
    counter: Counter[str] = Counter() if skipped is None else skipped
    found = list(images_in(str(path.parent), path.name, counter, points))
    points.keep(str(path.parent))
    return found


def contents(path: Path) -> dict[str, bytes]:
    """Every image of an archive by its path, each read as a worker does."""
    root = str(path.parent)
    return {member.path: read_member(root, member.place, root) for member in listed(path)}


def written(folder: Path, content: bytes, name: str = "a.tar") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    """The one line that an archive gets."""
    with pytest.raises(InputError) as caught:
        listed(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "fetch or pack the archive again, or take it out of the source" in message
    return message
