"""The face row: one declaration, from which schema and documentation follow."""

from __future__ import annotations

import dataclasses

import pyarrow as pa
import pytest

from faceprep import records
from faceprep.records import FaceRow, face_schema

FIELDS = dataclasses.fields(FaceRow)


def test_the_schema_has_each_field_of_the_row_once_and_in_order() -> None:
    assert face_schema().names == [field.name for field in FIELDS]


@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_every_column_carries_its_meaning(name: str) -> None:
    assert len(face_schema().field(name).metadata[b"doc"]) > 1


def test_only_what_every_row_has_may_not_be_null() -> None:
    required = [field.name for field in face_schema() if not field.nullable]
    assert required == ["key", "identity", "status"]


def test_a_field_may_be_null_exactly_when_it_may_be_left_out() -> None:
    optional = [field.name for field in FIELDS if field.default is None]
    assert [field.name for field in face_schema() if field.nullable] == optional


def test_keypoints_are_twelve_numbers() -> None:
    assert face_schema().field("keypoints").type == pa.list_(pa.float32(), 12)


def test_every_status_is_explained() -> None:
    constants = {
        value for name, value in vars(records).items() if name.isupper() and isinstance(value, str)
    }
    assert set(records.STATUSES) == constants
    assert all(records.STATUSES.values())
