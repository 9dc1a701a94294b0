"""A folder of faces as later stages open it: whole, or refused with what to do; its rows and crops."""

from __future__ import annotations

import json
import logging
import shutil
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import part_file, parts, records
from faceprep.errors import InputError
from faceprep.face_folder import FaceFolder, open_faces, read_crops
from faceprep.parts import Part
from tests.inspect.made import crop, damage, face, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path

FIRST = [face("ann/1.jpg", "ann", 1), no_face("ann/2.jpg", "ann"), face("bob/1.jpg", "bob", 2)]
SECOND = [face("cid/1.jpg", "cid", 3), face("cid/1.jpg", "cid", 4, face_index=1)]
NAMES = ("part-00000-of-00001.parquet", "part-00000-of-00001.update-001.parquet")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Five rows in two parts."""
    return make_faces(tmp_path / "faces", FIRST, SECOND)


def test_a_whole_folder_says_what_it_holds(path: Path) -> None:
    faces = open_faces(str(path))
    assert faces.path == str(path)
    assert faces.parts == (Part(0, 0, 1), Part(1, 0, 1))
    assert faces.missing == 0
    assert faces.options["layout"] == "identity"
    assert faces.location(1) == str(path / NAMES[1])
    assert len(faces.digest) == 64


def test_rows_come_with_where_they_are(path: Path) -> None:
    rows = open_faces(str(path)).rows(["key", "status"])
    assert rows.schema.names == ["key", "status", "part", "row"]
    assert rows["key"].to_pylist() == [row.key for row in FIRST + SECOND]
    assert rows["part"].to_pylist() == [0, 0, 0, 1, 1]
    assert rows["row"].to_pylist() == [0, 1, 2, 0, 1]
    assert {str(rows.schema.field(name).type) for name in ("part", "row")} == {"int32"}


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_faces_is_refused_with_the_remedy(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "faces"
    if exists:
        path.mkdir()
    with pytest.raises(InputError) as caught:
        open_faces(str(path))
    what = "no faces in it" if exists else "no such folder"
    assert (
        str(caught.value) == f"{path}: {what}; make them with 'faceprep extract SRC --out {path}'"
    )


@pytest.mark.parametrize(
    ("slices", "words"),
    [
        ((FIRST, []), "1 of 2 parts are still to do; finish with"),
        (([], []), "2 of 2 parts are still to do; finish with"),
        ((), "everything is still to do; finish with"),
    ],
)
def test_an_unfinished_folder_is_refused(
    tmp_path: Path, slices: tuple[list[records.FaceRow], ...], words: str
) -> None:
    path = make_faces(tmp_path / "faces", *slices, finished=False)
    with pytest.raises(InputError, match=words):
        open_faces(str(path))


def test_what_is_there_of_an_unfinished_folder_may_be_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("faceprep"), "propagate", True)
    path = str(make_faces(tmp_path / "faces", FIRST, [], SECOND, finished=False))
    with pytest.raises(InputError, match="or take what is there with --allow-incomplete"):
        open_faces(path)
    faces = open_faces(path, allow_incomplete=True)
    assert (faces.parts, faces.missing) == ((Part(0, 0, 1), Part(2, 0, 1)), 1)
    assert faces.rows(["key"])["part"].to_pylist() == [0, 0, 0, 1, 1]
    assert "1 of 3 parts are still to do; going on without" in caplog.text


@pytest.mark.parametrize("slices", [(), ([],), ([], [])])
def test_of_nothing_nothing_can_be_taken(
    tmp_path: Path, slices: tuple[list[records.FaceRow], ...]
) -> None:
    path = make_faces(tmp_path / "faces", *slices, finished=False)
    with pytest.raises(InputError, match="still to do") as caught:
        open_faces(str(path), allow_incomplete=True)
    assert "--allow-incomplete" not in str(caught.value)


def test_another_format_is_named(path: Path) -> None:
    manifest = path / parts.MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 1}))
    with pytest.raises(InputError) as caught:
        open_faces(str(path))
    assert f"has format 1, this faceprep reads {records.FACES_FORMAT}; extract again" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("name", "place", "message"),
    [
        (NAMES[1], -1, "not a readable part"),
        (NAMES[0], -5, "not a readable part"),
        ("catalog.arrow", -1, r"catalog\.arrow: damaged"),
        ("extract.json", 0, r"extract\.json: not readable"),
    ],
)
def test_a_damaged_file_is_named(path: Path, name: str, place: int, message: str) -> None:
    damage(path / name, place)
    with pytest.raises(InputError, match=message) as caught:
        open_faces(str(path))
    assert str(path / name) in str(caught.value)


def test_a_missing_catalogue_is_named(path: Path) -> None:
    (path / "catalog.arrow").unlink()
    with pytest.raises(InputError, match=r"catalog\.arrow is missing"):
        open_faces(str(path))


def test_a_part_that_is_damaged_inside_is_named_when_its_rows_are_read(path: Path) -> None:
    column = records.face_schema().names.index("identity")
    where = pq.read_metadata(path / NAMES[1]).row_group(0).column(column)
    damage(path / NAMES[1], where.dictionary_page_offset)
    faces = open_faces(str(path))
    with pytest.raises(InputError, match=f"{NAMES[1]}: not a readable part .*delete it"):
        faces.rows(["identity"])
    assert faces.rows(["key"]).num_rows == 5


def test_a_column_that_is_not_there_is_an_error_that_names_the_part(path: Path) -> None:
    with pytest.raises(InputError, match=NAMES[0]):
        open_faces(str(path)).rows(["beauty"])


def folder(path: Path) -> FaceFolder:
    return open_faces(str(path), allow_incomplete=True)


def test_the_digest_is_of_the_content_not_of_the_place(path: Path, tmp_path: Path) -> None:
    digest = folder(path).digest
    shutil.copytree(path, tmp_path / "copy")
    assert folder(tmp_path / "copy").digest == digest
    assert folder(make_faces(tmp_path / "again", FIRST, SECOND)).digest == digest


@pytest.mark.parametrize(
    "slices",
    [
        (FIRST, SECOND[:1]),
        ([face("ann/1.jpg", "ann", 9), *FIRST[1:]], SECOND),
        (FIRST, []),
        (SECOND, FIRST),
        (FIRST, SECOND, SECOND),
    ],
    ids=["fewer", "another crop", "part missing", "order", "more"],
)
def test_other_content_has_another_digest(
    path: Path, tmp_path: Path, slices: tuple[list[records.FaceRow], ...]
) -> None:
    other = make_faces(tmp_path / "other", *slices)
    assert folder(other).digest != folder(path).digest


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([0, 2], [crop(1), crop(2)]),
        ([2, 0], [crop(1), crop(2)]),
        ([0, 1, 2], [crop(1), b"", crop(2)]),
        ([2, 2], [crop(2), crop(2)]),
    ],
)
def test_crops_come_in_the_order_of_their_rows(
    path: Path, rows: list[int], expected: list[bytes]
) -> None:
    assert list(read_crops(str(path / NAMES[0]), rows)) == expected


@pytest.fixture(scope="module")
def long_part(tmp_path_factory: pytest.TempPathFactory) -> str:
    """700 rows in groups of 256; the crop of each is its number."""
    path = tmp_path_factory.mktemp("long")
    rows = ([face(f"{n}.jpg", "x", crop=str(n).encode())] for n in range(700))
    part_file.write_part(str(path), Part(0, 0, 1), "made of", rows)
    return str(path / NAMES[0])


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.integers(0, 699), max_size=20))
def test_any_rows_of_a_long_part_are_found(long_part: str, rows: list[int]) -> None:
    assert list(read_crops(long_part, rows)) == [str(n).encode() for n in sorted(rows)]


def test_a_row_beyond_the_end_is_an_error(path: Path) -> None:
    crops = read_crops(str(path / NAMES[0]), [0, 3])
    assert next(crops) == crop(1)
    with pytest.raises(InputError, match=f"{NAMES[0]}: .*it has no row 3"):
        next(crops)


def test_a_part_that_is_gone_or_damaged_is_named(path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.parquet: not a readable part"):
        next(read_crops(str(path / "nowhere.parquet"), [0]))
    damage(path / NAMES[0], -1)
    with pytest.raises(InputError, match=f"{NAMES[0]}: not a readable part"):
        next(read_crops(str(path / NAMES[0]), [0]))


def test_large_crops_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    rows = ([face(f"{n}.png", "x", crop=bytes([n]) * 2_000_000)] for n in range(100))
    part_file.write_part(str(tmp_path), Part(0, 0, 1), "made of", rows)
    before = pa.total_allocated_bytes()
    for number, data in enumerate(read_crops(str(tmp_path / NAMES[0]), range(100))):
        assert data[0] == number
        assert pa.total_allocated_bytes() - before < 60_000_000
