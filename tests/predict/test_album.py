"""Faces are looked for once while there is room, and again when there was none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep.engine import WorkerPool
from faceprep.extract.options import ExtractOptions
from faceprep.predict.album import Album
from faceprep.predict.face_finder import FinderTask, find_faces

if TYPE_CHECKING:
    from tests.conftest import Sample

FINDING = FinderTask((), ExtractOptions(size=64), 60.0)


def test_the_photographs_last_asked_for_are_kept(sample: Sample) -> None:
    a, b, c = (str(sample.root / image.key) for image in sample.images[:3])
    (alone,) = find_faces(FinderTask((a,), FINDING.options, 60.0))
    room = 3 * (1000 + len(alone.faces[0].encoded))
    with WorkerPool(1) as pool:
        album = Album(pool, FINDING, room * 5 // 6)  # for two of them
        first = album.photographs([a, b, a])
        assert list(first) == [a, b]
        assert first[a] == alone
        assert album.looked_at == 2
        assert album.photographs([b, "gone.jpg"])["gone.jpg"].status == "unreadable"
        assert album.photographs([b])[b] == first[b]
        assert album.looked_at == 3
        assert list(album.photographs([c, b])) == [b, c]
        assert album.looked_at == 4
        assert album.photographs([a]) == {a: alone}
        assert album.looked_at == 5
