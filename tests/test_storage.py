"""Storage: whole files or none, on the local disk and behind a URL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import fsspec
import pytest

from faceprep import storage
from faceprep.errors import StorageError
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["local", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty folder, once on the disk and once behind a URL."""
    if request.param == "local":
        yield str(tmp_path)
        return
    url = f"memory://{uuid.uuid4().hex}"
    storage.make_folder(url)
    yield url
    fsspec.filesystem("memory").rm(url, recursive=True)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting a small file system is not permitted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fail_halfway(location: str) -> None:
    with storage.atomic_output(location) as file:
        file.write(b"half")
        raise ValueError("seven")


def write_bit_by_bit(location: str) -> None:
    with storage.atomic_output(location) as file:
        for _ in range(1000):
            file.write(b"x" * 1000)


@pytest.mark.parametrize(
    ("location", "expected"),
    [("s3://bucket/faces", True), ("memory://x", True), ("faces", False), ("/data/a:b", False)],
)
def test_a_url_is_told_from_a_path(location: str, expected: bool) -> None:
    assert storage.is_url(location) is expected


@pytest.mark.parametrize(
    ("location", "joined"),
    [
        ("faces", "faces/p/a.jpg"),
        ("faces/", "faces/p/a.jpg"),
        ("/", "/p/a.jpg"),
        (".", "./p/a.jpg"),
        ("s3://bucket/faces/", "s3://bucket/faces/p/a.jpg"),
    ],
)
def test_a_key_is_joined_with_one_slash(location: str, joined: str) -> None:
    assert storage.join(location, "p/a.jpg") == joined


def test_what_was_written_can_be_read(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"whole")
    assert storage.read_bytes(location) == b"whole"
    with storage.open_input(location) as file:
        file.seek(2)
        assert file.read() == b"ole"


def test_a_file_exists_once_it_is_written_and_until_it_is_removed(folder: str) -> None:
    location = storage.join(folder, "a")
    assert not storage.exists(location)
    storage.write_bytes(location, b"x")
    assert storage.exists(location)
    storage.remove(location)
    assert not storage.exists(location)


def test_removing_what_is_not_there_is_no_error(folder: str) -> None:
    storage.remove(storage.join(folder, "a"))


def test_writing_again_replaces_the_whole_content(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"a long first content")
    storage.write_bytes(location, b"short")
    assert storage.read_bytes(location) == b"short"


def test_names_are_sorted(folder: str) -> None:
    for name in ("b", "c", "a"):
        storage.write_bytes(storage.join(folder, name), b"")
    assert storage.names(folder) == ["a", "b", "c"]


def test_sizes_are_those_of_the_files_right_in_the_folder(folder: str) -> None:
    storage.write_bytes(f"{folder}/a", b"seven")
    storage.write_bytes(f"{folder}/b", b"")
    storage.make_folder(f"{folder}/below")
    storage.write_bytes(f"{folder}/below/c", b"deeper")
    assert storage.sizes(folder) == {"a": 5, "b": 0}
    with pytest.raises(FileNotFoundError):
        storage.sizes(f"{folder}/nowhere")


def test_a_missing_folder_has_no_names(folder: str) -> None:
    assert storage.names(storage.join(folder, "nowhere")) == []


def test_a_file_is_not_there_before_it_is_whole(folder: str) -> None:
    location = storage.join(folder, "a")
    with storage.atomic_output(location) as file:
        file.write(b"half")
        file.flush()
        assert not storage.exists(location)
        assert storage.names(folder) == []
        file.write(b" and half")
    assert storage.read_bytes(location) == b"half and half"


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


def test_leftovers_are_not_among_the_names(tmp_path: Path) -> None:
    (tmp_path / ".a.tmp-00000001").touch()
    (tmp_path / "b").touch()
    assert storage.names(str(tmp_path)) == ["b"]


@pytest.mark.parametrize("name", ["a::b", "~", "~nobody", "[x]*?", "é ü 你", "a b"])
def test_a_local_name_means_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    storage.make_folder(name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    storage.write_bytes(f"{name}/x", b"here")
    assert storage.names(name) == ["x"]
    with storage.open_input(f"{name}/x") as file:
        assert file.read() == b"here"
    storage.remove(f"{name}/x")
    assert storage.names(name) == []


def test_folders_above_are_made_too_and_may_be_there(tmp_path: Path) -> None:
    storage.make_folder(str(tmp_path / "a/b/c"))
    storage.make_folder(str(tmp_path / "a/b/c"))
    assert (tmp_path / "a/b/c").is_dir()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    location = str(tmp_path / name)
    with pytest.raises(StorageError) as caught:
        storage.make_folder(location)
    assert str(caught.value) == (
        f"{location}: a file stands where a folder is needed; choose another folder"
    )


def test_writing_below_a_file_names_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file/a: a file stands where a folder is needed"):
        storage.write_bytes(str(tmp_path / "file/a"), b"x")


def test_a_missing_folder_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere/a: could not be written"):
        storage.write_bytes(str(tmp_path / "nowhere/a"), b"x")


def test_without_permission_the_location_and_the_remedy_are_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with without_privileges(tmp_path):
        with pytest.raises(StorageError) as writing:
            storage.write_bytes("closed/a", b"x")
        with pytest.raises(StorageError) as making:
            storage.make_folder("closed/a")
    for caught in (writing, making):
        assert str(caught.value) == (
            "closed/a: no permission to write; change it, or choose another folder"
        )


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
