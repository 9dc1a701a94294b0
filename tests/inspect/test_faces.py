"""What is found in a folder of faces, a part of it and its targets; whole and damaged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import forgotten, records
from faceprep.errors import InputError
from faceprep.inspect.run import inspect
from faceprep.targets import NAME, Targets, write_targets
from tests.inspect.made import SIDE, crop, damage, face, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.inspect.report import Inspection

SLICES = (
    [face("ann/1.jpg", "ann", 1), no_face("ann/2.jpg", "ann"), face("bob/1.jpg", "bob", 2)],
    [face("cid/1.jpg", "cid", 3, view="profile"), face("cid/1.jpg", "cid", 4, face_index=1)],
)
PARTS = ("part-00000-of-00001.parquet", "part-00000-of-00001.update-001.parquet")


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Four images of three people in two parts: four faces, one reject."""
    return make_faces(tmp_path / "faces", *SLICES)


def words(found: Inspection) -> list[str]:
    return [" ".join(record.words) for record in found.records]


def choose(faces: Path, **changes: Any) -> Path:
    """Targets for ann, who has one, and bob, who has none."""
    nothing = dict.fromkeys(records.target_schema().names)
    ann = nothing | {"identity": "ann", "key": "ann/1.jpg", "face_index": 0, "angle": 3.25}
    ann |= {"angle_source": "mesh", "faces": 2, "shortlist": 1, "reason": "the most frontal"}
    bob = nothing | {"identity": "bob", "faces": 1, "shortlist": 0, "reason": "turned by 30°"}
    rows = pa.Table.from_pylist([ann | changes, bob], records.target_schema())
    write_targets(str(faces / NAME), Targets(rows, {"per": "identity"}, "f" * 64))
    return faces / NAME


def test_a_folder_of_faces_is_counted(faces: Path) -> None:
    found = inspect(str(faces))
    assert found.what == "a folder of faces"
    facts: dict[str, Any] = {"format": records.FACES_FORMAT, "finished": True}
    facts |= {"parts": 2, "parts_planned": 2}
    facts |= {"rows": 5, "identities": 3, "statuses": {"ok": 4, "no_face": 1}, "targets": None}
    assert found.facts.items() >= facts.items()
    assert found.notes == ()


def test_a_folder_shows_its_columns_with_type_and_meaning(faces: Path) -> None:
    schema = {column.name: column for column in inspect(str(faces)).schema}
    assert list(schema) == records.face_schema().names
    assert schema["yaw"].type == "float"
    assert schema["yaw"].doc.startswith("degrees")
    assert schema["keypoints"].type == "float[12]"


def test_the_first_rows_are_shown_as_they_lie_rejects_among_them(faces: Path) -> None:
    found = inspect(str(faces), records=4)
    size = f"{SIDE}×{SIDE} jpeg"
    assert [record.where for record in found.records[2:]] == [
        f"{PARTS[0]} row 2",
        f"{PARTS[1]} row 0",
    ]
    ann, reject, _, cid = words(found)
    assert ann.startswith("ok: ann/1.jpg (identity ann, yaw −10.0°, pitch 3.2°, roll 0.0°")
    assert f"; {size}, {len(crop(1)):,} bytes)" in ann
    assert reject == "no_face: ann/2.jpg (identity ann): no face found"
    assert "view profile" in cid
    assert words(inspect(str(faces), records=5))[-1].startswith("ok: cid/1.jpg#1 (")


@pytest.mark.parametrize(("wanted", "shown"), [(0, 0), (1, 1), (5, 5), (900, 5)])
def test_as_many_rows_are_shown_as_wanted(faces: Path, wanted: int, shown: int) -> None:
    assert len(inspect(str(faces), records=wanted).records) == shown


def test_crops_are_saved_with_the_number_of_their_record(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "look" / "here"
    found = inspect(str(faces), save=str(out))
    saved = sorted(path.name for path in out.glob("0*"))
    assert saved == ["000-face.jpg", "002-face.jpg"]
    assert (out / "002-face.jpg").read_bytes() == crop(2)
    assert [len(record.saved) for record in found.records] == [1, 0, 1]
    assert found.records[2].saved == (f"{out}/002-face.jpg",)


def test_an_unfinished_folder_is_counted_as_far_as_it_is(tmp_path: Path) -> None:
    found = inspect(str(make_faces(tmp_path / "f", SLICES[0], [], finished=False)))
    facts = {"finished": False, "parts": 1, "parts_planned": 2, "rows": 3}
    assert found.facts.items() >= facts.items()


def test_a_folder_in_which_nothing_is_done_has_a_schema_all_the_same(tmp_path: Path) -> None:
    found = inspect(str(make_faces(tmp_path / "f", finished=False)))
    assert found.facts.items() >= {"parts": 0, "rows": 0, "identities": 0}.items()
    assert len(found.schema) == len(records.face_schema())


def damage_statuses(part: Path) -> None:
    """Spoil the column of statuses, and leave the footer."""
    column = pq.read_metadata(part).row_group(0).column(records.face_schema().names.index("status"))
    damage(part, column.dictionary_page_offset)


@pytest.mark.parametrize("place", [-10, -1, None], ids=["footer", "end", "column"])
def test_a_damaged_part_is_noted_and_passed_over(faces: Path, place: int | None) -> None:
    if place is None:
        damage_statuses(faces / PARTS[0])
    else:
        damage(faces / PARTS[0], place)
    found = inspect(str(faces))
    assert found.facts["rows"] == 2
    assert words(found)[0].startswith("ok: cid/1.jpg")
    assert found.notes[0].startswith(f"{PARTS[0]}: not a readable part")
    assert found.notes[0].endswith("'faceprep verify' tells more")


def test_a_folder_of_another_format_says_so(faces: Path) -> None:
    manifest = faces / "extract.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 1}))
    assert f"reads format {records.FACES_FORMAT}" in inspect(str(faces)).notes[0]


def test_a_folder_in_which_people_are_being_forgotten_is_refused(faces: Path) -> None:
    manifest = faces / "extract.json"
    described = json.loads(manifest.read_text())
    begun = forgotten.read("", described).begun_with(["ann"])
    manifest.write_text(json.dumps(begun.into(described)))
    with pytest.raises(InputError, match=r"extract\.json: people are being forgotten"):
        inspect(str(faces))
    manifest.write_text(json.dumps(begun.done().into(described)))
    assert inspect(str(faces)).facts["rows"] == 5


def test_one_part_is_counted_alone(faces: Path) -> None:
    found = inspect(str(faces / PARTS[1]))
    assert found.what == "one part of a folder of faces"
    assert found.facts == {"rows": 2, "statuses": {"ok": 2}, "identities": 1}
    assert len(found.records) == 2


def test_targets_are_counted_and_told_with_their_reason(faces: Path) -> None:
    found = inspect(str(choose(faces)))
    assert found.facts == {
        "rows": 2,
        "with_a_target": 1,
        "options": {"per": "identity"},
        "chosen_from": "f" * 64,
    }
    assert words(found) == [
        "identity ann: ann/1.jpg, 3.2° off (mesh), of 2 faces: the most frontal",
        "identity bob: no target: turned by 30°",
    ]
    assert [column.name for column in found.schema] == records.target_schema().names
    assert inspect(str(faces)).facts["targets"] == {"rows": 2, "with_a_target": 1}


def test_a_target_of_a_clip_names_the_clip_and_the_face(faces: Path) -> None:
    found = inspect(str(choose(faces, clip="7", face_index=2)))
    assert words(found)[0].startswith("identity ann, clip 7: ann/1.jpg#2")


def test_damaged_targets_are_named(faces: Path) -> None:
    damage(choose(faces), 20)
    with pytest.raises(InputError, match=f"{NAME}: not readable"):
        inspect(str(faces / NAME))
    assert "damaged" in inspect(str(faces)).facts["targets"]


def test_a_damaged_part_alone_is_an_error(faces: Path) -> None:
    damage_statuses(faces / PARTS[0])
    with pytest.raises(InputError, match=f"{PARTS[0]}: not a readable part"):
        inspect(str(faces / PARTS[0]))
