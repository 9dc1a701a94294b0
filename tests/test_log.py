"""The log: lines for people, objects for machines."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import log
from faceprep.array_task import ArrayTask

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOGGER = logging.getLogger("faceprep")


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    before = (LOGGER.handlers, LOGGER.propagate, LOGGER.level)
    described = dict(log._described)  # by commands that other tests have run in this process
    log._described.clear()
    yield
    log._described.clear()
    log._described.update(described)
    LOGGER.handlers, LOGGER.propagate = before[:2]
    LOGGER.setLevel(before[2])


def record(message: str, level: int = logging.INFO, **attributes: Any) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"msg": message, "levelno": level, "levelname": logging.getLevelName(level), **attributes}
    )


def as_object(entry: logging.LogRecord) -> dict[str, Any]:
    line = log.JsonFormatter().format(entry)
    assert "\n" not in line
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def failure() -> Any:
    try:
        int("seven")
    except ValueError:
        return sys.exc_info()
    raise AssertionError


@given(st.text())
def test_any_message_is_one_line_of_json_and_comes_back_whole(message: str) -> None:
    assert as_object(record(message))["message"] == message


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (logging.DEBUG, "DEBUG"),
        (logging.INFO, "INFO"),
        (logging.WARNING, "WARNING"),
        (logging.ERROR, "ERROR"),
        (logging.CRITICAL, "CRITICAL"),
        (25, "DEFAULT"),
    ],
)
def test_the_severity_is_spelt_as_cloud_logging_takes_it(level: int, severity: str) -> None:
    assert as_object(record("x", level))["severity"] == severity


def test_the_time_is_that_of_the_record_with_its_zone() -> None:
    time = datetime.fromisoformat(as_object(record("x", created=1e9))["time"])
    assert time == datetime(2001, 9, 9, 1, 46, 40, tzinfo=timezone.utc)
    assert time.utcoffset() == timedelta(0)


def test_fields_stand_beside_the_message() -> None:
    entry = as_object(record("going on", fields={"done": 3, "faces": 2}))
    assert (entry["message"], entry["done"], entry["faces"]) == ("going on", 3, 2)


def test_the_job_stands_in_every_line_and_no_field_hides_it() -> None:
    entry = as_object(record("x", fields={"job": "another"}))
    assert entry["job"] == {"host": socket.gethostname(), "pid": os.getpid(), **ids()}


def ids() -> dict[str, str]:
    """Of the batch system that these tests may run on."""
    return {name.lower(): os.environ[name] for name in log.IDS if os.environ.get(name)}


def test_a_line_says_of_which_command_and_task_it_is() -> None:
    log.describe(command="shard pairs", task=ArrayTask(3, 16))
    log.describe(task=None)  # known no better later
    job = as_object(record("x"))["job"]
    assert (job["command"], job["task"]) == ("shard pairs", "3/16")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            {"BATCH_JOB_UID": "j-1", "BATCH_TASK_INDEX": "0"},
            {"batch_job_uid": "j-1", "batch_task_index": "0"},
        ),
        (
            {"AWS_BATCH_JOB_ID": "a:3", "AWS_BATCH_JOB_ATTEMPT": "2"},
            {"aws_batch_job_id": "a:3", "aws_batch_job_attempt": "2"},
        ),
        ({"JOB_COMPLETION_INDEX": "7"}, {"job_completion_index": "7"}),
        (
            {
                "CLOUD_RUN_JOB": "faces",
                "CLOUD_RUN_EXECUTION": "faces-x",
                "CLOUD_RUN_TASK_ATTEMPT": "0",
            },
            {
                "cloud_run_job": "faces",
                "cloud_run_execution": "faces-x",
                "cloud_run_task_attempt": "0",
            },
        ),
        (
            {"SLURM_ARRAY_JOB_ID": "81", "SLURM_ARRAY_TASK_ID": "4", "SLURM_JOB_ID": "85"},
            {"slurm_array_job_id": "81", "slurm_array_task_id": "4", "slurm_job_id": "85"},
        ),
        ({"BATCH_JOB_UID": "", "AWS_SECRET_ACCESS_KEY": "x"}, {}),
    ],
)
def test_the_batch_system_s_ids_are_among_the_coordinates(
    environment: dict[str, str], expected: dict[str, str]
) -> None:
    found = log.coordinates(environment)
    assert {name: found[name] for name in found if name not in ("host", "pid")} == expected


def test_a_command_s_own_lines_have_them(
    faceprep: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    environment = {**os.environ, "BATCH_JOB_UID": "j-1", "BATCH_TASK_INDEX": "3"}
    run = faceprep("status", tmp_path / "no", "--log-format", "json", env=environment)
    (entry,) = map(json.loads, run.stderr.splitlines())
    assert (run.returncode, entry["severity"]) == (3, "ERROR")
    job = entry["job"]
    assert (job["command"], job["batch_job_uid"], job["batch_task_index"]) == ("status", "j-1", "3")


def test_a_failure_carries_its_traceback_in_the_object() -> None:
    entry = as_object(record("no", logging.ERROR, exc_info=failure()))
    assert entry["traceback"].endswith("base 10: 'seven'")


def test_without_a_failure_there_is_no_traceback() -> None:
    assert "traceback" not in as_object(record("fine"))


@pytest.mark.parametrize(
    ("level", "line"),
    [(logging.WARNING, "faceprep: warning: low"), (logging.ERROR, "faceprep: error: low")],
)
def test_warnings_and_errors_say_who_speaks(level: int, line: str) -> None:
    assert log.TextFormatter().format(record("low", level)) == line


def test_other_lines_begin_with_the_time_of_day() -> None:
    assert re.fullmatch(r"\d\d:\d\d:\d\d going on", log.TextFormatter().format(record("going on")))


def test_a_failure_shows_its_traceback_below_the_line() -> None:
    text = log.TextFormatter().format(record("no", logging.ERROR, exc_info=failure()))
    first, *_, last = text.splitlines()
    assert first == "faceprep: error: no"
    assert last.startswith("ValueError: ")


def test_a_started_log_writes_to_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    log.start("text", quiet=False)
    LOGGER.info("here")
    captured = capsys.readouterr()
    assert captured.err.endswith("here\n")
    assert captured.out == ""


def test_a_started_json_log_writes_objects(capsys: pytest.CaptureFixture[str]) -> None:
    log.start("json", quiet=False)
    LOGGER.info("here")
    LOGGER.warning("there")
    messages = [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()]
    assert messages == ["here", "there"]


def test_a_quiet_log_keeps_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    log.start("text", quiet=True)
    LOGGER.info("going on")
    LOGGER.warning("careful")
    assert capsys.readouterr().err == "faceprep: warning: careful\n"


def test_starting_again_does_not_say_everything_twice(capsys: pytest.CaptureFixture[str]) -> None:
    log.start("text", quiet=False)
    log.start("text", quiet=False)
    LOGGER.warning("once")
    assert capsys.readouterr().err.count("once") == 1
