"""The parts of a folder of faces: plans, names, round trips, and what a broken one costs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faceprep import parts, records
from faceprep.extract.layouts import SCHEMA
from faceprep.parts import Counts, Part, images_per_part

COUNTS = Counts(images=3, faces=2, rejects={records.NO_FACE: 1, records.CRASHED: 1})


def catalog_table(count: int, pieces: int = 1, prefix: str = "p") -> pa.Table:
    """`count` images, in chunks that have nothing to do with parts."""
    keys = [f"{prefix}/{number:06d}.jpg" for number in range(count)]
    rows = pa.table({"key": keys, "identity": [prefix] * count}, SCHEMA.remove(3).remove(2))
    table = rows.append_column(SCHEMA.field("clip"), pa.nulls(count, pa.string()))
    table = table.append_column(SCHEMA.field("view"), pa.nulls(count, pa.string()))
    step = -(-count // pieces)
    return pa.concat_tables(table.slice(start, step) for start in range(0, count, step))


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


def test_counts_add_up_by_status() -> None:
    more = Counts(images=4, faces=3, rejects={records.NO_FACE: 1})
    assert COUNTS + more == Counts(7, 5, {records.NO_FACE: 2, records.CRASHED: 1})
    assert COUNTS + Counts() == COUNTS
    assert (COUNTS + more).rejected == 3


def test_people_are_left_out_and_each_part_keeps_its_place(tmp_path: Path) -> None:
    folder = str(tmp_path)
    table = pa.concat_tables([catalog_table(128, prefix="ann"), catalog_table(130, prefix="bob")])
    parts.write_catalog(folder, 0, "cfp", table)
    before = parts.read_slice(folder, Part(0, 1, 3))
    parts.leave_out(folder, 0, ["ann", "nobody"])
    assert [batch.num_rows for _, batch in parts.slices(folder)] == [0, 128, 2]
    assert parts.read_slice(folder, Part(0, 1, 3)).equals(before)
    assert parts.read_layout(folder) == "cfp"
    with pa.ipc.open_file(tmp_path / "catalog.arrow") as reader:
        assert "ann" not in str(reader.read_all().to_pydict())
