"""The rows of one part, held against the images that the catalogue says it is of."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import records
from faceprep.parts import Counts
from faceprep.verify.keys import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faceprep.verify.images import ImageCheck

    Row = Mapping[str, Any]

COLUMNS = [
    *("key", "identity", "clip", "view", "status", "reason", "face_index"),
    *("yaw", "pitch", "roll", "frontality", "crop_bytes", "crop"),
]
"""What is looked at in a row."""

_OF_IMAGE = ("identity", "clip", "view")
_ANGLES = ("yaw", "pitch", "roll", "frontality")


@dataclass(frozen=True, slots=True)
class _Image:
    """A row of the catalogue, and its number."""

    number: int
    row: Row


class RowCheck:
    """Takes the rows of a part in their order.

    Args:
        catalogue: the images that the part should be of, in order; None when that is not known.
        images: looks at the crops; None where extract was told to store none.
    """

    def __init__(self, catalogue: Sequence[Row] | None, images: ImageCheck | None) -> None:
        self._catalogue = (
            None if catalogue is None else {r["key"]: _Image(n, r) for n, r in enumerate(catalogue)}
        )
        self._images = images
        self._key: str | None = None
        self._face_index = 0
        self._number = -1
        self._seen: set[str] = set()
        self._faces, self._first = 0, Counter[str]()

    @property
    def counts(self) -> Counts:
        """What the rows so far are, as the part should say of itself."""
        rejects = {status: n for status, n in self._first.items() if status != records.OK}
        return Counts(self._first.total(), self._faces, rejects)

    def broken(self, row: Row) -> Iterator[str]:
        """What is wrong with the next row, in words."""
        again = row["key"] == self._key
        yield from self._order(row, again)
        yield from self._face(row) if row["status"] == records.OK else _reject(row)
        if not again:
            self._first[row["status"]] += 1
        self._faces += row["status"] == records.OK
        self._key = row["key"]

    def missing(self) -> Iterator[str]:
        """After the last row: which images have none."""
        lost = [key for key in self._catalogue or () if key not in self._seen]
        if lost:
            yield f"has no row for {len(lost):,} images of the catalogue; the first is {lost[0]!r}"

    def _order(self, row: Row, again: bool) -> Iterator[str]:
        """An image's faces follow each other, numbered from 0; the images are as catalogued."""
        self._face_index = self._face_index + 1 if again else 0
        expected = self._face_index if row["status"] == records.OK else None
        if row["face_index"] != expected or (again and expected is None):
            yield f"face_index is {row['face_index']}; it should be {expected}"
        if self._catalogue is None:
            return
        image = self._catalogue.get(row["key"])
        if image is None:
            yield f"{row['key']!r} is not among the images that the catalogue gives to this part"
            return
        self._seen.add(row["key"])
        for name in _OF_IMAGE:
            if row[name] != image.row[name]:
                yield f"{name} is {row[name]!r}; the catalogue says {image.row[name]!r}"
        if image.number < self._number or (image.number == self._number and not again):
            yield f"{row['key']!r} is not in the order of the catalogue"
        self._number = image.number

    def _face(self, row: Row) -> Iterator[str]:
        for name in _ANGLES:
            if row[name] is None or not math.isfinite(row[name]):
                yield f"{name} is {row[name]}; it should be a number"
        if self._images is None:
            if row["crop"] is not None or row["crop_bytes"] is not None:
                yield "there is a crop, where extract was told --no-crops"
        else:
            yield from _crop(row, self._images)


def _crop(row: Row, images: ImageCheck) -> Iterator[str]:
    crop = row["crop"]
    if crop is None:
        yield "status is ok, and there is no crop"
        return
    if row["crop_bytes"] != len(crop):
        yield f"crop_bytes is {row['crop_bytes']}; the crop has {len(crop)} bytes"
    if fault := images.fault(crop, hash_of(crop)):
        yield f"crop: {fault}"


def _reject(row: Row) -> Iterator[str]:
    if row["status"] not in records.STATUSES:
        yield f"status is {row['status']!r}, which is none of {', '.join(records.STATUSES)}"
    elif row["crop"] is not None or row["crop_bytes"] is not None:
        yield f"status is {row['status']}, and there is a crop"
    elif not row["reason"]:
        yield f"status is {row['status']}, without a reason"
