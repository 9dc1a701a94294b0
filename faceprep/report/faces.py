"""What a page tells of a folder of faces. Start reading here.

`rows.py` reads all rows and `chosen.py` lays the targets beside them; `people.py` draws who is shown,
`doubts.py` and `rejects.py` find what else is. `pictures.py` reads their crops once, all together, and
`alike.py` looks among these for what is there twice. The same folder and budget give the same.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from faceprep.report import facts, numbers
from faceprep.report.alike import near_duplicates
from faceprep.report.chosen import lay_beside, targets_of
from faceprep.report.contents import Face, FacesContents
from faceprep.report.doubts import find
from faceprep.report.people import draw, people
from faceprep.report.pictures import TYPICAL, thumbnails
from faceprep.report.rejects import read_rejects
from faceprep.report.rows import floats, read_rows
from faceprep.report.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from faceprep.face_folder import FaceFolder
    from faceprep.report.contents import Rejects
    from faceprep.report.people import Shown
    from faceprep.report.pictures import Thumbnail
    from faceprep.report.rows import Rows

_EACH = 24
"""Rejects of one cause, and doubtful cases of one kind, that are shown at the most."""

_BYTES_FOR_EACH_OF_ALL = 200_000
"""Of the budget, for one of each: so that these never take more than a tenth of it or so."""


def read_faces(
    folder: FaceFolder, *, budget: int, source: str | None = None, threads: int | None = None
) -> FacesContents:
    """Collect what a page tells of a folder of faces.

    Args:
        folder: of faces.
        budget: bytes of all pictures together; of a face that is shown in several places once.
        source: where the images of the folder may lie, if its runs do not tell.
        threads: that make thumbnails; None for one per usable core.

    Raises:
        InputError: a part or `targets.parquet` is damaged.
    """
    targets, words = targets_of(folder)
    rows = read_rows(folder, clips=targets is not None and targets.options["per"] == "clip")
    chosen = lay_beside(targets, words, rows)
    most = min(_EACH, budget // _BYTES_FOR_EACH_OF_ALL)
    kinds = find(rows, chosen, int(folder.options["size"]), most)
    sources = Sources(folder, source)
    rejects = read_rejects(rows, most, sources)
    apart = {face for kind in kinds for case in kind.cases for face in case.faces}
    drawn = draw(rows, chosen, budget // TYPICAL - len(apart))
    wanted = apart.union(*(person.faces for person in drawn))
    made = thumbnails(folder, rows.faces, wanted, threads)
    drawn = _fitting(drawn, made, budget - _size_of_others(made, apart, rejects))
    kinds.append(near_duplicates(rows, drawn, made, most))
    album = _album(rows, made)
    return FacesContents(
        path=folder.path,
        **facts.read(folder, rows, chosen),
        histograms=numbers.histograms(rows.faces),
        density=numbers.density(rows.faces),
        people=people(drawn, rows, chosen, album),
        people_in_all=rows.groups.num_rows,
        faces_in_all=rows.faces.num_rows,
        rejects=rejects,
        doubts=tuple(kind.shown(album) for kind in kinds),
        notes=(*facts.notes(folder, rows), *sources.notes()),
    )


def _size_of_others(
    made: Mapping[int, Thumbnail], apart: Iterable[int], rejects: Iterable[Rejects]
) -> int:
    """Bytes of the pictures that are there whoever is shown."""
    faces = sum(len(made[face].picture) for face in apart)
    return faces + sum(len(reject.picture) for each in rejects for reject in each.shown)


def _fitting(drawn: list[Shown], made: Mapping[int, Thumbnail], room: int) -> list[Shown]:
    """The first of those drawn, as far as their pictures come to no more bytes than `room`."""
    sizes = [sum(len(made[face].picture) for face in person.faces) for person in drawn]
    return drawn[: int(np.count_nonzero(np.cumsum(sizes) <= room))]


def _album(rows: Rows, made: Mapping[int, Thumbnail]) -> dict[int, Face]:
    """Index into `Rows.faces` to the face as the page shows it."""
    names = [f.name for f in dataclasses.fields(Face) if f.name not in ("key", "picture")]
    taken = rows.faces.take(pa.array(made, pa.int64()))
    values = np.stack([floats(taken, name) for name in names], axis=1).tolist()
    return {
        face: Face(key, thumbnail.picture, *numbers)
        for (face, thumbnail), key, numbers in zip(
            made.items(), taken["name"].to_pylist(), values, strict=True
        )
    }
