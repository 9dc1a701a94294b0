"""Status of a folder in an object store, and how often it asks the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import past_runs, storage
from faceprep.array_task import ArrayTask
from faceprep.journal import Journal, clear
from faceprep.status.run import status
from tests.status.made import many

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate


def test_what_runs_say_is_read_from_another_machine(
    s3_bucket: str, s3_gate: Gate, tmp_path: Path
) -> None:
    folder = f"{s3_bucket}/deep/faces"
    for path in many(tmp_path / "faces", 640, 2).iterdir():
        storage.write_bytes(f"{folder}/{path.name}", path.read_bytes())
    one, two = (
        Journal(folder, "extract", task=ArrayTask(n, 2), workers=1, total=256, unit="images")
        for n in (0, 1)
    )
    with one:
        with two:
            two.advance(128, faces=120, no_face=8)
        s3_gate.reset()
        (found,) = status(folder).folders
        assert len(s3_gate.requests) <= 24  # whatever the number of parts
    assert [run.state for run in found.runs] == ["running", "done"]
    assert (found.files, found.planned, found.done, found.total) == (2, 5, 256, 640)
    assert [(task.state, task.missing) for task in found.tasks] == [("running", 2), ("done", 1)]
    assert found.counts == {"faces": 120, "no_face": 8}
    clear(folder)
    assert past_runs.read(folder) == []
    assert status(f"{s3_bucket}/deep").folders[0].runs == ()
