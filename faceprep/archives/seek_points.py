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
from faceprep.errors import InputError

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


class SeekPointFiles:
    """The points of all archives of a source: kept in a temporary folder until that of the faces is known."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="faceprep-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @contextmanager
    def of(self, archive: str, size: int) -> Iterator[Callable[[Point], None]]:
        """What to give the points of an archive to, in order."""
        stored = self._folder / _name(archive, size)
        begin = 0
        with (
            stored.with_suffix(".points").open("wb") as points,
            stored.with_suffix(".windows").open("wb") as windows,
        ):

            def note(point: Point) -> None:
                nonlocal begin
                length = len(point.window)
                row = (point.output, point.byte, begin, length, point.bit)
                points.write(np.array([row], _POINT).tobytes())
                begin += windows.write(point.window)

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
