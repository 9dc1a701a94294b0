"""A part on disk: rows in, rows out, and what a broken one costs."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import part_file, records
from faceprep.errors import InputError, StorageError
from faceprep.parts import Counts, Part
from faceprep.records import FaceRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def write(folder: Path, rows: list[list[FaceRow]] = IMAGE_ROWS, part: Part = PART) -> Path:
    part_file.write_part(str(folder), part, DIGEST, iter(rows))
    return folder / part.name


def test_a_part_holds_every_field_of_its_rows(tmp_path: Path) -> None:
    table = pq.read_table(write(tmp_path))
    assert table.schema.equals(records.face_schema(), check_metadata=False)
    assert table.to_pylist() == [asdict(row) for rows in IMAGE_ROWS for row in rows]


def test_a_part_documents_its_columns(tmp_path: Path) -> None:
    schema = pq.read_schema(write(tmp_path))
    assert schema.field("yaw").metadata[b"doc"].startswith(b"degrees")


def test_a_part_says_what_is_in_it(tmp_path: Path) -> None:
    assert part_file.write_part(str(tmp_path), PART, DIGEST, IMAGE_ROWS) == COUNTS
    assert part_file.read_counts(str(tmp_path), PART, DIGEST) == COUNTS


@given(st.lists(st.sampled_from([[FACE], [FACE, SECOND_FACE], [NO_FACE], [CRASHED]]), max_size=20))
@settings(deadline=None, max_examples=30)
def test_images_are_faces_or_rejects(rows: list[list[FaceRow]]) -> None:
    with TemporaryDirectory() as folder:
        counts = part_file.write_part(folder, PART, DIGEST, rows)
        assert part_file.read_counts(folder, PART, DIGEST) == counts
    with_faces = [image for image in rows if image[0].crop]
    assert counts.images == len(rows) == len(with_faces) + counts.rejected
    assert counts.faces == sum(map(len, with_faces))


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
        part_file.read_counts(str(tmp_path), PART, "other")
    assert str(caught.value).startswith(f"{path}: made with other options")
    assert "--overwrite" in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_part_is_refused_by_name_with_the_remedy(tmp_path: Path, share: float) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError) as caught:
        part_file.read_counts(str(tmp_path), PART, DIGEST)
    assert str(caught.value).startswith(f"{path}: not a readable part")
    assert "delete it and run the same command again" in str(caught.value)


def test_a_part_of_somebody_else_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / PART.name)
    with pytest.raises(InputError, match="made with other options"):
        part_file.read_counts(str(tmp_path), PART, DIGEST)


@pytest.mark.parametrize("after", [0, 1, 300])
def test_a_part_that_fails_in_the_middle_leaves_nothing(tmp_path: Path, after: int) -> None:
    def rows() -> Iterator[list[FaceRow]]:
        yield from ([FACE] for _ in range(after))
        raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"):
        part_file.write_part(str(tmp_path), PART, DIGEST, rows())
    assert list(tmp_path.iterdir()) == []


def test_a_part_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"nowhere/{PART.name}: could not"):
        write(tmp_path / "nowhere")


def test_rows_read_and_written_again_give_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    again = [list(of) for _, of in groupby(part_file.read_rows(str(path)), lambda row: row.key)]
    assert part_file.write_part(str(tmp_path), PART, DIGEST, again) == COUNTS
    assert path.read_bytes() == before


def test_a_part_knows_what_it_is_made_of(tmp_path: Path) -> None:
    write(tmp_path)
    assert part_file.is_made_of(str(tmp_path), PART, DIGEST)
    assert not part_file.is_made_of(str(tmp_path), PART, "other")


def test_rows_of_a_damaged_part_are_not_read(tmp_path: Path) -> None:
    path = write(tmp_path)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged \\(its checksum is wrong\\); delete it and run"):
        list(part_file.read_rows(str(path)))
