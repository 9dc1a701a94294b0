"""`targets.parquet`: the choice comes back whole, or is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import records, seal
from faceprep.errors import InputError, StorageError
from faceprep.records import TargetRow
from faceprep.targets import NAME, Targets, read_targets, write_targets

if TYPE_CHECKING:
    from pathlib import Path

ANN = TargetRow(
    identity="ann",
    clip="0",
    key="ann/1.jpg",
    face_index=0,
    yaw=-1.5,
    pitch=2.5,
    roll=0.25,
    mesh_yaw=None,
    mesh_pitch=None,
    angle=3.0,
    angle_source="keypoints",
    best_angle=2.5,
    quality=0.75,
    runner_up="ann/2.jpg#1",
    runner_up_angle=4.0,
    faces=14,
    shortlist=8,
    reason="the best in quality within 3° of the most frontal",
)
NOBODY: dict[str, Any] = dict.fromkeys(records.target_schema().names)
BOB = TargetRow(**NOBODY | {"identity": "bob", "faces": 1, "shortlist": 0, "reason": "turned away"})
OPTIONS = {"per": "identity", "max_angle": 20.0, "shortlist": 8}


def targets_of(*rows: TargetRow) -> Targets:
    table = pa.Table.from_pylist([asdict(row) for row in rows], records.target_schema())
    return Targets(table, OPTIONS, "f" * 64)


TARGETS = targets_of(ANN, BOB)


@pytest.fixture
def location(tmp_path: Path) -> str:
    """Where the choice is stored."""
    path = str(tmp_path / NAME)
    write_targets(path, TARGETS)
    return path


@pytest.mark.parametrize("rows", [(), (ANN,), (ANN, BOB)])
def test_a_choice_comes_back_whole(tmp_path: Path, rows: tuple[TargetRow, ...]) -> None:
    path, chosen = str(tmp_path / NAME), targets_of(*rows)
    write_targets(path, chosen)
    found = read_targets(path)
    assert found is not None
    assert found.rows.equals(chosen.rows)
    assert [TargetRow(**row) for row in found.rows.to_pylist()] == list(rows)
    assert (found.options, found.faces) == (OPTIONS, "f" * 64)


def test_where_none_was_made_there_is_none(tmp_path: Path) -> None:
    assert read_targets(str(tmp_path / NAME)) is None


def test_the_same_choice_gives_the_same_bytes(tmp_path: Path, location: str) -> None:
    again = tmp_path / "again.parquet"
    write_targets(str(again), replace(TARGETS, options=dict(reversed(OPTIONS.items()))))
    assert again.read_bytes() == (tmp_path / NAME).read_bytes()


def test_the_file_is_sealed_and_documents_itself(location: str) -> None:
    with open(location, "rb") as file:  # noqa: PTH123
        assert seal.is_intact(file)
    assert pq.read_schema(location).field("angle").metadata[b"doc"].startswith(b"between")


def test_pandas_opens_it(location: str) -> None:
    assert pd.read_parquet(location)["identity"].tolist() == ["ann", "bob"]


def test_every_flipped_byte_is_found_and_named(tmp_path: Path, location: str) -> None:
    whole = (tmp_path / NAME).read_bytes()
    for place in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        (tmp_path / NAME).write_bytes(spoilt)
        with pytest.raises(InputError) as caught:
            read_targets(location)
        assert str(caught.value).startswith(location), f"byte {place}"
        assert "choose again" in str(caught.value), f"byte {place}"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_file_cut_off_is_refused(tmp_path: Path, location: str, share: float) -> None:
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match=f"{NAME}: not readable .*choose again"):
        read_targets(location)


def write_sealed(path: Path, table: pa.Table, metadata: dict[str, str]) -> None:
    with path.open("w+b") as file:
        with pq.ParquetWriter(file, table.schema) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata(metadata)
            seal.reserve(writer)
        seal.seal(file)


METADATA = {"faceprep.options": json.dumps(OPTIONS), "faceprep.faces": "f" * 64}


@pytest.mark.parametrize(
    ("table", "metadata"),
    [
        (pa.table({"x": [1]}), METADATA),
        (TARGETS.rows.drop_columns(["quality"]), METADATA),
        (TARGETS.rows.append_column("more", pa.array([1, 2])), METADATA),
        (TARGETS.rows, {}),
        (TARGETS.rows, METADATA | {"faceprep.options": "{"}),
    ],
    ids=["other", "older", "newer", "nameless", "garbled"],
)
def test_a_file_of_another_version_is_refused(
    tmp_path: Path, table: pa.Table, metadata: dict[str, str]
) -> None:
    write_sealed(tmp_path / NAME, table, metadata)
    with pytest.raises(InputError, match=f"{NAME}: .*choose again"):
        read_targets(str(tmp_path / NAME))


def test_a_file_that_nobody_sealed_is_refused(tmp_path: Path) -> None:
    pq.write_table(TARGETS.rows, tmp_path / NAME)
    with pytest.raises(InputError, match="carries no checksum"):
        read_targets(str(tmp_path / NAME))


def test_rows_of_another_kind_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="schema"):
        write_targets(str(tmp_path / NAME), replace(TARGETS, rows=pa.table({"x": [1]})))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"nowhere/{NAME}: could not"):
        write_targets(str(tmp_path / "nowhere" / NAME), TARGETS)
