"""Progress: when it speaks, and what it counts. The clock is ours; nothing waits."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from faceprep import progress
from faceprep.log import LOG, JsonFormatter, TextFormatter
from faceprep.progress import Progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the log says, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    monkeypatch.setattr(LOG, "handlers", [handler])
    monkeypatch.setattr(LOG, "propagate", False)
    monkeypatch.setattr(LOG, "level", logging.INFO)
    LOG.manager._clear_cache()  # type: ignore[attr-defined]
    return stream


def entries(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_lines_come_also_while_nothing_is_finished(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.02)
    with Progress(1000, bar=False):
        deadline = time.monotonic() + 10
        while len(entries(lines)) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    first = entries(lines)[0]
    assert first["message"] == "0 of 1,000 images, 0.0/s, unknown time left"
    assert first["seconds_left"] is None


def test_no_line_comes_before_the_interval_is_over(lines: io.StringIO) -> None:
    with Progress(1000, bar=False) as counted:
        counted.advance(10)
    assert entries(lines) == []


def test_a_line_gives_its_numbers_as_fields(clock: Clock, lines: io.StringIO) -> None:
    with Progress(1000, bar=False) as counted:
        clock.now += 40
        counted.advance(200, faces=190, rejects=10)
        counted.say()
    (entry,) = entries(lines)
    assert entry["message"] == ("200 of 1,000 images, 5.0/s, 0:02:40 left, faces 190, rejects 10")
    fields = ("done", "total", "per_second", "seconds_left", "faces", "rejects")
    assert [entry[name] for name in fields] == [200, 1000, 5.0, 160, 190, 10]


def test_what_an_earlier_run_did_counts_as_done_but_not_as_fast(
    clock: Clock, lines: io.StringIO
) -> None:
    with Progress(1000, done=900, bar=False) as counted:
        clock.now += 50
        counted.advance(50)
        counted.say()
    (entry,) = entries(lines)
    assert (entry["done"], entry["per_second"], entry["seconds_left"]) == (950, 1.0, 50)


def test_the_seconds_of_a_run_are_counted_from_its_beginning(clock: Clock) -> None:
    counted = Progress(10, bar=False)
    clock.now += 7
    assert counted.seconds == 7


def test_the_unit_can_be_something_else(clock: Clock, lines: io.StringIO) -> None:
    with Progress(10, bar=False, unit="pairs") as counted:
        clock.now += 30
        counted.advance(5)
        counted.say()
    assert entries(lines)[0]["message"].startswith("5 of 10 pairs, ")


def test_a_bar_takes_the_place_of_the_lines(
    clock: Clock, lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress(1000, done=100, bar=True) as counted:
        clock.now += 60
        counted.advance(300, faces=290)
    bar = capsys.readouterr().err
    assert "400/1000" in bar
    assert "faces=290" in bar
    assert entries(lines) == []


def test_the_log_has_its_handlers_back_after_a_bar(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_stderr = logging.StreamHandler(sys.stderr)
    on_stderr.setFormatter(TextFormatter())
    monkeypatch.setattr(LOG, "handlers", [on_stderr])
    with Progress(10, bar=True):
        assert LOG.handlers != [on_stderr]
    assert LOG.handlers == [on_stderr]
