"""The images that gave no face, read again from where they were extracted, as far as that is safe.

No folder of faces tells for certain where its images lie. The words of the commands that made it may
name the place, and so may the caller; what is found there counts if its SHA-256 is that in the row.

These are the files that broke something. Only those are decoded that extract has decoded: their row
has a width and a height, which rows of images that crashed, hung or were too large never have. Size is
limited before anything is read, one image is in memory at a time, and after a while no more are begun,
so that no more than one can hold up the page, and that one not longer than it held up extract.
"""

from __future__ import annotations

import hashlib
import shlex
import time
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from faceprep import archives, parts, past_runs, records, storage
from faceprep.archives.place import Place
from faceprep.errors import FaceprepError, ImageError
from faceprep.faces.decode import decode
from faceprep.report.pictures import encoded, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from faceprep.face_folder import FaceFolder

SIDE = 96
"""Pixels of the longer side of a picture."""

_DECODED = (records.NO_FACE, records.TOO_SMALL, records.UNREADABLE)

_MOST_PIXELS = 32_000_000  # 100 MB of them at the most, and JPEGs are decoded at a fraction
_MOST_BYTES = 32 << 20
_SECONDS = 10.0
_DEFAULT = "raw"  # where extract looks if it is told nothing


class Sources:
    """Reads images of one folder of faces.

    Args:
        folder: of faces.
        source: where the images may lie, if its runs do not tell; None for no idea.
    """

    def __init__(self, folder: FaceFolder, source: str | None) -> None:
        self._folder = folder
        self._source = source
        self._until: float | None = None
        self._wanted = self._found = self._late = 0

    def picture(self, reject: Mapping[str, Any]) -> bytes:
        """A small picture of the image of a row of `Rows.rejects`; empty where it cannot be shown."""
        if not is_safe(reject):
            return b""
        self._wanted += 1
        self._until = self._until or time.monotonic() + _SECONDS
        if time.monotonic() > self._until:
            self._late += 1
            return b""
        content = self._content(reject)
        if content is None:
            return b""
        self._found += 1
        try:
            return encoded(shrunk(decode(content, _MOST_PIXELS, SIDE).pixels, SIDE))
        except (ImageError, MemoryError):
            return b""

    def notes(self) -> Iterator[str]:
        """What the reader should know of the images that were asked for."""
        if self._wanted and not self._found:
            yield (
                "Images without a face are shown without a picture: nothing tells where they were "
                "extracted from, or they are no longer there."
            )
        if self._late:
            yield (
                f"{self._late} images without a face are shown without a picture: others took more "
                f"than {_SECONDS:g} s to decode."
            )

    def _content(self, reject: Mapping[str, Any]) -> bytes | None:
        """What is in the image, if it is still what extract has read."""
        try:
            place = self._place(reject)
        except (FaceprepError, OSError):
            return None
        for root in self._roots:
            try:
                content = self._read(root, reject["name"], place)
            except (FaceprepError, OSError, ValueError):
                continue
            if hashlib.sha256(content).hexdigest().endswith(reject["picture"]):
                return content
        return None

    def _read(self, root: Path, key: str, place: Place | None) -> bytes:
        """Raises OSError, ValueError, FaceprepError."""
        name = place.archive if place else key
        path = root / name
        if ".." in PurePosixPath(name).parts or not path.is_relative_to(root) or not path.is_file():
            raise FileNotFoundError(path)
        if place is None:
            _check_length(path.stat().st_size)
            return storage.read_bytes(str(path))
        _check_length(max(place.length, place.packed))
        return archives.read_member(str(root), place, self._folder.path)

    def _place(self, reject: Mapping[str, Any]) -> Place | None:
        """Where in an archive the image lies; None for one that is a file."""
        images = parts.read_slice(self._folder.path, self._folder.parts[reject["part"]])
        if "place" not in images.schema.names:
            return None
        row = pc.index(images["key"], reject["name"]).as_py()
        found = images["place"][row].as_py() if row >= 0 else None
        return Place(**found) if found else None

    @cached_property
    def _roots(self) -> list[Path]:
        """Folders below which the images may lie, the likeliest first."""
        return list(dict.fromkeys(map(_root, self._places())))

    def _places(self) -> Iterator[Path]:
        for run in reversed(past_runs.read(self._folder.path)):
            if run.stage == "extract" and run.command and run.cwd:
                for word in (*shlex.split(run.command)[2:], _DEFAULT):
                    yield Path(run.cwd, word)
        if self._source and not storage.is_url(self._source):
            yield Path(self._source)


def is_safe(reject: Mapping[str, Any]) -> bool:
    """Whether extract has decoded this image, and it is small enough to do so again."""
    width, height = reject["width"], reject["height"]
    known = reject["status"] in _DECODED and reject["picture"] and width and height
    return bool(known and width * height <= _MOST_PIXELS)


def _root(place: Path) -> Path:
    """What keys are relative to: an archive or a table lies beside its images."""
    try:
        return place.parent if place.is_file() else place
    except (OSError, ValueError):
        return place


def _check_length(length: int) -> None:
    if length > _MOST_BYTES:
        raise ValueError(f"{length:,} bytes")
