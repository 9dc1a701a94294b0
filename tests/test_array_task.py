"""Array tasks: from the command line, and from the environment of each system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.array_task import ArrayTask, parse_task, task_of_environment
from faceprep.errors import UsageError

COUNTED = [
    ("BATCH_TASK_INDEX", "BATCH_TASK_COUNT"),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
    ("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"),
    ("JOB_COMPLETION_INDEX", "FACEPREP_TASK_COUNT"),
]


def slurm(number: int, indices: range) -> dict[str, str]:
    """What SLURM sets in a task of `sbatch --array`."""
    return {
        "SLURM_ARRAY_TASK_ID": str(number),
        "SLURM_ARRAY_TASK_COUNT": str(len(indices)),
        "SLURM_ARRAY_TASK_MIN": str(indices[0]),
        "SLURM_ARRAY_TASK_MAX": str(indices[-1]),
        "SLURM_ARRAY_TASK_STEP": str(indices.step),
    }


@given(st.integers(1, 2000), st.data())
def test_a_task_is_read_as_it_is_written(count: int, data: st.DataObject) -> None:
    task = ArrayTask(data.draw(st.integers(0, count - 1)), count)
    assert parse_task(str(task)) == task


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_every_part_is_taken_by_exactly_one_task(count: int, number: int) -> None:
    assert sum(ArrayTask(index, count).takes(number) for index in range(count)) == 1


@pytest.mark.parametrize(
    "text",
    ["", "3", "/", "3/", "/16", "3-16", "3/16/2", "-1/16", "+3/16", "3 / 16", "3/16\n", "a/b"]
    + ["3.0/16", "0x3/16", "\u0663/16", f"1/{'9' * 5000}"],
)
def test_a_malformed_task_is_quoted_with_its_form(text: str) -> None:
    with pytest.raises(UsageError, match="write INDEX/COUNT, from 0/16 to 15/16"):
        parse_task(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("16/16", "--task is 16/16; the index goes from 0 to 15"),
        ("1/1", "--task is 1/1; the index goes from 0 to 0"),
        ("0/0", "--task is 0/0; there must be at least one task"),
    ],
)
def test_a_task_beyond_the_last_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_task(text)
    assert str(caught.value) == words


def test_outside_of_an_array_job_there_is_no_task() -> None:
    assert (
        task_of_environment({"PATH": "/bin", "SLURM_JOB_ID": "7", "AWS_BATCH_JOB_ID": "x"}) is None
    )
    assert task_of_environment({"SLURM_ARRAY_TASK_ID": "", "BATCH_TASK_INDEX": ""}) is None
    assert task_of_environment({"FACEPREP_TASK_COUNT": "1"}) is None


@pytest.mark.parametrize(("index", "count"), COUNTED)
def test_each_system_tells_index_and_count(index: str, count: str) -> None:
    tasks = [task_of_environment({index: str(number), count: "16"}) for number in range(16)]
    assert tasks == [ArrayTask(number, 16) for number in range(16)]
    assert task_of_environment({index: "0", count: "1"}) == ArrayTask(0, 1)


@pytest.mark.parametrize(
    "indices",
    [range(16), range(1, 17), range(0, 31, 2), range(1, 8, 3), range(1), range(2), range(1, 3)],
    ids=str,
)
def test_slurm_may_count_from_one_and_in_steps(indices: range) -> None:
    tasks = [task_of_environment(slurm(number, indices)) for number in indices]
    assert tasks == [ArrayTask(number, len(indices)) for number in range(len(indices))]


@pytest.mark.parametrize("number", [0, 7, 15])
def test_some_tasks_of_a_slurm_array_can_be_done_again(number: int) -> None:
    again = slurm(number, range(number, number + 1)) | {"FACEPREP_TASK_COUNT": "16"}
    assert task_of_environment(again) == ArrayTask(number, 16)


def test_slurm_hands_on_the_variables_of_where_it_was_submitted() -> None:
    left_over = {"BATCH_TASK_INDEX": "0", "BATCH_TASK_COUNT": "1"}
    assert task_of_environment(left_over | slurm(3, range(16))) == ArrayTask(3, 16)


def test_the_first_system_in_the_documented_order_counts() -> None:
    given: dict[str, str] = {}
    for number, (index, count) in reversed(list(enumerate(COUNTED))):
        given |= {index: str(number), count: "16"}
        assert task_of_environment(given) == ArrayTask(number, 16)


SLURM_OF_ONE = slurm(7, range(7, 8))
WRONG = [
    ({"BATCH_TASK_INDEX": "3"}, "BATCH_TASK_INDEX is 3, but BATCH_TASK_COUNT is not set"),
    ({"AWS_BATCH_JOB_ARRAY_INDEX": "3"}, "AWS_BATCH_JOB_ARRAY_SIZE is not set"),
    ({"CLOUD_RUN_TASK_INDEX": "3"}, "CLOUD_RUN_TASK_COUNT is not set"),
    ({"JOB_COMPLETION_INDEX": "3"}, "set FACEPREP_TASK_COUNT to the number of tasks"),
    ({"SLURM_ARRAY_TASK_ID": "3"}, "SLURM_ARRAY_TASK_COUNT is not set"),
    ({"BATCH_TASK_INDEX": "16", "BATCH_TASK_COUNT": "16"}, "goes from 0 to 15"),
    ({"BATCH_TASK_INDEX": "-1", "BATCH_TASK_COUNT": "16"}, "BATCH_TASK_INDEX is '-1', no number"),
    ({"BATCH_TASK_INDEX": "0", "BATCH_TASK_COUNT": "0"}, "at least one task"),
    ({"BATCH_TASK_INDEX": "0", "BATCH_TASK_COUNT": "many"}, "BATCH_TASK_COUNT is 'many'"),
    (
        {"BATCH_TASK_INDEX": "0", "BATCH_TASK_COUNT": "16", "FACEPREP_TASK_COUNT": "32"},
        "FACEPREP_TASK_COUNT is 32, but BATCH_TASK_COUNT is 16",
    ),
    ({"JOB_COMPLETION_INDEX": "3", "FACEPREP_TASK_COUNT": "3"}, "goes from 0 to 2"),
    ({"FACEPREP_TASK_COUNT": "16"}, "nothing says which task this is"),
    (SLURM_OF_ONE, "SLURM_ARRAY_TASK_ID is 7 of 1 from 7 to 7: no whole array"),
    (slurm(4, range(3, 6)), "no whole array"),
    (slurm(0, range(16)) | {"SLURM_ARRAY_TASK_COUNT": "7"}, "no whole array"),
    (slurm(3, range(0, 8, 2)), "no whole array"),
    (slurm(0, range(1, 17)), "no whole array"),
    (slurm(17, range(1, 17)), "goes from 0 to 15"),
    (SLURM_OF_ONE | {"FACEPREP_TASK_COUNT": "7"}, "goes from 0 to 6"),
    (slurm(1, range(1, 17)) | {"FACEPREP_TASK_COUNT": "16"}, "SLURM_ARRAY_TASK_MAX is 16"),
]


@pytest.mark.parametrize(("environment", "words"), WRONG, ids=lambda value: str(value)[:60])
def test_what_makes_no_task_is_refused_with_the_variable(
    environment: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        task_of_environment(environment)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.dictionaries(
        st.sampled_from([*[name for pair in COUNTED for name in pair], *SLURM_OF_ONE]),
        st.integers(-1, 20).map(str) | st.sampled_from(["", "x", "1 ", "9" * 5000]),
    )
)
def test_any_environment_gives_a_task_none_or_a_usage_error(environment: dict[str, str]) -> None:
    try:
        task = task_of_environment(environment)
    except UsageError:
        return
    assert task is None or 0 <= task.index < task.count
