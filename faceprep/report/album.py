"""The faces of a page, each once, as the data that its script reads."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from faceprep.report.contents import Face
from faceprep.report.text import data_uri, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from faceprep.report.contents import Contents, Person

_DIGITS = {"sharpness": 0, "size": 0, "score": 2}  # of what else has one; more is noise
_FIELDS = [field.name for field in fields(Face)]


class Album:
    """Numbers the faces of a page, so that one that is shown in several places is stored once."""

    def __init__(self, contents: Contents) -> None:
        faces = dict.fromkeys(_faces(contents))
        self._numbers = {face: number for number, face in enumerate(faces)}
        self._people = contents.faces.people if contents.faces else ()

    def numbers(self, faces: Iterable[Face]) -> list[int]:
        """Where faces are in the data."""
        return [self._numbers[face] for face in faces]

    def as_json(self) -> str:
        """The data, with nothing in them that HTML takes for markup: not even within a script."""
        data = {
            "fields": _FIELDS,
            "faces": [_values(face) for face in self._numbers],
            "people": [self._person(person) for person in self._people],
        }
        text = json.dumps(data, separators=(",", ":"), allow_nan=False)
        return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")

    def _person(self, person: Person) -> dict[str, Any]:
        return {
            "identity": visible(person.identity),
            "clip": visible(person.clip),
            "count": person.count,
            "images": person.images,
            "target": person.has_target,
            "reason": visible(person.reason),
            "angle": _value("angle", _angle(person)),
            "faces": self.numbers(person.faces),
        }


def _faces(contents: Contents) -> Iterator[Face]:
    if contents.faces:
        for person in contents.faces.people:
            yield from person.faces
        for kind in contents.faces.doubts:
            for doubt in kind.shown:
                yield from doubt.faces
    for data_set in contents.data_sets:
        for examples in data_set.examples.values():
            for example in examples:
                yield from example.faces.values()


def _angle(person: Person) -> float:
    """Of the target as it was chosen; else of the first face that is shown."""
    if math.isfinite(person.angle) or not person.faces:
        return person.angle
    return person.faces[0].angle


def _values(face: Face) -> list[str | float | None]:
    return [_value(name, getattr(face, name)) for name in _FIELDS]


def _value(name: str, value: Any) -> str | float | None:
    if isinstance(value, bytes):
        return data_uri(value) if value else None
    if isinstance(value, str):
        return visible(value)
    if not math.isfinite(value):
        return None
    return float(round(float(value), _DIGITS.get(name, 1)))
