"""What status says, in lines and as an object, of runs that are made up."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from typing import Any

import pytest

from faceprep.status.report import FolderStatus, Next, Status
from faceprep.status.tasks import Task
from tests.test_past_runs import RUN, at

RUNNING = dataclasses.replace(RUN, begun=time.time() - 600, seen=time.time() - 4)


def folder(**changes: Any) -> FolderStatus:
    given = {"finished": False, "files": 120, "planned": 304, "done": 245_760, "total": 621_126}
    named = {"path": "faces", "what": "faces", "stage": "extract", "unit": "images"}
    return FolderStatus(**{**named, **given, **changes})


def rows(found: FolderStatus) -> dict[str, str]:
    """Name to words of each line below the first."""
    return {line[2:13].strip(): line[14:] for line in list(found.lines())[1:]}


def test_the_first_line_says_what_it_is_and_how_it_stands() -> None:
    assert next(folder().lines()) == "faces: faces, unfinished"
    assert next(folder(runs=(RUNNING,)).lines()) == "faces: faces, running"
    assert next(folder(finished=True).lines()) == "faces: faces, finished"
    assert next(folder(forgetting=True).lines()) == "faces: faces, people are being forgotten"


def test_parts_and_images_are_told_of_all() -> None:
    found = rows(folder())
    assert found["parts"] == "120 of 304 finished, 184 missing"
    assert found["images"] == "245,760 of 621,126 (39.6%)"


def test_what_nothing_tells_is_left_out() -> None:
    found = rows(folder(stage="shard", unit="records", planned=None, total=None, done=0))
    assert (found["shards"], found["records"]) == ("120 finished", "0")
    assert "now" not in found


def test_all_parts_without_the_manifest_s_counts_is_not_yet_all() -> None:
    assert rows(folder(files=304))["parts"] == "304 of 304 finished, not yet summed up"


def test_the_time_left_is_that_of_all_runs_at_work_together() -> None:
    two = tuple(dataclasses.replace(RUNNING, rate=rate) for rate in (300.0, 200.0))
    found = folder(runs=(*two, at(0, 10, rate=999.0)))
    assert (found.rate, found.seconds_left) == (500.0, 751)
    assert rows(found)["now"] == "500.0 images/s, 0:12:31 left"


@pytest.mark.parametrize("changes", [{"total": None}, {"runs": ()}, {"runs": (at(0, 9),)}])
def test_without_a_rate_or_a_total_no_time_is_told(changes: dict[str, Any]) -> None:
    assert folder(**{"runs": (RUNNING,), **changes}).seconds_left is None


def test_a_run_is_told_with_its_place_its_share_and_its_last_sign_of_life() -> None:
    words = rows(folder(runs=(RUNNING,)))["run 3/16"]
    assert words.startswith(
        "running on node-7 (pid 4711, 4 workers), 700 of 1,000 images, 12.5/s, "
    )
    assert re.search(r", heard of \d:\d\d:\d\d ago, ", words)
    assert words.endswith(" ago, 1 failure on the way")


def test_a_run_that_failed_says_of_what() -> None:
    failed = at(0, 9, task=None, state="failed", error="faces: no space left", failures=0)
    assert rows(folder(runs=(failed,)))["run"].endswith(" ago: faces: no space left")
    assert ", ended " in rows(folder(runs=(failed,)))["run"]


def test_of_many_runs_that_have_ended_the_last_are_told_and_all_at_work() -> None:
    ended = [at(n, 1, task=f"{n}/40") for n in range(20)]
    at_work = [dataclasses.replace(RUNNING, task=f"{n}/40") for n in range(20, 40)]
    found = rows(folder(runs=(*ended, *at_work)))
    assert found["runs"] == "12 earlier ones"
    assert {f"run {n}/40" for n in range(12, 40)} <= found.keys()
    assert "run 11/40" not in found


def test_counts_of_some_images_say_so() -> None:
    lines = list(folder(counts={"no_face": 9, "faces": 991}, counted=1000).lines())
    assert lines[3:6] == [
        "  faces       991",
        "  no_face     9",
        "              (of 1,000 that runs have told of; --counts looks at all)",
    ]
    whole = folder(counts={"faces": 245_760}, counted=245_760).lines()
    assert not any("--counts" in line for line in whole)


def test_tasks_that_have_parts_to_do_are_named_unless_they_are_at_work() -> None:
    tasks = (Task("0/4", "done", 0), Task("1/4", "running", 5), Task("2/4", "gone", 3))
    found = rows(folder(tasks=(*tasks, Task("3/4", "not begun", 4))))
    assert found["tasks"] == "2 of 4 to do: 2 (gone), 3 (not begun)"


def test_runs_that_choose_targets_are_told_with_the_rest() -> None:
    chooser = dataclasses.replace(RUNNING, stage="select", task=None, unit="faces")
    found = folder(finished=True, targets="being chosen", selecting=(chooser,))
    assert rows(found)["targets"] == "being chosen"
    assert rows(found)["select"].startswith("running on node-7 (pid 4711, 4 workers), 700 of 1,000")
    *_, last = Status((found,), None).as_lines()
    assert last == "nothing to do but wait: 1 run is at work"
    assert Status((found,), None).as_json()["running"] == 1


def test_nothing_that_was_read_moves_the_cursor() -> None:
    bad = folder(path="a\x1b[2Jb\n", runs=(at(0, 9, host="x\x1b]0;y\x07"),))
    for line in Status((bad,), Next("faceprep select 'a\x1b'", "h\x1b")).as_lines():
        assert line.isprintable()


def test_the_object_has_all_of_it() -> None:
    found = Status((folder(runs=(RUNNING,)), folder(finished=True)), None).as_json()
    assert (found["finished"], found["running"], found["next"]) == (False, 1, None)
    assert found["folders"][0]["files"] == {"done": 120, "planned": 304, "missing": 184}
    assert (found["next_host"], found["to_start"]) == (None, [])
    assert found["folders"][0]["runs"][0]["task"] == "3/16"
    json.dumps(found)


def test_while_runs_are_at_work_there_is_nothing_to_do_but_wait() -> None:
    *_, last = Status((folder(runs=(RUNNING, RUNNING)),), None).as_lines()
    assert last == "nothing to do but wait: 2 runs are at work"


def test_the_last_line_is_the_command_and_where_to_give_it() -> None:
    def last(step: Next) -> str:
        return list(Status((folder(),), step).as_lines())[-1]

    assert last(Next("faceprep extract raw")) == "next: faceprep extract raw"
    assert last(Next("cd /d && faceprep x", "node-7")) == "next, on node-7: cd /d && faceprep x"


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["gone"], "start task 1 of 2,"),
        (["stopped", "failed", "not begun"], "start tasks 1, 2, 3 of 4,"),
        (["gone"] * 20, "start tasks 1, 2, 3, 4, 5, 6, 7, 8, … of 21,"),
    ],
)
def test_what_the_runs_at_work_leave_undone_is_to_be_started(states: list[str], words: str) -> None:
    count = len(states) + 1
    others = tuple(Task(f"{n}/{count}", state, 2) for n, state in enumerate(states, 1))
    found = Status(
        (folder(runs=(RUNNING,), tasks=(Task(f"0/{count}", "running", 5), *others)),), None
    )
    *_, last = found.as_lines()
    assert last.startswith(f"next: {words} which nobody is at work on")
    assert last.endswith("; 1 run is at work")
    assert found.as_json()["to_start"] == [task.task for task in others]
