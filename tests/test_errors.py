"""The error tree: exit codes, words, and the way across process boundaries."""

from __future__ import annotations

import pickle
import signal

import pytest

from faceprep import records
from faceprep.errors import (
    Diverged,
    FaceprepError,
    ImageError,
    InputError,
    Interrupted,
    OutOfReach,
    SetupError,
    StorageError,
    TooLarge,
    Unreadable,
    UsageError,
)

EVERY_ERROR = [
    FaceprepError("went wrong"),
    Diverged("no number"),
    UsageError("--size is 7"),
    InputError("raw: no images"),
    OutOfReach("s3://b: no such bucket"),
    StorageError("faces: disk full"),
    SetupError("no model"),
    ImageError("odd"),
    Unreadable("not an image"),
    TooLarge("9 x 9 pixels"),
    Interrupted(signal.SIGTERM),
]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FaceprepError("x"), 1),
        (Diverged("x"), 1),
        (UsageError("x"), 2),
        (InputError("x"), 3),
        (StorageError("x"), 4),
        (SetupError("x"), 5),
        (Interrupted(signal.SIGINT), 130),
        (Interrupted(signal.SIGTERM), 143),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_documented_exit_code(error: FaceprepError, code: int) -> None:
    assert error.exit_code == code


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_between_processes(error: FaceprepError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.exit_code == error.exit_code


def test_no_error_class_is_missing_from_these_tests() -> None:
    assert {type(error) for error in EVERY_ERROR} == {
        FaceprepError,
        Interrupted,
        *_below(FaceprepError),
    }


def test_no_except_exception_on_the_way_stops_an_interruption() -> None:
    assert not issubclass(Interrupted, (Exception, KeyboardInterrupt))  # click catches the latter


@pytest.mark.parametrize(
    ("signum", "text"),
    [(signal.SIGINT, "stopped by Ctrl-C"), (signal.SIGTERM, "stopped by SIGTERM")],
)
def test_an_interruption_says_what_it_was(signum: int, text: str) -> None:
    assert str(Interrupted(signum)) == text


@pytest.mark.parametrize(
    ("kind", "status"), [(Unreadable, records.UNREADABLE), (TooLarge, records.TOO_LARGE)]
)
def test_an_image_error_becomes_a_status_of_the_row(kind: type[ImageError], status: str) -> None:
    assert kind("x").status == status
    assert status in records.STATUSES


def _below(kind: type[FaceprepError]) -> set[type[FaceprepError]]:
    children = set(kind.__subclasses__())
    return children.union(*(_below(child) for child in children))
