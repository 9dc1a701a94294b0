"""Which task of an array job this process is: told with `--task`, or by the system that runs it.

    system          index                       count
    SLURM           SLURM_ARRAY_TASK_ID         SLURM_ARRAY_TASK_COUNT, with _MIN, _MAX and _STEP
    GCP Batch       BATCH_TASK_INDEX            BATCH_TASK_COUNT
    AWS Batch       AWS_BATCH_JOB_ARRAY_INDEX   AWS_BATCH_JOB_ARRAY_SIZE
    Cloud Run jobs  CLOUD_RUN_TASK_INDEX        CLOUD_RUN_TASK_COUNT
    Kubernetes      JOB_COMPLETION_INDEX        FACEPREP_TASK_COUNT, which the manifest has to set

The first system in this order whose index is set is the one: SLURM alone hands on the variables of
the machine that a job was submitted from, so where it speaks, the others' are left over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

TASK_COUNT = "FACEPREP_TASK_COUNT"
"""How many tasks there are, where the system does not tell: the same for all of them."""

_SLURM = "SLURM_ARRAY_TASK"
_KUBERNETES = "JOB_COMPLETION_INDEX"
_COUNTED = {
    "BATCH_TASK_INDEX": "BATCH_TASK_COUNT",
    "AWS_BATCH_JOB_ARRAY_INDEX": "AWS_BATCH_JOB_ARRAY_SIZE",
    "CLOUD_RUN_TASK_INDEX": "CLOUD_RUN_TASK_COUNT",
}
"""The index variable of each system that also tells the count, and that one's variable."""

_NUMBER = re.compile(r"[0-9]{1,9}")
_TASK = re.compile(rf"({_NUMBER.pattern})/({_NUMBER.pattern})")


@dataclass(frozen=True)
class ArrayTask:
    """One of several processes that share the parts of a folder between them, unknown to each other.

    Attributes:
        index: which of them, from 0 to count - 1.
        count: how many there are.
    """

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def takes(self, number: int) -> bool:
        """Whether a part is this task's, by its number."""
        return number % self.count == self.index


def parse_task(text: str) -> ArrayTask:
    """Read a task as it is written on the command line, for instance `3/16`.

    Raises:
        UsageError: not of this form, or no such index.
    """
    found = _TASK.fullmatch(text)
    if not found:
        raise UsageError(f"--task is '{text}'; write INDEX/COUNT, from 0/16 to 15/16 for sixteen")
    return _task(int(found[1]), int(found[2]), f"--task is {text}")


def task_of_environment(environment: Mapping[str, str]) -> ArrayTask | None:
    """Find out from the environment which task of an array job this is; None outside of one.

    Raises:
        UsageError: an index without a count, either of them no number, or an index out of range.
    """
    given = {name: value for name, value in environment.items() if value}
    if f"{_SLURM}_ID" in given:
        return _slurm_task(given)
    for index, count in _COUNTED.items():
        if index in given:
            return _counted_task(given, index, count)
    if _KUBERNETES in given:
        return _task_of(given, _KUBERNETES, TASK_COUNT)
    if TASK_COUNT in given and _number(given, TASK_COUNT) != 1:
        raise UsageError(
            f"{TASK_COUNT} is {given[TASK_COUNT]}, but nothing says which task this is; "
            "make the job an indexed or array job, or give --task INDEX/COUNT"
        )
    return None


def _counted_task(given: Mapping[str, str], index: str, count: str) -> ArrayTask:
    if TASK_COUNT in given and _number(given, TASK_COUNT) != _number(given, count):
        raise UsageError(
            f"{TASK_COUNT} is {given[TASK_COUNT]}, but {count} is {given[count]}; unset the first"
        )
    return _task_of(given, index, count)


def _slurm_task(given: Mapping[str, str]) -> ArrayTask:
    """A task of `sbatch --array`, whose indices may begin at 1 or go in steps.

    SLURM counts the tasks of one submission. Where only some tasks of an array are submitted again,
    it does not know of the others, and `FACEPREP_TASK_COUNT` has to tell.
    """
    if TASK_COUNT in given:
        # Refused in every task of an array that counts from 1, not in its last one alone.
        highest = f"{_SLURM}_MAX" if f"{_SLURM}_MAX" in given else f"{_SLURM}_ID"
        _task_of(given, highest, TASK_COUNT)
        return _task_of(given, f"{_SLURM}_ID", TASK_COUNT)
    number, count = _number(given, f"{_SLURM}_ID"), _number(given, f"{_SLURM}_COUNT")
    first, last = _number(given, f"{_SLURM}_MIN"), _number(given, f"{_SLURM}_MAX")
    step = max(1, _number(given, f"{_SLURM}_STEP")) if f"{_SLURM}_STEP" in given else 1
    index, rest = divmod(number - first, step)
    whole = last == first + step * (count - 1) and first <= min(1, count - 1)
    if not whole or rest or number < first:
        raise UsageError(
            f"{_SLURM}_ID is {number} of {count} from {first} to {last}: no whole array; "
            f"submit --array=0-15, or set {TASK_COUNT} to do some tasks of an array again"
        )
    return _task(index, count, f"{_SLURM}_ID is {number}, of {count} from {first} to {last}")


def _task_of(given: Mapping[str, str], index: str, count: str) -> ArrayTask:
    number = _number(given, index)
    if count not in given:
        raise UsageError(
            f"{index} is {number}, but {count} is not set; "
            f"set {TASK_COUNT} to the number of tasks, or give --task INDEX/COUNT"
        )
    return _task(
        number, _number(given, count), f"{index} is {given[index]} and {count} {given[count]}"
    )


def _number(given: Mapping[str, str], name: str) -> int:
    if name not in given:
        raise UsageError(f"{name} is not set; set it, or give --task INDEX/COUNT")
    if not _NUMBER.fullmatch(given[name]):
        raise UsageError(f"{name} is '{given[name]}', no number; correct it, or give --task")
    return int(given[name])


def _task(index: int, count: int, said: str) -> ArrayTask:
    """A task, if there is such a one; what was said begins the line where there is not."""
    if not count:
        raise UsageError(f"{said}; there must be at least one task")
    if index >= count:
        raise UsageError(f"{said}; the index goes from 0 to {count - 1}")
    return ArrayTask(index, count)
