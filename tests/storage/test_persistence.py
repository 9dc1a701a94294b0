"""Trying again: what passes is waited for, what does not is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import InputError, StorageError
from faceprep.storage import clients, persistence
from tests.object_stores import SECRET, Fault, s3_error

if TYPE_CHECKING:
    from tests.object_stores import Gate

BUSY = Fault(status=503, body=s3_error("SlowDown"))
BROKEN = Fault()


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses."""
    monkeypatch.setattr(persistence, "FIRST_PAUSE", 0.01)


@pytest.mark.parametrize("fault", [BUSY, BROKEN, Fault(status=500)], ids=["busy", "broken", "500"])
def test_what_passes_is_tried_again(s3_bucket: str, s3_gate: Gate, fault: Fault) -> None:
    s3_gate.faults.extend([fault] * 2)
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    s3_gate.faults.extend([fault] * 3)
    assert storage.read_bytes(f"{s3_bucket}/a") == b"whole"
    s3_gate.faults.extend([fault] * 2)
    with storage.atomic_output(f"{s3_bucket}/b") as file:
        file.write(b"more")
    s3_gate.faults.extend([fault] * 2)
    assert storage.sizes(s3_bucket) == {"a": 5, "b": 4}
    s3_gate.faults.extend([fault] * 2)
    assert storage.read_ranges(f"{s3_bucket}/a", [(1, 2)]) == [b"ho"]
    s3_gate.faults.extend([fault] * 2)
    with storage.open_input(f"{s3_bucket}/b") as file:
        s3_gate.faults.extend([fault] * 2)
        assert file.read() == b"more"
    s3_gate.faults.extend([fault] * 2)
    storage.remove(f"{s3_bucket}/b")
    assert not s3_gate.faults
    assert storage.names(s3_bucket) == ["a"]


def test_what_passes_on_google_cloud_is_tried_again(gcs_bucket: str, gcs_gate: Gate) -> None:
    gcs_gate.faults.append(Fault(status=503))  # gcsfs itself tries again, slowly at first
    storage.write_bytes(f"{gcs_bucket}/a", b"whole")
    gcs_gate.faults.append(BROKEN)
    assert storage.read_bytes(f"{gcs_bucket}/a") == b"whole"
    assert not gcs_gate.faults


def test_a_server_that_hangs_is_left_for_another_try(
    s3_bucket: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "READ_TIMEOUT", 1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")  # for a client that knows of it
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    s3_gate.faults.append(Fault(status=200, pause=5.0, methods=("GET",)))
    begun = time.monotonic()
    assert storage.read_bytes(f"{s3_bucket}/a") == b"whole"
    assert 0.9 < time.monotonic() - begun < 4


def test_patience_ends(s3_bucket: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence, "PATIENCE", 0.5)
    s3_gate.faults.extend([BUSY] * 1000)
    begun = time.monotonic()
    with pytest.raises(InputError) as reading:
        storage.read_bytes(f"{s3_bucket}/a")
    with pytest.raises(StorageError) as writing:
        storage.write_bytes(f"{s3_bucket}/a", b"whole")
    assert time.monotonic() - begun < 5
    for caught in (reading, writing):
        assert str(caught.value) == (
            f"{s3_bucket}/a: the server does not answer (SlowDown); when it does, the same command "
            "goes on"
        )
        assert SECRET not in str(caught.value)


def test_long_waits_are_spoken_of(
    s3_bucket: str,
    s3_gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(persistence, "WORTH_SAYING", 0.01)
    monkeypatch.setattr("faceprep.log.LOG.propagate", True)
    s3_gate.faults.append(BUSY)
    assert storage.names(s3_bucket) == []
    assert set(caplog.messages) == {f"{s3_bucket}: no answer (SlowDown); trying again in 0 s"}


def test_a_bug_is_not_tried_again() -> None:
    calls = []

    def attempt() -> None:
        calls.append(1)
        raise TypeError("a bug")

    with pytest.raises(TypeError, match="a bug"):
        persistence.persist("s3://x", attempt)
    assert len(calls) == 1
