"""The short cut for reading from S3: the same bytes, and the long way where it does not lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.storage import clients
from tests.object_stores import Fault

if TYPE_CHECKING:
    from tests.object_stores import Gate


@pytest.fixture(autouse=True)
def fresh(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that nothing has happened to yet."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", f"of-{s3_bucket}")


def agents(gate: Gate) -> list[str]:
    return ["rust" if "object_store" in agent else "python" for agent in gate.agents]


def test_a_plain_key_is_read_by_the_short_cut(s3_bucket: str, s3_gate: Gate) -> None:
    storage.write_bytes(f"{s3_bucket}/Data/Images/001/frontal/01.jpg", b"whole")
    s3_gate.reset()
    url = f"{s3_bucket}/Data/Images/001/frontal/01.jpg"
    assert clients.read_at_once(url) == storage.read_bytes(url) == b"whole"
    assert agents(s3_gate) == ["rust", "rust"]


def test_a_span_is_read_by_it_too(s3_bucket: str, s3_gate: Gate) -> None:
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    s3_gate.reset()
    assert clients.read_at_once(f"{s3_bucket}/a", (1, 3)) == b"ho"
    assert storage.read_ranges(f"{s3_bucket}/a", [(2, 3)]) == [b"ole"]
    assert agents(s3_gate) == ["rust", "rust"]


@pytest.mark.parametrize("key", ["a%20b", "é", "a#b", "a?b", "p//a", "./a", "p/../a", ".hidden/a"])
def test_a_key_that_can_be_written_in_two_ways_goes_the_long_way(s3_bucket: str, key: str) -> None:
    assert clients.read_at_once(f"{s3_bucket}/{key}") is None


def test_after_a_failure_it_rests(s3_bucket: str, s3_gate: Gate) -> None:
    for name in ("a", "b"):
        storage.write_bytes(f"{s3_bucket}/{name}", b"whole")
    s3_gate.reset()
    s3_gate.faults.append(Fault(status=500))
    assert [storage.read_bytes(f"{s3_bucket}/{name}") for name in ("a", "b")] == [b"whole"] * 2
    assert agents(s3_gate) == ["rust", "python", "python"]


def test_a_missing_file_is_no_reason_to_rest(s3_bucket: str, s3_gate: Gate) -> None:
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(f"{s3_bucket}/nowhere")
    s3_gate.reset()
    assert storage.read_bytes(f"{s3_bucket}/a") == b"whole"
    assert agents(s3_gate) == ["rust"]


def test_without_the_package_all_goes_the_long_way(
    s3_bucket: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    storage.write_bytes(f"{s3_bucket}/a", b"whole")
    s3_gate.reset()
    assert storage.read_bytes(f"{s3_bucket}/a") == b"whole"
    assert agents(s3_gate) == ["python"]


def test_other_stores_have_none(gcs_bucket: str) -> None:
    assert clients.read_at_once(f"{gcs_bucket}/a") is None
