"""What runs have said, read back and added up."""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import journal, log, past_runs
from faceprep.errors import StorageError
from faceprep.past_runs import Run, refuse_running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NINE = 1_000_000_000.0  # a moment, in seconds since the epoch

RUN = Run(
    stage="extract",
    host="node-7",
    pid=4711,
    task="3/16",
    workers=4,
    cores=2,
    unit="images",
    total=1000,
    before=100,
    done=600,
    files=8,
    begun=NINE,
    seen=NINE + 60,
    rate=12.5,
    numbers={"faces": 590, "no_face": 10},
    failures=1,
    failed=("part-1: ended its worker",),
    command="faceprep extract",
    cwd="/data/proj",
    job={"host": "node-7", "pid": 4711},
)


def write(folder: Path, *runs: Run) -> None:
    (folder / ".runs").mkdir(exist_ok=True)
    for number, run in enumerate(runs):
        path = folder / ".runs" / f"{number}.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(run.as_json()))
        os.utime(new, (run.seen, run.seen))
        new.replace(path)


def at(begun: float, seconds: float, **changes: Any) -> Run:
    end = NINE + begun + seconds
    given = {"begun": NINE + begun, "seen": end, "ended": end, "state": "done", **changes}
    return replace(RUN, **given)


def test_what_a_run_says_comes_back_whole() -> None:
    back = past_runs.parse(json.dumps(RUN.as_json()).encode())
    assert replace(back, failed=tuple(back.failed)) == RUN
    assert (back.seconds, back.left) == (60, 300)


def test_what_a_run_of_an_older_version_says_is_without_its_working_folder() -> None:
    older = {name: value for name, value in RUN.as_json().items() if name != "cwd"}
    assert past_runs.parse(json.dumps(older).encode()).cwd is None


@pytest.mark.parametrize(("silence", "state"), [(59, "running"), (61, "gone")])
def test_a_run_that_is_silent_for_a_minute_is_gone(silence: float, state: str) -> None:
    assert RUN.now(NINE, NINE + silence).state == state


def test_a_run_that_has_said_how_it_ended_is_not_gone() -> None:
    assert at(0, 10).now(NINE, NINE + 1e6).state == "done"


def test_runs_come_in_the_order_of_their_beginning(tmp_path: Path) -> None:
    write(tmp_path, at(20, 5, host="late"), at(0, 5, host="early"))
    assert [run.host for run in past_runs.read(str(tmp_path))] == ["early", "late"]


def test_in_a_folder_without_runs_there_are_none(tmp_path: Path) -> None:
    assert past_runs.read(str(tmp_path)) == []
    assert past_runs.read(str(tmp_path / "nowhere")) == []


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"{}", b"\xff", json.dumps({**RUN.as_json(), "begun": "soon"}).encode()]
    + [json.dumps({**RUN.as_json(), n: "x"}).encode() for n in ("done", "numbers", "rate", "task")]
    + [json.dumps({**RUN.as_json(), n: 5}).encode() for n in ("host", "state", "command", "cwd")]
    + [json.dumps({**RUN.as_json(), "command": "faceprep 'extract"}).encode()],
)
def test_what_is_not_readable_is_left_out_with_a_warning(
    tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, at(0, 5), at(10, 5))
    (tmp_path / ".runs" / "1.json").write_bytes(damage)
    log.start("text", quiet=True)
    assert len(past_runs.read(str(tmp_path))) == 1
    assert "1.json: not readable" in capsys.readouterr().err


def test_totals_add_up_runs_one_after_another(tmp_path: Path) -> None:
    write(tmp_path, at(0, 10, done=100, state="stopped"), at(90, 10, done=300))
    found = past_runs.totals(str(tmp_path))
    expected = {
        "runs": 2,
        "states": {"done": 1, "stopped": 1},
        "unit": "images",
        "processed": 400,
        "failures": 2,
        "begun": "2001-09-09T01:46:40.000+00:00",
        "ended": "2001-09-09T01:48:20.000+00:00",
        "wall_seconds": 100.0,
        "busy_seconds": 20.0,
        "seconds": 20.0,
        "core_seconds": 40.0,
        "workers": 4,
        "per_second": 20.0,
        "per_core_second": 10.0,
    }
    assert found == expected
    json.dumps(found)


def test_totals_add_up_runs_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, *(at(start, 10, done=100) for start in (0, 5, 10)))
    found = past_runs.totals(str(tmp_path))
    assert (found["busy_seconds"], found["seconds"], found["workers"]) == (20.0, 30.0, 8)
    assert (found["per_second"], found["per_core_second"]) == (15.0, 5.0)


def test_totals_leave_out_runs_that_did_nothing_and_those_of_others(tmp_path: Path) -> None:
    write(tmp_path, at(0, 10, done=0), at(5, 10, stage="select"))
    assert past_runs.totals(str(tmp_path), "extract") == {}
    assert past_runs.totals(str(tmp_path))["runs"] == 1


def test_a_run_that_is_gone_counts_until_it_was_last_heard_of(tmp_path: Path) -> None:
    write(tmp_path, replace(RUN, state="running"))
    found = past_runs.totals(str(tmp_path))
    assert (found["states"], found["busy_seconds"]) == ({"gone": 1}, 60.0)


def later(folder: Path, *runs: Run) -> threading.Timer:
    """Write their files, and mend them, shortly after."""
    timer = threading.Timer(0.1, write, (folder, *runs))
    timer.start()
    return timer


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_runs, "_LISTENING", 0.4)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("running", [1, 2])
def test_a_run_of_another_machine_that_lives_is_not_cleared_away_whatever_the_clocks_say(
    tmp_path: Path, running: int
) -> None:
    silent = [RUN] * running  # for years, by the clock of this machine and that of the storage
    write(tmp_path, *silent)
    assert past_runs.read(str(tmp_path))[0].state == "gone"
    word = later(tmp_path, *silent[1:], replace(RUN, seen=RUN.seen + 15))
    with pytest.raises(
        StorageError, match=r"another run is at work in it \(node-7, process 4711\)"
    ):
        refuse_running(str(tmp_path))
    word.join()


@pytest.mark.usefixtures("listening")
def test_a_run_that_begins_while_others_are_listened_to_is_not_cleared_away(tmp_path: Path) -> None:
    write(tmp_path, RUN)
    word = later(tmp_path, RUN, replace(RUN, pid=4712))
    with pytest.raises(StorageError, match="process 4712"):
        refuse_running(str(tmp_path))
    word.join()


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("end", [None, at(0, 60, state="done"), at(0, 60, state="failed")])
def test_a_run_that_is_silent_or_ends_meanwhile_is_not_in_the_way(
    tmp_path: Path, end: Run | None, capsys: pytest.CaptureFixture[str]
) -> None:
    log.start("text", quiet=False)
    write(tmp_path, replace(RUN, seen=RUN.seen + 1e10))  # of a clock that is ahead by centuries
    word = later(tmp_path, end) if end else None
    refuse_running(str(tmp_path))
    if word:
        word.join()
    (line,) = capsys.readouterr().err.splitlines()
    assert "1 of its runs have not said that they ended (node-7, process 4711); waiting" in line


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: folder,
        lambda folder: write(folder, at(0, 5), at(0, 5, state="stopped")),
        lambda folder: write(folder, replace(RUN, host=socket.gethostname())),  # its lock tells
        lambda folder: (folder / ".runs").write_text("in the way"),
    ],
)
def test_where_no_run_says_it_is_at_work_elsewhere_nobody_waits(
    tmp_path: Path, make: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_runs, "_LISTENING", -1.0)  # which nobody can sleep
    make(tmp_path)
    refuse_running(str(tmp_path))


def test_where_it_cannot_be_seen_whether_runs_are_at_work_nothing_is_cleared(
    tmp_path: Path,
) -> None:
    (tmp_path / ".runs").symlink_to(".runs")
    with pytest.raises(StorageError, match="nobody knows whether a run is at work there"):
        refuse_running(str(tmp_path))


def test_one_that_lives_is_listened_to_long_enough_to_hear_of_it() -> None:
    assert past_runs._LISTENING > journal._SECONDS_BETWEEN + 3
