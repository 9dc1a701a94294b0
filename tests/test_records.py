"""The rows and the examples: one declaration each, from which schema and documentation follow."""

from __future__ import annotations

import dataclasses
import re

import pyarrow as pa
import pytest

from faceprep import records
from faceprep.faces.options import REJECTS
from faceprep.records import (
    FaceRow,
    TargetRow,
    face_fields,
    face_key,
    face_schema,
    faces_of,
    features,
    target_schema,
)

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
    statuses = [records.OK, *REJECTS]
    assert list(records.STATUSES) == statuses
    assert all(records.STATUSES.values())


@pytest.mark.parametrize("status", records.STATUSES)
def test_a_status_is_a_constant_of_its_own_name(status: str) -> None:
    assert vars(records)[status.upper()] == status


TARGET_FIELDS = dataclasses.fields(TargetRow)


def test_targets_have_a_column_for_each_field_with_its_meaning() -> None:
    schema = target_schema()
    assert schema.names == [field.name for field in TARGET_FIELDS]
    assert all(len(field.metadata[b"doc"]) > 1 for field in schema)


def test_a_target_may_lack_all_but_whose_it_is_and_why() -> None:
    required = [field.name for field in target_schema() if not field.nullable]
    assert required == ["identity", "faces", "shortlist", "reason"]


@pytest.mark.parametrize(
    ("key", "face_index", "expected"),
    [
        ("ann/1.jpg", 0, "ann/1.jpg"),
        ("ann/1.jpg", 1, "ann/1.jpg#1"),
        ("ann/1.jpg", 12, "ann/1.jpg#12"),
    ],
)
def test_a_face_is_called_by_its_image_and_number(key: str, face_index: int, expected: str) -> None:
    assert face_key(key, face_index) == expected


FACE_FEATURES = [
    ("image", bytes),
    ("key", str),
    ("identity", str),
    ("clip", str),
    ("view", str),
    ("yaw", float),
    ("pitch", float),
    ("roll", float),
    ("frontality", float),
    ("found", bool),
]


def face(role: str) -> list[tuple[str, type]]:
    return [(f"{role}/{name}", kind) for name, kind in FACE_FEATURES]


@pytest.mark.parametrize(
    ("data_set", "expected"),
    [
        ("pairs", [("key", str), *face("feature"), *face("target")]),
        (
            "cfp",
            [
                ("key", str),
                *face("first"),
                *face("second"),
                ("label", int),
                ("protocol", str),
                ("fold", int),
            ],
        ),
        ("triplets", [("key", str), *face("anchor"), *face("positive"), *face("negative")]),
    ],
)
def test_an_example_unfolds_into_its_features(
    data_set: str, expected: list[tuple[str, type]]
) -> None:
    found = features(records.EXAMPLES[data_set])
    assert [(feature.name, feature.kind) for feature in found] == expected


@pytest.mark.parametrize("data_set", records.EXAMPLES)
def test_every_feature_carries_its_meaning(data_set: str) -> None:
    assert all(len(feature.doc) > 1 for feature in features(records.EXAMPLES[data_set]))


@pytest.mark.parametrize(
    ("data_set", "expected"),
    [
        ("pairs", ("feature", "target")),
        ("cfp", ("first", "second")),
        ("triplets", ("anchor", "positive", "negative")),
    ],
)
def test_the_faces_of_an_example_are_named(data_set: str, expected: tuple[str, ...]) -> None:
    assert faces_of(records.EXAMPLES[data_set]) == expected


def test_a_face_has_its_image_and_the_rest() -> None:
    assert ("image", *face_fields()) == tuple(name for name, _ in FACE_FEATURES)


@pytest.mark.parametrize("data_set", records.EXAMPLES)
def test_each_data_set_says_what_its_examples_are(data_set: str) -> None:
    assert (records.EXAMPLES[data_set].__doc__ or "").endswith(".")


def test_a_label_is_one_for_the_same_person() -> None:
    assert (records.LABEL_SAME, records.LABEL_DIFFERENT) == (1, 0)


def test_the_version_of_examples_is_one_that_tfds_takes() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", records.SHARDS_VERSION)
