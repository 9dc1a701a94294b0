"""The faces of photographs that come again and again: each is looked for once while there is room."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from faceprep.predict.face_finder import one_round

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.engine import WorkerPool
    from faceprep.predict.face_finder import FinderTask, Photograph

ROOM = 64 << 20
"""Bytes of crops that are kept: some 6,000 of 160 × 160 pixels."""

_PER_PHOTOGRAPH = 1000
"""Bytes that it takes besides its crops, about."""


class Album:
    """Photographs whose faces have been found. Those that were asked for longest ago go first.

    Args:
        pool: of the workers that find.
        finding: how; its paths do not matter.
        room: bytes to keep, about.
    """

    def __init__(self, pool: WorkerPool, finding: FinderTask, room: int = ROOM) -> None:
        self._pool, self._finding, self._room = pool, finding, room
        self._kept: OrderedDict[str, Photograph] = OrderedDict()
        self._bytes = 0
        self.looked_at = 0
        """How many photographs the workers were given."""

    def photographs(self, paths: Sequence[str]) -> Mapping[str, Photograph]:
        """Path to what became of it; a path may come more than once.

        Raises:
            SetupError: this machine cannot run the detector. UsageError: there is no such detector.
        """
        wanted = dict.fromkeys(paths)
        missing = tuple(path for path in wanted if path not in self._kept)
        found = {path: self._kept[path] for path in wanted if path in self._kept}
        for photograph in one_round(self._pool, replace(self._finding, paths=missing)):
            found[photograph.path] = photograph
        self.looked_at += len(missing)
        self._keep(found)
        return found

    def _keep(self, found: Mapping[str, Photograph]) -> None:
        for path, photograph in found.items():
            if path not in self._kept:
                self._bytes += _size(photograph)
            self._kept[path] = photograph
            self._kept.move_to_end(path)
        while self._bytes > self._room:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(photograph: Photograph) -> int:
    return _PER_PHOTOGRAPH + sum(len(face.encoded) for face in photograph.faces)
