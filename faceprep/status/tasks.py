"""How far the tasks of an array job are, each of which has its share of the parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.past_runs import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faceprep.past_runs import Run


@dataclass(frozen=True)
class Task:
    """One task of an array job, as far as its share of the parts is concerned.

    Attributes:
        task: for instance `3/16`.
        state: of the last run with it; `not begun` where there was none.
        missing: how many of its parts are not there.
    """

    task: str
    state: str
    missing: int

    @property
    def index(self) -> str:
        """Which it is, from 0."""
        return self.task.partition("/")[0]

    @property
    def array(self) -> str:
        """Of how many."""
        return self.task.partition("/")[2]


def tasks_of(
    array: int, planned: int, missing: Iterable[int], runs: Iterable[Run]
) -> tuple[Task, ...]:
    """How far each task of an array is; those beyond the number of parts have none, and are left out.

    Args:
        array: how many tasks it has.
        planned: how many parts there are.
        missing: those that are not there, by their place among all.
        runs: in the order of their beginning.
    """
    left = [0] * min(array, planned)
    for place in missing:
        left[place % array] += 1
    in_order = sorted(runs, key=lambda run: run.state == RUNNING)  # one at work speaks for its task
    states = {run.task: run.state for run in in_order}
    names = [f"{index}/{array}" for index in range(len(left))]
    return tuple(
        Task(name, states.get(name, "not begun"), missing)
        for name, missing in zip(names, left, strict=True)
    )
