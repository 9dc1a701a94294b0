"""The log: lines for people, objects for machines."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import log

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("faceprep")


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    before = (LOGGER.handlers, LOGGER.propagate, LOGGER.level)
    yield
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
    [(logging.INFO, "INFO"), (logging.WARNING, "WARNING"), (logging.ERROR, "ERROR")],
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
