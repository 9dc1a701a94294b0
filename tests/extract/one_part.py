"""A folder of faces with one part, and what a worker makes of it in this process."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import parts
from faceprep.extract import worker
from faceprep.extract.layouts import SCHEMA
from faceprep.extract.options import ExtractOptions
from faceprep.extract.worker import PartTask
from faceprep.parts import Counts, Part

OPTIONS = ExtractOptions()
PART = Part(update=0, index=0, total=1)
Row = dict[str, Any]


def task_for(root: str | Path, folder: str | Path, **changes: Any) -> PartTask:
    task = PartTask(str(root), str(folder), PART, "d1g35t", OPTIONS, timeout=60.0)
    return dataclasses.replace(task, **changes)


def plan(folder: Path, *keys: str) -> Path:
    """A new folder of faces whose only part is made of these images."""
    folder.mkdir()
    columns = {"key": keys, "identity": ["ann"] * len(keys), "clip": ["0"] * len(keys)}
    images = pa.Table.from_pydict({**columns, "view": [None] * len(keys)}, SCHEMA)
    parts.write_catalog(str(folder), 0, "identity", images)
    return folder


def extract(task: PartTask) -> tuple[Counts, list[Row]]:
    counts = worker.extract_part(task)
    return counts, pq.read_table(Path(task.folder) / PART.name).to_pylist()
