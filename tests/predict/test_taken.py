"""Which face was taken, in words."""

from __future__ import annotations

import typing

from faceprep.extract.options import ExtractOptions
from faceprep.options import spec
from faceprep.predict.face_finder import FaceBox, FoundFace, Photograph
from faceprep.predict.taken import RULES, taken

FACE = FoundFace(0, 0.0, 0.0, 0.0, FaceBox(11.6, -3.2, 80.0, 81.4), b"crop")


def test_it_is_said_which_face_was_taken_of_several() -> None:
    several = taken(Photograph("a.jpg", "ok", None, (FACE,), 3), "subject")
    assert several is not None
    assert several.words == "3 faces, the largest near the centre was taken (box 12,-3,80,81)"
    one = taken(Photograph("a.jpg", "ok", "damaged", (FACE,), 1), "subject")
    assert one is not None
    assert (one.words, one.note, one.crop) == ("one face (box 12,-3,80,81)", "damaged", b"crop")
    assert taken(Photograph("a.jpg", "no_face", "no face found"), "subject") is None


def test_every_rule_has_words() -> None:
    face = next(f for f in ExtractOptions.__dataclass_fields__.values() if f.name == "face")
    assert set(spec(typing.cast("typing.Any", face)).choices) == {*RULES, "all"}
