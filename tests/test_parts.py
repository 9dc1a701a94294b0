"""The parts of a folder of faces: plans, names, round trips, and what a broken one costs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faceprep import parts, records
from faceprep.errors import InputError, StorageError
from faceprep.extract.layouts import SCHEMA
from faceprep.parts import Counts, Part, images_per_part
from faceprep.records import FaceRow

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = Part(update=0, index=0, total=1)
DIGEST = "d1g35t"
FACE = FaceRow(
    "ann/1.jpg",
    "ann",
    records.OK,
    clip="0",
    view="frontal",
    sha256="ab" * 32,
    width=640,
    height=480,
    damaged=False,
    face_index=0,
    face_count=2,
    score=0.75,
    box_x=-1.5,
    box_y=2.5,
    box_width=100.0,
    box_height=101.0,
    keypoints=[float(n) for n in range(12)],
    eye_distance=40.5,
    yaw=-12.25,
    pitch=3.5,
    roll=0.0,
    pose_source="keypoints",
    frontality=95.5,
    sharpness=1234.5,
    crop=b"\xff\xd8\xff a crop \0",
)
SECOND_FACE = FaceRow("ann/1.jpg", "ann", records.OK, face_index=1, face_count=2, crop=b"another")
NO_FACE = FaceRow("ann/2.jpg", "ann", records.NO_FACE, reason="no face found")
CRASHED = FaceRow("bob/3.jpg", "bob", records.CRASHED, reason="it ended the worker")
IMAGE_ROWS = [[FACE, SECOND_FACE], [NO_FACE], [CRASHED]]
COUNTS = Counts(images=3, faces=2, rejects={records.NO_FACE: 1, records.CRASHED: 1})


def catalog_table(count: int, pieces: int = 1, prefix: str = "p") -> pa.Table:
    """`count` images, in chunks that have nothing to do with parts."""
    keys = [f"{prefix}/{number:06d}.jpg" for number in range(count)]
    rows = pa.table({"key": keys, "identity": [prefix] * count}, SCHEMA.remove(3).remove(2))
    table = rows.append_column(SCHEMA.field("clip"), pa.nulls(count, pa.string()))
    table = table.append_column(SCHEMA.field("view"), pa.nulls(count, pa.string()))
    step = -(-count // pieces)
    return pa.concat_tables(table.slice(start, step) for start in range(0, count, step))


def write(folder: Path, rows: list[list[FaceRow]] = IMAGE_ROWS, part: Part = PART) -> Path:
    parts.write_part(str(folder), part, DIGEST, iter(rows))
    return folder / part.name


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (1, 128),
        (128, 128),
        (32_768, 128),
        (32_769, 129),
        (200_000, 782),
        (524_288, 2048),
        (524_289, 2048),
        (621_126, 2048),
        (10_000_000, 2048),
    ],
)
def test_a_part_has_a_size_by_the_number_of_images(images: int, expected: int) -> None:
    assert images_per_part(images) == expected


@given(st.integers(1, 10**8), st.integers(0, 10**7))
def test_parts_grow_with_the_catalogue_within_their_limits(images: int, more: int) -> None:
    assert 128 <= images_per_part(images) <= images_per_part(images + more) <= 2048


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Part(0, 17, 304), "part-00017-of-00304.parquet"),
        (Part(1, 0, 2), "part-00000-of-00002.update-001.parquet"),
        (Part(1234, 99_999, 100_000), "part-99999-of-100000.update-1234.parquet"),
    ],
)
def test_a_part_is_named_by_its_place(part: Part, name: str) -> None:
    assert part.name == name


@settings(deadline=None)
@given(
    st.sets(st.builds(Part, st.integers(0, 10**4), st.integers(0, 10**6), st.integers(1, 10**6)))
)
def test_the_names_of_finished_parts_tell_which_they_are(finished: set[Part]) -> None:
    with TemporaryDirectory() as folder:
        for part in finished:
            (Path(folder) / part.name).touch()
        assert parts.finished_parts(folder) == finished


@pytest.mark.parametrize(
    "name",
    [
        ".part-00000-of-00001.parquet.tmp-0a1b2c3d",
        "part-00000-of-00001.parquet.bak",
        "part-0-of-1.parquet",
        "my-part-00000-of-00001.parquet",
        "extract.json",
    ],
)
def test_other_files_are_no_parts(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert parts.finished_parts(str(tmp_path)) == set()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 700), st.integers(1, 5))
@example(128, 3)
@example(129, 1)
@example(512, 5)
def test_a_catalogue_is_cut_into_parts_and_comes_back_whole(count: int, pieces: int) -> None:
    table = catalog_table(count, pieces)
    with TemporaryDirectory() as folder:
        parts.write_catalog(folder, 0, "identity", table)
        planned = parts.planned_parts(folder)
        slices = [parts.read_slice(folder, part) for part in planned]
        keys = parts.read_keys(folder)
    total = -(-count // 128)
    assert planned == [Part(0, index, total) for index in range(total)]
    assert all(batch.num_rows == 128 for batch in slices[:-1])
    assert pa.Table.from_batches(slices).to_pylist() == table.to_pylist()
    assert keys.to_pylist() == table["key"].to_pylist()


def test_a_catalogue_remembers_its_layout(tmp_path: Path) -> None:
    parts.write_catalog(str(tmp_path), 0, "cfp", catalog_table(1))
    with pa.ipc.open_file(tmp_path / "catalog.arrow") as reader:
        assert reader.schema.metadata == {b"layout": b"cfp"}


def test_an_update_adds_its_own_parts_and_keys(tmp_path: Path) -> None:
    folder = str(tmp_path)
    parts.write_catalog(folder, 0, "identity", catalog_table(130, prefix="old"))
    first = (tmp_path / "catalog.arrow").read_bytes()
    parts.write_catalog(folder, 1, "identity", catalog_table(2, prefix="new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "catalog.arrow",
        "catalog.update-001.arrow",
    ]
    assert (tmp_path / "catalog.arrow").read_bytes() == first
    assert parts.count_updates(folder) == 2
    assert parts.planned_parts(folder) == [Part(0, 0, 2), Part(0, 1, 2), Part(1, 0, 1)]
    assert parts.read_keys(folder).to_pylist()[-2:] == ["new/000000.jpg", "new/000001.jpg"]
    assert parts.read_slice(folder, Part(1, 0, 1))["identity"].to_pylist() == ["new", "new"]


def test_an_empty_folder_plans_nothing(tmp_path: Path) -> None:
    assert parts.planned_parts(str(tmp_path)) == []
    assert len(parts.read_keys(str(tmp_path))) == 0


def test_a_part_holds_every_field_of_its_rows(tmp_path: Path) -> None:
    table = pq.read_table(write(tmp_path))
    assert table.schema.equals(records.face_schema(), check_metadata=False)
    assert table.to_pylist() == [asdict(row) for rows in IMAGE_ROWS for row in rows]


def test_a_part_documents_its_columns(tmp_path: Path) -> None:
    schema = pq.read_schema(write(tmp_path))
    assert schema.field("yaw").metadata[b"doc"].startswith(b"degrees")


def test_a_part_says_what_is_in_it(tmp_path: Path) -> None:
    assert parts.write_part(str(tmp_path), PART, DIGEST, IMAGE_ROWS) == COUNTS
    assert parts.read_counts(str(tmp_path), PART, DIGEST) == COUNTS


@given(st.lists(st.sampled_from([[FACE], [FACE, SECOND_FACE], [NO_FACE], [CRASHED]]), max_size=20))
@settings(deadline=None, max_examples=30)
def test_images_are_faces_or_rejects(rows: list[list[FaceRow]]) -> None:
    with TemporaryDirectory() as folder:
        counts = parts.write_part(folder, PART, DIGEST, rows)
        assert parts.read_counts(folder, PART, DIGEST) == counts
    with_faces = [image for image in rows if image[0].crop]
    assert counts.images == len(rows) == len(with_faces) + counts.rejected
    assert counts.faces == sum(map(len, with_faces))


def test_counts_add_up_by_status() -> None:
    more = Counts(images=4, faces=3, rejects={records.NO_FACE: 1})
    assert COUNTS + more == Counts(7, 5, {records.NO_FACE: 2, records.CRASHED: 1})
    assert COUNTS + Counts() == COUNTS
    assert (COUNTS + more).rejected == 3


def test_rows_come_in_groups_that_fit_into_memory(tmp_path: Path) -> None:
    path = write(tmp_path, [[NO_FACE]] * 600)
    metadata = pq.ParquetFile(path).metadata
    groups = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert groups == [256, 256, 88]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first = write(tmp_path).read_bytes()
    (tmp_path / PART.name).unlink()
    assert write(tmp_path).read_bytes() == first


def test_pandas_opens_a_folder_of_parts(tmp_path: Path) -> None:
    for index in range(2):
        write(tmp_path, part=Part(0, index, 2))
    frame = pd.read_parquet(sorted(tmp_path.glob("*.parquet")))
    assert frame["status"].tolist() == ["ok", "ok", "no_face", "crashed"] * 2
    assert frame["crop"][0] == FACE.crop


def test_a_part_of_other_options_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(InputError) as caught:
        parts.read_counts(str(tmp_path), PART, "other")
    assert str(caught.value).startswith(f"{path}: made with other options")
    assert "--overwrite" in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_part_is_refused_by_name_with_the_remedy(tmp_path: Path, share: float) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError) as caught:
        parts.read_counts(str(tmp_path), PART, DIGEST)
    assert str(caught.value).startswith(f"{path}: not a readable part")
    assert "delete it and run the same command again" in str(caught.value)


def test_a_part_of_somebody_else_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / PART.name)
    with pytest.raises(InputError, match="made with other options"):
        parts.read_counts(str(tmp_path), PART, DIGEST)


@pytest.mark.parametrize("after", [0, 1, 300])
def test_a_part_that_fails_in_the_middle_leaves_nothing(tmp_path: Path, after: int) -> None:
    def rows() -> Iterator[list[FaceRow]]:
        yield from ([FACE] for _ in range(after))
        raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"):
        parts.write_part(str(tmp_path), PART, DIGEST, rows())
    assert list(tmp_path.iterdir()) == []


def test_a_part_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"nowhere/{PART.name}: could not"):
        write(tmp_path / "nowhere")
