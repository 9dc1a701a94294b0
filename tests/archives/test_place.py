"""A place goes through Arrow as it is."""

from __future__ import annotations

from dataclasses import asdict, fields

import pyarrow as pa

from faceprep.archives.place import PLACE, TAR, TAR_GZ, Place


def test_a_place_comes_back_from_arrow() -> None:
    places = [
        Place("a.tar", 1 << 40, TAR, 1 << 39, 5, 5, None),
        Place("b", 9, TAR_GZ, 0, 1, 2, 1 << 31),
    ]
    column = pa.array([*map(asdict, places), None], PLACE)
    assert [row and Place(**row) for row in column.to_pylist()] == [*places, None]


def test_each_attribute_has_its_field() -> None:
    assert [field.name for field in fields(Place)] == [field.name for field in PLACE]
