"""Which faces are exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from faceprep import records
from faceprep.errors import FaceprepError, InputError
from faceprep.export.options import ExportOptions
from faceprep.export.plan import file_names, plan, read_chosen
from faceprep.face_folder import FaceFolder, open_faces
from faceprep.targets import NAME, Targets, write_targets
from tests.inspect.made import damage, face, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path

SLICES = (
    [
        face("ann/1.jpg", "ann", yaw=-40.0, pitch=30.0, box_width=50.0, box_height=80.0),
        no_face("ann/2.jpg", "ann"),
        face("ann/3.jpg", "ann", yaw=5.0, pitch=0.0, box_width=60.0, box_height=40.0),
    ],
    [
        face("bob/1.jpg", "bob", yaw=0.0, pitch=0.0, box_width=30.0, box_height=30.0),
        face("bob/1.jpg", "bob", face_index=1, yaw=90.0, box_width=20.0, box_height=20.0),
        face("bob/2.jpg", "bob", yaw=None, pitch=None, box_width=None, box_height=None),
    ],
)
ALL = ["ann/1.jpg", "ann/3.jpg", "bob/1.jpg", "bob/1-face1.jpg", "bob/2.jpg"]


@pytest.fixture
def faces(tmp_path: Path) -> FaceFolder:
    """Five faces of two people, one reject, in two parts."""
    return open_faces(str(make_faces(tmp_path / "faces", *SLICES)))


def choose(faces: FaceFolder, digest: str | None = None) -> str:
    """Make the third image's face the target of ann, and the second face of bob's his."""
    nothing = dict.fromkeys(records.target_schema().names)
    nothing |= {"faces": 1, "shortlist": 1, "reason": "the most frontal"}
    rows = [
        nothing | {"identity": "ann", "key": "ann/3.jpg", "face_index": 0},
        nothing | {"identity": "bob", "key": "bob/1.jpg", "face_index": 1},
        nothing | {"identity": "cid"},
    ]
    table = pa.Table.from_pylist(rows, records.target_schema())
    location = f"{faces.path}/{NAME}"
    write_targets(location, Targets(table, {}, digest or faces.digest))
    return location


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ALL),
        ({"max_angle": 180.0, "min_size": 0}, ALL),
        ({"max_angle": 179.9}, ALL[:4]),
        (
            {"max_angle": 49.0},
            ["ann/1.jpg", "ann/3.jpg", "bob/1.jpg"],
        ),  # acos(cos 40 cos 30) = 48.4
        ({"max_angle": 48.0}, ["ann/3.jpg", "bob/1.jpg"]),
        ({"max_angle": 0.0}, ["bob/1.jpg"]),
        ({"min_size": 60}, ["ann/1.jpg", "ann/3.jpg"]),
        ({"min_size": 61, "max_angle": 90.0}, ["ann/1.jpg"]),
    ],
)
def test_faces_are_chosen_by_angle_and_size(
    faces: FaceFolder, options: dict[str, Any], expected: list[str]
) -> None:
    planned = plan(faces, ExportOptions(**options), None)
    assert planned["file"].to_pylist() == expected


def test_a_plan_knows_where_each_crop_is(faces: FaceFolder) -> None:
    planned = plan(faces, ExportOptions(), None)
    where = list(zip(planned["part"].to_pylist(), planned["row"].to_pylist(), strict=True))
    assert where == [(0, 0), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_targets_are_chosen_by_key_and_face(faces: FaceFolder) -> None:
    choose(faces)
    planned = plan(faces, ExportOptions(targets_only=True), read_chosen(faces))
    assert planned["file"].to_pylist() == ["ann/3.jpg", "bob/1-face1.jpg"]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("none", "no targets in it; choose them first with 'faceprep select'"),
        (
            "stale",
            "have changed since their targets were chosen; choose again with 'faceprep select'",
        ),
        ("damaged", "choose again"),
    ],
)
def test_targets_that_cannot_be_used_are_refused(
    faces: FaceFolder, tmp_path: Path, state: str, message: str
) -> None:
    if state != "none":
        choose(faces, "0" * 64 if state == "stale" else None)
    if state == "damaged":
        damage(tmp_path / "faces" / NAME, 30)
    with pytest.raises(InputError, match=message):
        read_chosen(faces)


def test_nothing_left_is_an_error(faces: FaceFolder, tmp_path: Path) -> None:
    with pytest.raises(FaceprepError, match="of 5 faces none is left with these options"):
        plan(faces, ExportOptions(min_size=1000), None)
    empty = open_faces(str(make_faces(tmp_path / "empty", [no_face("ann/1.jpg", "ann")])))
    with pytest.raises(FaceprepError, match="of 0 faces none is left"):
        plan(empty, ExportOptions(), None)


def rows_of(*keys_and_identities: tuple[str, str]) -> pa.Table:
    columns = [list(each) for each in zip(*keys_and_identities, strict=True)]
    count = len(keys_and_identities)
    return pa.table({"key": columns[0], "identity": columns[1], "face_index": [0] * count})


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_file_has_the_ending_of_its_content(ending: str) -> None:
    assert file_names(rows_of(("ann/1.tiff", "ann")), ending) == [f"ann/1.{ending}"]


def test_files_clash_within_their_folder_only() -> None:
    rows = rows_of(("ann/1.jpg", "ann"), ("bob/1.jpg", "bob"), ("ann/1.png", "ann"))
    first, second, third = file_names(rows, "jpg")
    assert second == "bob/1.jpg"
    assert first != third
    assert {len(first), len(third)} == {len("ann/1-12345678.jpg")}


def test_long_names_leave_room_for_the_name_while_writing() -> None:
    (file,) = file_names(rows_of(("ann/" + "é" * 300 + ".jpg", "ann")), "jpg")
    assert len(file.removeprefix("ann/").encode()) <= 160
    assert file.endswith(".jpg")
