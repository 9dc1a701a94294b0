"""Writing whole files or none, on the local disk and behind a URL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import StorageError
from faceprep.storage import writing
from tests.object_stores import Fault
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate


pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # aiohttp


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are sent in the smallest pieces that S3 takes."""
    monkeypatch.setattr(writing, "CHUNK", 5 << 20)


def fail_halfway(location: str) -> None:
    with storage.atomic_output(location) as file:
        file.write(b"half")
        raise ValueError("seven")


def write_bit_by_bit(location: str) -> None:
    with storage.atomic_output(location) as file:
        for _ in range(1000):
            file.write(b"x" * 1000)


def test_writing_again_replaces_the_whole_content(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"a long first content")
    storage.write_bytes(location, b"short")
    assert storage.read_bytes(location) == b"short"


def test_a_file_is_not_there_before_it_is_whole(folder: str) -> None:
    location = storage.join(folder, "a")
    with storage.atomic_output(location) as file:
        file.write(b"half")
        file.flush()
        assert not storage.exists(location)
        assert storage.names(folder) == []
        file.write(b" and half")
    assert storage.read_bytes(location) == b"half and half"


def test_what_was_written_can_be_read_and_changed_meanwhile(folder: str) -> None:
    location = storage.join(folder, "a")
    with storage.atomic_output(location) as file:
        file.write(b"seven")
        file.seek(1)
        assert file.read(3) == b"eve"
        file.seek(0)
        file.write(b"S")
    assert storage.read_bytes(location) == b"Seven"


def test_an_error_while_writing_leaves_nothing(folder: str) -> None:
    with pytest.raises(ValueError, match="seven"):
        fail_halfway(storage.join(folder, "a"))
    assert storage.names(folder) == []


def test_an_error_while_writing_leaves_the_older_file_as_it_was(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"older")
    with pytest.raises(ValueError, match="seven"):
        fail_halfway(location)
    assert storage.read_bytes(location) == b"older"


def test_an_error_leaves_no_temporary_file_on_the_disk(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seven"):
        fail_halfway(str(tmp_path / "a"))
    assert list(tmp_path.iterdir()) == []


def test_the_leftovers_of_a_killed_writer_go_with_the_next_write(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as writer:
        writer.wait()
    host = socket.gethostname()
    dead = [tmp_path / f".a.tmp-~{host}~{writer.pid}~{n:08x}" for n in range(2)]
    other_file = tmp_path / f".b.tmp-~{host}~{writer.pid}~00000001"
    at_work = tmp_path / f".a.tmp-~{host}~{os.getpid()}~00000001"
    elsewhere = tmp_path / f".a.tmp-~another-machine~{writer.pid}~00000001"
    for path in (*dead, other_file, at_work, elsewhere):
        path.write_bytes(b"half")
    storage.write_bytes(str(tmp_path / "a"), b"whole")
    assert set(tmp_path.iterdir()) == {other_file, at_work, elsewhere, tmp_path / "a"}


@pytest.mark.parametrize("megabytes", [0, 20])
def test_a_file_is_sent_in_one_put(s3_bucket: str, s3_gate: Gate, megabytes: int) -> None:
    s3_gate.reset()
    with storage.atomic_output(f"{s3_bucket}/a") as file:
        file.write(bytes(1_000_000 * megabytes + 1))
    assert [request.split()[0] for request in s3_gate.requests] == ["PUT"]
    assert storage.sizes(s3_bucket) == {"a": 1_000_000 * megabytes + 1}


def test_a_large_file_appears_when_all_its_pieces_are_there(
    bucket: str, gate: Gate, small_pieces: None
) -> None:
    with storage.atomic_output(f"{bucket}/a") as file:
        file.truncate(11_000_000)
        file.seek(-3, os.SEEK_END)
        file.write(b"end")
    assert len(gate.requests) >= 3
    assert storage.sizes(bucket) == {"a": 11_000_000}
    assert storage.read_ranges(f"{bucket}/a", [(10_999_997, 3)]) == [b"end"]


def test_a_large_file_that_cannot_be_sent_leaves_nothing(
    s3_bucket: str, s3_gate: Gate, small_pieces: None, impatient: None
) -> None:
    s3_gate.reset()
    s3_gate.faults.append(Fault(status=503, methods=("PUT",)))  # the first of the pieces
    with (
        pytest.raises(StorageError, match="the server does not answer"),
        storage.atomic_output(f"{s3_bucket}/a") as file,
    ):
        file.truncate(11_000_000)
    assert storage.names(s3_bucket) == []


def test_a_writer_that_is_killed_leaves_nothing_behind_a_url(bucket: str) -> None:
    program = (
        "import os, signal, sys; from faceprep import storage\n"
        "with storage.atomic_output(sys.argv[1]) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, f"{bucket}/a"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(storage.find(bucket)) == []


def test_the_first_to_create_a_file_is_told_so(folder: str) -> None:
    location = storage.join(folder, "claim")
    assert storage.create(location, b"mine")
    assert not storage.create(location, b"yours")
    assert storage.read_bytes(location) == b"mine"
    assert storage.names(folder) == ["claim"]


def test_of_many_who_create_a_file_one_succeeds(bucket: str, tmp_path: Path) -> None:
    claims = [b"%d" % number for number in range(16)]
    for location in (f"{bucket}/claim", str(tmp_path / "claim")):
        with ThreadPoolExecutor(16) as pool:
            tries = [pool.submit(storage.create, location, claim) for claim in claims]
        won = [claim for claim, tried in zip(claims, tries, strict=True) if tried.result()]
        assert won == [storage.read_bytes(location)]


def test_who_created_a_file_knows_it_though_the_answer_was_lost(
    s3_bucket: str, s3_gate: Gate
) -> None:
    s3_gate.reset()
    s3_gate.faults.append(Fault(passed=True, methods=("PUT",)))
    assert storage.create(f"{s3_bucket}/claim", b"mine")
    assert not storage.create(f"{s3_bucket}/claim", b"yours")


def test_without_permission_the_location_and_the_remedy_are_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with without_privileges(tmp_path):
        with pytest.raises(StorageError) as writing:
            storage.write_bytes("closed/a", b"x")
        with pytest.raises(StorageError) as creating:
            storage.create("closed/a", b"x")
    for caught in (writing, creating):
        assert str(caught.value) == (
            "closed/a: no permission to write; change it, or choose another folder"
        )


def test_writing_below_a_file_names_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file/a: a file stands where a folder is needed"):
        storage.write_bytes(str(tmp_path / "file/a"), b"x")


def test_a_missing_folder_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere/a: could not be written"):
        storage.write_bytes(str(tmp_path / "nowhere/a"), b"x")


def test_a_full_disk_is_named_with_the_remedy_and_leaves_nothing(tiny_disk: Path) -> None:
    storage.write_bytes(str(tiny_disk / "small"), b"x" * 1000)
    with pytest.raises(StorageError) as caught:
        storage.write_bytes(str(tiny_disk / "large"), b"x" * 200_000)
    assert str(caught.value) == (
        f"{tiny_disk}/large: no space left; free some and run the same command again"
    )
    assert [path.name for path in tiny_disk.iterdir()] == ["small"]


def test_a_disk_that_fills_up_bit_by_bit_is_no_different(tiny_disk: Path) -> None:
    with pytest.raises(StorageError, match="no space left"):
        write_bit_by_bit(str(tiny_disk / "large"))
    assert list(tiny_disk.iterdir()) == []


def test_what_goes_to_a_url_needs_room_on_the_disk_too(
    s3_bucket: str, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tiny_disk))
    with pytest.raises(StorageError) as caught:
        write_bit_by_bit(f"{s3_bucket}/large")
    assert str(caught.value) == (
        f"{s3_bucket}/large: could not be composed in {tiny_disk} (No space left on device); free "
        "some space there, or set TMPDIR to another folder"
    )
    assert storage.names(s3_bucket) == []
    assert list(tiny_disk.iterdir()) == []
