"""The journal of a run: what it says, and that nothing which happens to it ends the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from faceprep import journal, log, past_runs
from faceprep.array_task import ArrayTask
from faceprep.errors import FaceprepError, Interrupted
from faceprep.journal import Journal
from faceprep.parts import Counts


def opened(folder: Path, total: int = 100, **options: Any) -> Journal:
    given: dict[str, Any] = {"task": None, "workers": 2, "unit": "images", **options}
    return Journal(str(folder), "extract", total=total, **given)


def only_file(folder: Path) -> Path:
    (path,) = (folder / ".runs").glob("*.json")  # without one that is being written
    return path


def said(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(only_file(folder).read_text("utf-8"))
    return facts


def test_a_run_that_ends_well_says_what_it_did(tmp_path: Path) -> None:
    with opened(tmp_path, before=20) as kept:
        kept.advance(30, faces=28, no_face=2)
        kept.advance(50, faces=49, too_small=1)
    facts = said(tmp_path)
    expected = {"state": "done", "total": 100, "before": 20, "done": 80, "unit": "images"}
    expected |= {"stage": "extract", "workers": 2, "cores": 2, "task": None, "pid": os.getpid()}
    assert {name: facts[name] for name in expected} == expected
    assert facts["numbers"] == {"faces": 77, "no_face": 2, "too_small": 1}
    assert facts["begun"] <= facts["ended"] == facts["seen"]
    assert facts["ended"].endswith("+00:00")
    assert facts["job"]["host"] == facts["host"]
    assert facts["cwd"] == str(Path.cwd())


def test_a_run_shows_itself_before_it_has_done_anything(tmp_path: Path) -> None:
    with opened(tmp_path):
        assert (said(tmp_path)["state"], said(tmp_path)["done"]) == ("running", 0)


def test_a_run_that_has_nothing_to_do_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, 100, before=100):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_file_says_whose_it_is(tmp_path: Path) -> None:
    with opened(tmp_path, task=ArrayTask(3, 16)):
        pass
    assert only_file(tmp_path).name.endswith(f"-{os.getpid()}-3of16.json")
    assert said(tmp_path)["task"] == "3/16"


@pytest.mark.parametrize(
    ("error", "state", "line"),
    [
        (Interrupted(signal.SIGTERM), "stopped", "stopped by SIGTERM"),
        (FaceprepError("no space left"), "failed", "no space left"),
        (ValueError("two\nlines"), "failed", "ValueError: two lines"),
        (ValueError("x" * 1000), "failed", "ValueError: " + "x" * 287 + "…"),
    ],
)
def test_a_run_that_does_not_end_well_says_why(
    tmp_path: Path, error: BaseException, state: str, line: str
) -> None:
    with pytest.raises(type(error)), opened(tmp_path):
        raise error
    assert (said(tmp_path)["state"], said(tmp_path)["error"]) == (state, line)


def test_failures_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    with opened(tmp_path) as kept:
        for number in range(50):
            kept.failed(f"part-{number:05d}: ended its worker (SIGKILL)")
    assert said(tmp_path)["failures"] == 50
    assert said(tmp_path)["failed"][0] == "part-00000: ended its worker (SIGKILL)"
    assert len(said(tmp_path)["failed"]) == 20


def test_it_speaks_also_while_nothing_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_SECONDS_BETWEEN", 0.02)
    with opened(tmp_path):
        first = said(tmp_path)["seen"]
        deadline = time.monotonic() + 10
        while said(tmp_path)["seen"] == first:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_between_its_times_it_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, 10_000) as kept:
        before = only_file(tmp_path).stat().st_mtime_ns
        for _ in range(10_000):
            kept.advance(1)
        assert only_file(tmp_path).stat().st_mtime_ns == before


def test_the_rate_is_that_of_the_last_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1e9
    monkeypatch.setattr(time, "time", lambda: moment)
    with opened(tmp_path, 10_000) as kept:
        for done in (1000, 1000, 1000, 30, 30, 30, 30):
            moment += 15
            kept.advance(done)
            kept._store()
        assert said(tmp_path)["rate"] == 2.0


def test_where_nothing_can_be_written_there_is_one_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".runs").write_text("in the way")
    log.start("text", quiet=True)
    with opened(tmp_path) as kept:
        kept.advance(100)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("faceprep: warning: what the run is at cannot be noted")
    assert past_runs.read(str(tmp_path)) == []
    assert journal.totals(str(tmp_path)) == {}


KILLED = """
import sys, time
from faceprep import journal
journal._SECONDS_BETWEEN = 0.02
with journal.Journal(sys.argv[1], "extract", task=None, workers=1, total=9, unit="images") as kept:
    kept.advance(4, faces=4)
    print("begun", flush=True)
    time.sleep(60)
"""


def test_of_a_run_that_is_killed_its_last_words_stay(tmp_path: Path) -> None:
    program = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as run:
        assert run.stdout
        assert run.stdout.readline() == b"begun\n"
        deadline = time.monotonic() + 10
        while said(tmp_path)["done"] == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        run.kill()
    assert (said(tmp_path)["state"], said(tmp_path)["ended"]) == ("running", None)
    (alive,) = past_runs.read(str(tmp_path))
    assert (alive.state, alive.done, alive.pid) == ("running", 4, run.pid)
    long_ago = time.time() - 61
    os.utime(only_file(tmp_path), (long_ago, long_ago))
    (gone,) = past_runs.read(str(tmp_path))
    assert (gone.state, gone.done) == ("gone", 4)


def test_runs_in_one_folder_do_not_touch_each_other(tmp_path: Path) -> None:
    with (
        opened(tmp_path, task=ArrayTask(0, 2)) as one,
        opened(tmp_path, task=ArrayTask(1, 2)) as two,
    ):
        one.advance(1)
        two.advance(2)
    found = {run.task: run.done for run in past_runs.read(str(tmp_path))}
    assert found == {"0/2": 1, "1/2": 2}


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["/venv/bin/faceprep", "extract", "a b"], "faceprep extract 'a b'"),
        (["/lib/faceprep/__main__.py", "shard", "--overwrite"], "faceprep shard"),
        (["faceprep", "extract", "s3://key:secret@bucket/raw"], "faceprep extract s3://bucket/raw"),
        (
            ["faceprep", "extract", "--out=https://u:p@host/x?sig=1"],
            "faceprep extract --out=https://host/x",
        ),
        (["pytest", "-q"], None),
        (["-c"], None),
        ([], None),
    ],
)
def test_the_command_is_kept_without_what_may_be_secret(words: list[str], kept: str | None) -> None:
    assert journal._command_line(words) == kept


def test_in_a_folder_that_was_deleted_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with opened(tmp_path) as kept:
        kept.advance(1)
    assert (said(tmp_path)["cwd"], said(tmp_path)["state"]) == (None, "done")


def test_clearing_leaves_the_rest_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    with opened(tmp_path) as kept:
        kept.advance(1)
    journal.clear(str(tmp_path))
    journal.clear(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_the_worst_part_has_the_largest_share_of_rejects() -> None:
    parts = [
        ("part-2", Counts(100, 90, {"no_face": 9, "crashed": 1})),
        ("part-0", Counts(1000, 950, {"no_face": 50})),
        ("part-1", Counts(100, 90, {"no_face": 10})),
    ]
    worst = {"part": "part-1", "images": 100, "rejected": 10, "share": 0.1}
    worst |= {"rejects": {"no_face": 10}}
    assert journal.worst_part(parts) == journal.worst_part(parts[::-1]) == worst


@pytest.mark.parametrize("parts", [[], [("part-0", Counts(10, 10))]])
def test_where_nothing_was_rejected_no_part_is_the_worst(parts: list[tuple[str, Counts]]) -> None:
    assert journal.worst_part(parts) is None
