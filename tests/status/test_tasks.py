"""How far the tasks of an array are, of runs that are made up."""

from __future__ import annotations

from faceprep.status.tasks import Task, tasks_of
from tests.test_past_runs import at


def test_parts_are_their_tasks_by_their_number() -> None:
    runs = (at(0, 1, task="1/3", state="failed"), at(5, 1, task="1/3"), at(9, 1, task="2/3"))
    assert tasks_of(3, 6, [0, 3, 5], runs) == (
        Task("0/3", "not begun", 2),
        Task("1/3", "done", 0),
        Task("2/3", "done", 1),
    )


def test_tasks_without_a_part_are_left_out_however_many_there_are() -> None:
    found = tasks_of(900_000_000, 2, [1], (at(0, 1, task="0/900000000"),))
    assert found == (Task("0/900000000", "done", 0), Task("1/900000000", "not begun", 1))
    assert (found[1].index, found[1].array) == ("1", "900000000")


def test_a_task_that_is_at_work_twice_is_at_work_until_both_have_ended() -> None:
    runs = (at(0, 1, task="0/1", state="running"), at(5, 1, task="0/1", state="gone"))
    assert tasks_of(1, 1, [0], runs) == (Task("0/1", "running", 1),)
