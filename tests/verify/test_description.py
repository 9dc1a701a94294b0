"""What the manifests say, and what is refused in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import parts, records
from faceprep.dataset_folder import ImageForm
from faceprep.errors import InputError
from faceprep.verify.description import DataSet, Faces, read_data_set, read_faces

if TYPE_CHECKING:
    from pathlib import Path

SHARDS: dict[str, Any] = {
    "format": records.SHARDS_VERSION,
    "data_set": "pairs",
    "options": {"compression": "GZIP"},
    "inputs": {"faces": "f", "targets": "t"},
    "image": {"size": 112, "format": "png"},
    "versions": {},
    "counts": {},
}
FACES: dict[str, Any] = {
    "format": records.FACES_FORMAT,
    "options": {"size": 112, "format": "jpg"},
    "digest": "d1g35t",
    "versions": {},
    "counts": {"images": 3, "faces": 2, "rejects": {"no_face": 1}},
}


def test_shard_json_says_what_the_shards_are(tmp_path: Path) -> None:
    (tmp_path / "shard.json").write_text(json.dumps(SHARDS))
    expected = DataSet("pairs", ImageForm(112, "png"), "GZIP", True, "t", {})
    assert read_data_set(str(tmp_path)) == expected


def test_hashes_and_missing_targets_and_counts_are_understood(
    tmp_path: Path,
) -> None:
    content = {**SHARDS, "options": {"compression": "none"}, "counts": None, "inputs": {}}
    content["sha256"] = {"a": "b"}
    (tmp_path / "shard.json").write_text(json.dumps(content))
    expected = DataSet("pairs", ImageForm(112, "png"), "none", False, None, {"a": "b"})
    assert read_data_set(str(tmp_path)) == expected


def test_extract_json_says_what_the_parts_are(tmp_path: Path) -> None:
    (tmp_path / "extract.json").write_text(json.dumps(FACES))
    counts = parts.Counts(3, 2, {"no_face": 1})
    assert read_faces(str(tmp_path)) == Faces("d1g35t", ImageForm(112, "jpeg"), counts)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "2.0.0"}, "has format '2.0.0', this faceprep reads '1.0.0'"),
        ({"data_set": "pears"}, "(ValueError: 'pears' is none of pairs, cfp, triplets)"),
        ({"data_set": ["pairs"]}, "not as faceprep writes it (TypeError"),
        ({"image": {"size": "x", "format": "jpeg"}}, "not as faceprep writes it (ValueError"),
        ({"image": {"size": 160, "format": "jpg"}}, "'jpg' is none of jpeg, png"),
        ({"image": None}, "not as faceprep writes it (TypeError"),
        ({"options": {}}, "not as faceprep writes it (KeyError: 'compression')"),
        ({"options": {"compression": "ZLIB"}}, "'ZLIB' is none of none, GZIP"),
        ({"options": None}, "not readable"),
        ({"sha256": 7}, "not as faceprep writes it (TypeError"),
    ],
)
def test_a_shard_json_of_something_else_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    (tmp_path / "shard.json").write_text(json.dumps({**SHARDS, **change}))
    with pytest.raises(InputError) as caught:
        read_data_set(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}/shard.json: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 1}, "has format 1, this faceprep reads 2"),
        ({"options": {"size": 112, "format": "webp"}}, "(KeyError: 'webp')"),
        ({"counts": {"pictures": 3}}, "not as faceprep writes it (TypeError"),
    ],
)
def test_an_extract_json_of_something_else_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    (tmp_path / "extract.json").write_text(json.dumps({**FACES, **change}))
    with pytest.raises(InputError) as caught:
        read_faces(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}/extract.json: ")
    assert words in str(caught.value)


def test_a_manifest_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shard\.json: missing; nothing else in the folder"):
        read_data_set(str(tmp_path))
