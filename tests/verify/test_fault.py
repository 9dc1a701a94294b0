"""Faults: one line each, in order, and never more of them than fit into memory."""

from __future__ import annotations

import pytest

from faceprep.errors import InputError
from faceprep.verify import fault
from faceprep.verify.fault import Fault, FaultLog


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Fault("a/b", 17, "is wrong"), "a/b: record 17: is wrong"),
        (Fault("a/b", 0, "is wrong"), "a/b: record 0: is wrong"),
        (Fault("a/b", None, "missing"), "a/b: missing"),
    ],
)
def test_a_fault_is_one_line(found: Fault, line: str) -> None:
    assert str(found) == line


def test_faults_come_by_file_and_record_and_the_file_as_a_whole_first() -> None:
    log = FaultLog()
    for file, record in (("b", 3), ("a", 20), ("b", None), ("a", 3), ("b", 1)):
        log.add(file, record, "x")
    told = [(f.file, f.record) for f in log.faults()]
    assert told == [("a", 3), ("a", 20), ("b", None), ("b", 1), ("b", 3)]


def test_words_are_made_to_fit_into_one_line() -> None:
    log = FaultLog()
    log.add("a", 0, "two\nlines  and\tmore " + "x" * 10_000)
    (found,) = log.faults()
    assert found.what.startswith("two lines and more xxx")
    assert len(found.what) == 300


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (InputError("a/b: not readable; go away"), "not readable; go away"),
        (InputError("a/c: not readable"), "a/c: not readable"),
        (OSError(), "OSError"),
    ],
)
def test_an_error_is_told_without_the_name_of_the_file_in_it(error: Exception, what: str) -> None:
    log = FaultLog()
    log.add_error("a/b", error)
    assert log.faults() == (Fault("a/b", None, what),)


def test_of_a_file_the_first_thousand_are_kept_and_all_are_counted() -> None:
    log = FaultLog()
    for record in range(1_500):
        log.add("a", record, "x")
    log.add("b", 7, "x")
    faults = log.faults()
    assert log.count == 1_501
    assert faults[0] == Fault("a", None, "has 1,500 faults, of which the first 1,000 are told")
    assert [f.record for f in faults[1:]] == [*range(1_000), 7]


def test_logs_of_many_files_are_merged_within_the_same_limits() -> None:
    whole = FaultLog()
    for number in range(200):
        log = FaultLog()
        for record in range(1_200):
            log.add(f"{number:03d}", record, "x")
        whole.take(log)
    faults = whole.faults()
    assert whole.count == 200 * 1_200
    assert len(faults) == fault._MOST_IN_ALL + 200
    assert faults[-1].what == "has 1,200 faults, none of which is told"


def test_taking_in_adds_to_what_is_there() -> None:
    log, other = FaultLog(), FaultLog()
    for each, records in ((log, range(600)), (other, range(600, 1_200))):
        for record in records:
            each.add("a", record, "x")
    log.take(other)
    assert log.count == 1_200
    assert [f.record for f in log.faults()[1:]] == list(range(1_000))
