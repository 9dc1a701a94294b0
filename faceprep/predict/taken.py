"""Which face of a photograph was taken: the one that is compared, in words and in numbers. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faceprep.predict.face_finder import FaceBox, Photograph

RULES = {
    "subject": "the largest near the centre",
    "largest": "the largest",
    "center": "the nearest to the centre",
    "best": "the surest",
}
"""The values of `--face` that leave one face, in words."""


@dataclass(frozen=True)
class Taken:
    """The face of a photograph that is compared.

    Attributes:
        path: of the photograph.
        faces: how many were seen in it.
        rule: by which this one was taken, one of `RULES`.
        box: where it is.
        crop: the face, as a JPEG or PNG file.
        note: what is wrong with the photograph, in words.
    """

    path: str
    faces: int
    rule: str
    box: FaceBox
    crop: bytes
    note: str | None = None

    @property
    def words(self) -> str:
        """For instance: 3 faces, the largest near the centre was taken (box 12,30,80,81)."""
        what = (
            "one face" if self.faces == 1 else f"{self.faces} faces, {RULES[self.rule]} was taken"
        )
        return f"{what} (box {box_words(self.box)})"


def taken(photograph: Photograph, rule: str) -> Taken | None:
    """The face that is taken of a photograph in which one was kept; None where there is none."""
    if not photograph.faces:
        return None
    face = photograph.faces[0]
    return Taken(photograph.path, photograph.found, rule, face.box, face.encoded, photograph.reason)


def box_words(box: FaceBox) -> str:
    """`x,y,width,height` in whole pixels."""
    return ",".join(str(round(each)) for each in (box.x, box.y, box.width, box.height))
