"""`predictions.csv` and `latent.parquet`: complete, in order, or not there."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import seal
from faceprep.predict import table
from faceprep.predict.table import (
    LATENT,
    TABLE,
    PredictionRow,
    latent_schema,
    latents_to,
    rows_to,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FACE = PredictionRow("a/1.jpg", "ok", None, 0, 1.5, -2.25, 0.0, "a_1.png")
NONE = PredictionRow('odd, "name"\n.jpg', "no_face", "no face found")


def faces(number: int) -> list[PredictionRow]:
    return [
        PredictionRow(f"{index}.jpg", "ok", None, 0, float(index), 0.0, 0.0, f"{index}.png")
        for index in range(number)
    ]


def vectors(number: int, length: int = 3) -> NDArray[np.float32]:
    return np.arange(number * length, dtype=np.float32).reshape(number, length)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    with rows_to(str(tmp_path / TABLE), PredictionRow) as write:
        write([FACE])
        write([])
        write([NONE])
    with (tmp_path / TABLE).open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "path": "a/1.jpg",
        "status": "ok",
        "reason": "",
        "face_index": "0",
        "yaw": "1.5",
        "pitch": "-2.25",
        "roll": "0.0",
        "picture": "a_1.png",
    }
    assert second["path"] == NONE.path
    assert [name for name, value in second.items() if value] == ["path", "status", "reason"]


def write_and_fail(folder: Path) -> None:
    rows = rows_to(str(folder / TABLE), PredictionRow)
    with rows as write, latents_to(str(folder), 3) as latents:
        write([FACE])
        latents.write(faces(1), vectors(1))
        raise ZeroDivisionError


def test_nothing_is_there_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(tmp_path)
    assert not list(tmp_path.iterdir())


def test_vectors_come_back_as_they_were(tmp_path: Path) -> None:
    with latents_to(str(tmp_path), 3) as latents:
        latents.write(faces(4)[:3], vectors(4)[:3])
        latents.write(faces(4)[3:], vectors(4)[3:])
    table = pq.read_table(tmp_path / LATENT)
    assert table.schema.equals(latent_schema(3))
    assert table.schema.field("latent").type == pa.list_(pa.float32(), 3)
    assert table["latent"].to_pylist() == vectors(4).tolist()
    assert table["path"].to_pylist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert table["yaw"].to_pylist() == [0, 1, 2, 3]
    with (tmp_path / LATENT).open("rb") as file:
        assert seal.is_intact(file)


def test_a_file_without_a_face_is_a_table_too(tmp_path: Path) -> None:
    with latents_to(str(tmp_path), 7):
        pass
    assert pq.read_table(tmp_path / LATENT).num_rows == 0


def test_vectors_are_written_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_GROUP_BYTES", 10 * 3 * 4)
    with latents_to(str(tmp_path), 3) as latents:
        for _ in range(5):
            latents.write(faces(6), vectors(6))
    content = pq.ParquetFile(tmp_path / LATENT)
    assert [content.metadata.row_group(group).num_rows for group in range(3)] == [12, 12, 6]
    assert content.read()["latent"].to_pylist() == vectors(6).tolist() * 5
