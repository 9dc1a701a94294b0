"""The seek points of a `.tar.gz`: two small files beside the faces, so that workers need not inflate it all.

    .archives/NAME.points     a row of `_POINT` for each
    .archives/NAME.windows    the 32 KiB before each, one after the other

NAME stands for the archive's key and size. The files are made while the archive is listed, and made
anew whenever that is done again.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faceprep import storage
from faceprep.archives.inflating import Point
from faceprep.errors import InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

FOLDER = ".archives"
"""Where the points lie in a folder of faces."""

_POINT = np.dtype(
    [("output", "<u8"), ("byte", "<u8"), ("begin", "<u8"), ("length", "<u2"), ("bit", "u1")]
)
_CHUNK = 1 << 20


class SeekPoints:
    """The points of one archive, as a worker sees them; their windows stay where they are.

    Args:
        folder: of the faces.
        archive: its key.
        size: of the archive, in bytes.

    Raises:
        InputError: they are not there. OSError: they cannot be read.
    """

    def __init__(self, folder: str, archive: str, size: int) -> None:
        self._stored = storage.join(storage.join(folder, FOLDER), _name(archive, size))
        self._archive = archive
        try:
            content = storage.read_bytes(f"{self._stored}.points")
            self._points: NDArray[np.void] = np.frombuffer(content, _POINT)
        except (FileNotFoundError, ValueError):
            raise self._lost(f"{self._stored}.points") from None

    def position(self, output: int) -> int:
        """Where the last point is that is not after an offset of the inflated content."""
        return int(self._points["output"][self._last(output)])

    def point(self, output: int) -> Point:
        """The last point that is not after an offset of the inflated content.

        Raises:
            InputError: its window is not there. OSError: it cannot be read.
        """
        found = self._points[self._last(output)]
        length, window = int(found["length"]), b""
        if length:
            location = f"{self._stored}.windows"
            try:
                (window,) = storage.read_ranges(location, [(int(found["begin"]), length)])
            except FileNotFoundError:
                raise self._lost(location) from None
        return Point(int(found["output"]), int(found["byte"]), int(found["bit"]), window)

    def _lost(self, location: str) -> InputError:
        return InputError(
            f"{location}: where to begin reading in {self._archive} is missing or damaged; "
            "delete it if it is there, and run the same command again, which makes it anew"
        )

    def _last(self, output: int) -> int:
        return int(np.searchsorted(self._points["output"], output, "right")) - 1


class _Scratch:
    """A file in the temporary folder. What fails there is no fault of the archive, and is said so.

    Nothing is held back in a buffer, so that closing it cannot fail.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise _no_room(str(path.parent), error) from None

    def __enter__(self) -> _Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> None:
        """All of it. Raises StorageError."""
        rest = memoryview(content)
        while rest:
            try:
                rest = rest[self._file.write(rest) :]
            except OSError as error:
                raise _no_room(str(self._path.parent), error) from None


def _no_room(folder: str, error: OSError) -> StorageError:
    return StorageError(
        f"{folder}: the temporary folder cannot be written ({error.strerror or error}), and where to begin "
        "reading in archives is put there; make room, or name another folder by TMPDIR"
    )


class SeekPointFiles:
    """The points of all archives of a source: kept in a temporary folder until that of the faces is known."""

    def __init__(self) -> None:
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="faceprep-"))
        except OSError as error:
            raise _no_room(tempfile.tempdir or "TMPDIR", error) from None
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @contextmanager
    def of(self, archive: str, size: int) -> Iterator[Callable[[Point], None]]:
        """What to give the points of an archive to, in order; it raises StorageError."""
        stored = self._folder / _name(archive, size)
        begin = 0
        with (
            _Scratch(stored.with_suffix(".points")) as points,
            _Scratch(stored.with_suffix(".windows")) as windows,
        ):

            def note(point: Point) -> None:
                nonlocal begin
                length = len(point.window)
                row = (point.output, point.byte, begin, length, point.bit)
                points.write(np.array([row], _POINT).tobytes())
                windows.write(point.window)
                begin += length

            yield note

    def keep(self, folder: str) -> None:
        """Store in a folder of faces what is not there yet. Raises StorageError."""
        made = sorted(path.name for path in self._folder.iterdir())
        if not made:
            return
        target = storage.join(folder, FOLDER)
        storage.make_folder(target)
        there = set(storage.names(target))
        for name in sorted(made, reverse=True):  # windows before the points that need them
            if name not in there:
                _copy(self._folder / name, storage.join(target, name))


def _copy(path: Path, location: str) -> None:
    with path.open("rb") as file, storage.atomic_output(location) as output:
        shutil.copyfileobj(file, output, _CHUNK)


def _name(archive: str, size: int) -> str:
    return hashlib.sha256(f"{archive}\n{size}".encode()).hexdigest()[:16]
