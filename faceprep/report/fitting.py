"""A page that is small enough, however much there is to show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faceprep.errors import FaceprepError, InputError
from faceprep.report.contents import Contents
from faceprep.report.data_sets import not_shown, read_data_set
from faceprep.report.faces import read_faces
from faceprep.report.page import render
from faceprep.report.pictures import TYPICAL
from faceprep.report.text import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faceprep.face_folder import FaceFolder
    from faceprep.report.contents import DataSetContents

MOST_BYTES = 10_000_000
"""Of a page, however much there is to show."""

_TRIES = 5
_SAFELY = 0.9  # of what would just fit: not everything on a page becomes less with the pictures
_FEWER = (
    "Names and numbers take more room than is usual, so fewer faces are shown than on other pages."
)


@dataclass(frozen=True)
class _Room:
    """Bytes of pictures, of faces and of all data sets.

    In a page they take a third more; numbers, charts and the page's own text come on top.
    """

    faces: int = 5_000_000
    data_sets: int = 500_000

    def less(self, contents: Contents, part: float) -> _Room:
        """Room for a part of what is on a page; a face without a picture counts like others there."""
        people = contents.faces.people if contents.faces else ()
        faces = sum(max(TYPICAL, len(face.picture)) for each in people for face in each.faces)
        examples = (
            e for each in contents.data_sets for split in each.examples.values() for e in split
        )
        others = sum(len(face.picture) for each in examples for face in each.faces.values())
        return _Room(int(part * min(faces, self.faces)), int(part * min(others, self.data_sets)))


@dataclass(frozen=True)
class Subject:
    """What is to be shown.

    Attributes:
        faces: None for none.
        raw: where their images may lie; None for no idea.
        data_sets: folders of their versions.
        tolerant: a data set that cannot be shown is named, and no error.
    """

    faces: FaceFolder | None
    raw: str | None
    data_sets: Sequence[str]
    tolerant: bool

    def collect(self, room: _Room) -> Contents:
        """All that is told of it, with so much room for pictures."""
        told = read_faces(self.faces, budget=room.faces, source=self.raw) if self.faces else None
        each = room.data_sets // max(1, len(self.data_sets))
        return Contents(told, tuple(self._data_set(folder, each) for folder in self.data_sets))

    def _data_set(self, folder: str, budget: int) -> DataSetContents:
        above = self.faces.digest if self.faces else None
        try:
            return read_data_set(folder, budget=budget, faces=above)
        except InputError as error:
            if not self.tolerant:
                raise
            return not_shown(folder, str(error))


@dataclass(frozen=True)
class Made:
    """A page.

    Attributes:
        contents: of it.
        page: the file.
        notes: what the reader should know of all of it.
    """

    contents: Contents
    page: bytes
    notes: tuple[str, ...] = ()

    def not_shown(self) -> Iterator[str]:
        """The data sets that could not be shown, and why."""
        for data_set in self.contents.data_sets:
            if not data_set.splits:
                yield from data_set.notes


def make_page(subject: Subject) -> Made:
    """Collect what is to be shown and lay it out, with less of it until the page is small enough.

    Raises:
        InputError: damaged faces, targets or data sets. FaceprepError: it never is.
    """
    room, page = _Room(), b""
    notes: tuple[str, ...] = ()
    for _ in range(_TRIES):
        contents = subject.collect(room)
        page = render(_noted(contents, notes))
        if len(page) <= MOST_BYTES:
            return Made(contents, page, notes)
        room = room.less(contents, _SAFELY * MOST_BYTES / len(page))
        notes = (_FEWER,)
    raise FaceprepError(
        f"the page would take {size(len(page))}, however few faces there are on it; the names of people or "
        "files must be very long"
    )


def _noted(contents: Contents, notes: tuple[str, ...]) -> Contents:
    """The same, with notes where the reader begins."""
    if contents.faces:
        faces = replace(contents.faces, notes=(*contents.faces.notes, *notes))
        return replace(contents, faces=faces)
    told = (replace(each, notes=(*each.notes, *notes)) for each in contents.data_sets)
    return replace(contents, data_sets=tuple(told))
