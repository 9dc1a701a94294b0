"""Status of a folder in an object store, and how often it asks the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep import journal, past_runs, storage
from faceprep.array_task import ArrayTask
from faceprep.errors import StorageError
from faceprep.journal import Journal, clear
from faceprep.status.run import status
from tests.status.made import many

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate


def test_what_runs_say_is_read_from_another_machine(
    s3_bucket: str, s3_gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_SECONDS_BETWEEN", 0.2)
    monkeypatch.setattr(past_runs, "_LISTENING", 1.0)
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
        asked = [each for each in s3_gate.requests if not each.startswith("PUT")]
        assert len(asked) <= 24  # whatever the number of parts
        with pytest.raises(StorageError, match="another run is at work in it"):
            past_runs.refuse_running(folder)
    assert [run.state for run in found.runs] == ["running", "done"]
    assert (found.files, found.planned, found.done, found.total) == (2, 5, 256, 640)
    assert [(task.state, task.missing) for task in found.tasks] == [("running", 2), ("done", 1)]
    assert found.counts == {"faces": 120, "no_face": 8}
    past_runs.refuse_running(folder)  # all have ended
    clear(folder)
    assert past_runs.read(folder) == []
    past_runs.refuse_running(folder)  # none has ever begun
    assert status(f"{s3_bucket}/deep").folders[0].runs == ()
