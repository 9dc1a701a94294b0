"""The faces that examples are made of: as extract left them, in order, copies and conflicts known."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from faceprep.face_folder import FaceFolder, open_faces
from faceprep.shard.faces import codes, copies, find_conflicts, read_faces
from tests.conftest import summary_of
from tests.shard.tables import SCHEMA, face, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

POSE = ("yaw", "pitch", "roll", "frontality")


def copy(sample: Sample, key: str, *paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((sample.root / key).read_bytes())


def side_by_side(sample: Sample, *keys: str) -> Image.Image:
    pictures = [Image.open(sample.root / key).resize((300, 300)) for key in keys]
    return Image.fromarray(np.hstack([np.asarray(picture) for picture in pictures]))


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FaceFolder:
    """The faces of two runs: what the second finds new stands before and between the first's."""
    raw = tmp_path_factory.mktemp("two runs") / "raw"
    copy(sample, "person_00/00.jpg", raw / "bob" / "1.jpg")
    copy(sample, "person_00/01.jpg", raw / "bob" / "3.jpg")
    (raw / "cid").mkdir()
    side_by_side(sample, "person_01/00.jpg", "person_02/00.jpg").save(raw / "cid" / "two.jpg")
    Image.new("RGB", (90, 120), "green").save(raw / "cid" / "green.jpg")
    extract_all_faces(raw)
    copy(sample, "person_00/00.jpg", raw / "ann" / "1.jpg", raw / "bob" / "2.jpg")
    copy(sample, "person_03/00.jpg", raw / "ann" / "2.jpg")
    (raw / "dan").mkdir()
    (raw / "dan" / "two.jpg").write_bytes((raw / "cid" / "two.jpg").read_bytes())
    return extract_all_faces(raw)


def extract_all_faces(raw: Path) -> FaceFolder:
    """The second time, what is new is added."""
    faces = raw.parent / "faces"
    command = ["extract", raw, "--out", faces, "--face", "all", "--quiet"]
    subprocess.run([sys.executable, "-m", "faceprep", *map(str, command)], check=True)
    return open_faces(str(faces))


def stored(folder: FaceFolder, row: dict[str, Any]) -> dict[str, Any]:
    """What the part says of a face."""
    found: dict[str, Any] = pq.read_table(folder.location(row["part"])).to_pylist()[row["row"]]
    return found


def test_faces_come_in_the_order_of_their_keys_even_after_an_update(folder: FaceFolder) -> None:
    faces = read_faces(folder)
    assert faces["key"].to_pylist() == [
        "ann/1.jpg",
        "ann/2.jpg",
        "bob/1.jpg",
        "bob/2.jpg",
        "bob/3.jpg",
        "cid/two.jpg",
        "cid/two.jpg#1",
        "dan/two.jpg",
        "dan/two.jpg#1",
    ]
    assert faces["part"].to_pylist() == [1, 1, 0, 1, 0, 0, 0, 1, 1]


def test_each_row_is_as_extract_left_it(folder: FaceFolder) -> None:
    for row in read_faces(folder).to_pylist():
        part = stored(folder, row)
        further = f"#{part['face_index']}" if part["face_index"] else ""
        assert row["key"] == part["key"] + further
        assert (row["identity"], row["found"]) == (part["identity"], True)
        assert (row["clip"], row["view"]) == ("", "")
        assert [row[name] for name in POSE] == [part[name] for name in POSE]
        assert row["crop_bytes"] == part["crop_bytes"] == len(part["crop"])


def test_the_columns_are_those_that_tests_make_up(folder: FaceFolder) -> None:
    schema = read_faces(folder).schema
    assert {field.name: field.type for field in schema} == {f.name: f.type for f in SCHEMA}


def test_rejects_come_only_when_asked_for(folder: FaceFolder) -> None:
    faces = read_faces(folder, rejects=True)
    [reject] = [row for row in faces.to_pylist() if not row["found"]]
    assert (reject["key"], reject["identity"]) == ("cid/green.jpg", "cid")
    assert np.isnan([reject[name] for name in POSE]).all()
    assert reject["crop_bytes"] is None
    assert stored(folder, reject)["status"] == "no_face"
    assert len(faces) == len(read_faces(folder)) + 1
    assert faces["key"].to_pylist() == sorted(faces["key"].to_pylist())


def test_clips_and_views_come_as_the_table_has_them(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    lines = ["path,identity,clip,view", "person_00/00.jpg,ann,x,", "person_00/01.jpg,ann,,frontal"]
    copy(sample, "person_00/00.jpg", tmp_path / "person_00" / "00.jpg")
    copy(sample, "person_00/01.jpg", tmp_path / "person_00" / "01.jpg")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    summary_of(faceprep("extract", "list.csv", "--out", "faces", "--json", cwd=tmp_path))
    faces = read_faces(open_faces(str(tmp_path / "faces")))
    assert faces["clip"].to_pylist() == ["x", ""]
    assert faces["view"].to_pylist() == ["", "frontal"]


def test_files_of_the_same_bytes_are_one_picture_face_by_face(folder: FaceFolder) -> None:
    faces = read_faces(folder)
    picture = dict(zip(faces["key"].to_pylist(), faces["picture"].to_pylist(), strict=True))
    assert picture["ann/1.jpg"] == picture["bob/1.jpg"] == picture["bob/2.jpg"]
    assert picture["cid/two.jpg"] == picture["dan/two.jpg"]
    assert picture["cid/two.jpg#1"] == picture["dan/two.jpg#1"]
    assert len({*picture.values()}) == 5


def test_copies_of_a_person_are_found(folder: FaceFolder) -> None:
    faces = read_faces(folder)
    repeated = copies(codes(faces["identity"]), codes(faces["picture"]))
    assert faces["key"].filter(pa.array(repeated)).to_pylist() == ["bob/2.jpg"]


def test_pictures_of_two_people_are_found_face_by_face(folder: FaceFolder) -> None:
    faces = read_faces(folder)
    conflicts = find_conflicts(faces)
    assert conflicts.keys == (
        ("ann/1.jpg", "bob/1.jpg"),
        ("cid/two.jpg", "dan/two.jpg"),
        ("cid/two.jpg#1", "dan/two.jpg#1"),
    )
    others = faces["key"].filter(pa.array(~conflicts.rows)).to_pylist()
    assert others == ["ann/2.jpg", "bob/3.jpg"]


@pytest.mark.parametrize(
    ("pictures", "disputed", "keys"),
    [
        ({}, "", ()),
        ({"ann/1": "x", "ann/2": "x"}, "", ()),
        ({"ann/1": "x", "bob/1": "x"}, "ann/1 bob/1", (("ann/1", "bob/1"),)),
        (
            {"ann/1": "x", "ann/2": "x", "bob/1": "x", "bob/2": "x"},
            "ann/1 ann/2 bob/1 bob/2",
            (("ann/1", "bob/1"),),
        ),
        (
            {"ann/1": "x", "bob/1": "x", "cid/1": "x"},
            "ann/1 bob/1 cid/1",
            (("ann/1", "bob/1"),),
        ),
        (
            {"ann/1": "x", "ann/2": "y", "bob/1": "y", "bob/2": "x", "cid/1": "z", "cid/2": "z"},
            "ann/1 ann/2 bob/1 bob/2",
            (("ann/2", "bob/1"), ("ann/1", "bob/2")),
        ),
    ],
)
def test_a_conflict_names_the_first_face_and_the_first_of_somebody_else(
    pictures: dict[str, str], disputed: str, keys: tuple[tuple[str, str], ...]
) -> None:
    faces = table([*(face(key, picture=x) for key, x in pictures.items()), face("zoe/1")])
    conflicts = find_conflicts(faces)
    assert faces["key"].filter(pa.array(conflicts.rows)).to_pylist() == disputed.split()
    assert conflicts.keys == keys


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("uvwxyz")), max_size=20))
def test_a_copy_repeats_a_picture_of_its_group(rows: list[tuple[str, str]]) -> None:
    group, picture = (pa.chunked_array([[row[i] for row in rows]], pa.string()) for i in (0, 1))
    expected = [row in rows[:place] for place, row in enumerate(rows)]
    assert copies(codes(group), codes(picture)).tolist() == expected


def test_codes_are_numbers_from_0_of_distinct_values_whatever_the_chunks() -> None:
    column = pa.chunked_array([["b", "a"], [], ["c", "b"]], pa.string())
    assert codes(column).tolist() == [0, 1, 2, 0]
    assert codes(column[:0]).tolist() == []
