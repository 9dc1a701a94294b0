"""Shards behind a URL, copied to the local disk: fsspec's file system in memory stands for a cloud."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from faceprep import storage
from faceprep.errors import InputError, StorageError
from faceprep.storage import persistence
from faceprep.train.shards import open_shards
from faceprep.train.staging import local_copy, local_file
from tests.train.small_pairs import small_pairs
from tests.verify.build import edit_json

if TYPE_CHECKING:
    from collections.abc import Iterator


class BadDay(MemoryFileSystem):  # type: ignore[misc]
    """The same files under another protocol, on a bad day."""

    protocol = "badday"
    cachable = False
    reads_left = 10**9
    """Pieces of files that can be read before the connection breaks."""

    factor = 1
    """By which every file seems longer than it is."""

    @classmethod
    def _strip_protocol(cls, path: str) -> Any:
        return super()._strip_protocol(path.replace("badday://", "memory://"))

    def cat_file(self, path: str, *arguments: Any, **options: Any) -> Any:
        BadDay.reads_left -= 1
        if BadDay.reads_left < 0:
            raise ConnectionResetError("connection reset by peer")
        return super().cat_file(path, *arguments, **options)

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        entries = super().ls(path, detail=True, **options)
        if not detail:
            return [entry["name"] for entry in entries]
        return [{**entry, "size": entry["size"] * BadDay.factor} for entry in entries]


SHARD = "pairs-train.tfrecord-00000-of-00002"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_pairs(tmp_path_factory.mktemp("staging"), size=16)


@pytest.fixture
def url(made: Path) -> Iterator[str]:
    """A root of shards in the cloud."""
    root = f"memory://{uuid.uuid4().hex}"
    upload(made, root)
    yield root
    fsspec.filesystem("memory").rm(root, recursive=True)


@pytest.fixture
def bad_day(url: str) -> Iterator[str]:
    """The version folder in it, by way of a file system that can be made to fail."""
    fsspec.register_implementation("badday", BadDay, clobber=True)
    yield f"badday://{url.partition('://')[2]}/pairs/1.0.0"
    BadDay.reads_left, BadDay.factor = 10**9, 1


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FACEPREP_CACHE", str(folder))
    return folder


def upload(made: Path, root: str) -> None:
    for path in made.iterdir():
        storage.write_bytes(f"{root}/pairs/1.0.0/{path.name}", path.read_bytes())


def content(folder: str | Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_copy_is_what_is_there(made: Path, url: str, cache: Path) -> None:
    folder = local_copy(f"{url}/pairs/1.0.0", bar=False)
    assert Path(folder).parent == cache
    expected = content(made)
    del expected["targets.parquet"]  # nobody trains on it
    assert content(folder) == expected


@pytest.mark.parametrize("below", ["", "/pairs", "/pairs/1.0.0", "/pairs/1.0.0/"])
def test_shards_behind_a_url_open_like_local_ones(made: Path, url: str, below: str) -> None:
    here, there = open_shards(str(made)), open_shards(url + below)
    assert there.fingerprint == here.fingerprint
    assert Path(there.folder) != made
    assert (here.location, there.location) == (str(made), f"{url}/pairs/1.0.0{below[12:]}")
    assert [Path(file).read_bytes() for file in there.files("train")] == [
        Path(file).read_bytes() for file in here.files("train")
    ]


def test_a_broken_copy_is_gone_on_with(
    bad_day: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persistence, "PATIENCE", 0.0)
    BadDay.reads_left = 4
    with pytest.raises(InputError, match=r"tfrecord.*: the server does not answer"):
        local_copy(bad_day, bar=False)
    (folder,) = cache.iterdir()
    kept = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(kept) == 4
    BadDay.reads_left = 10**9
    assert local_copy(bad_day, bar=False) == str(folder)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert open_shards(str(folder)).examples("train") == 32


def test_a_file_of_another_size_is_copied_again(made: Path, url: str) -> None:
    folder = Path(local_copy(f"{url}/pairs/1.0.0", bar=False))
    (folder / SHARD).write_bytes(b"half")
    local_copy(f"{url}/pairs/1.0.0", bar=False)
    assert (folder / SHARD).read_bytes() == (made / SHARD).read_bytes()


def test_other_shards_at_the_same_url_are_copied_anew(made: Path, url: str, tmp_path: Path) -> None:
    """Even when their files are as long."""
    folder = Path(local_copy(f"{url}/pairs/1.0.0", bar=False))
    other = Path(shutil.copytree(made, tmp_path / "other"))
    edit_json(other / "shard.json", inputs={"faces": "0" * 64})
    (other / SHARD).write_bytes((made / SHARD).read_bytes()[::-1])
    upload(other, url)
    local_copy(f"{url}/pairs/1.0.0", bar=False)
    assert (folder / SHARD).read_bytes() == (other / SHARD).read_bytes()


def test_a_copy_needs_no_second_one(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor does a bar that is shown hinder."""
    folder = Path(local_copy(f"{url}/pairs/1.0.0", bar=True))
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    local_copy(f"{url}/pairs/1.0.0", bar=True)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == times
    assert "MB" in capfd.readouterr().err


def test_a_file_is_copied_for_a_while_and_a_local_one_is_not(
    made: Path, url: str, cache: Path
) -> None:
    with local_file(f"{url}/pairs/1.0.0/{SHARD}") as copy:
        assert Path(copy).is_relative_to(cache)
        assert Path(copy).name == SHARD
        assert Path(copy).read_bytes() == (made / SHARD).read_bytes()
    assert not list(cache.iterdir())
    for here in (made / SHARD, made / "nowhere"):
        with local_file(str(here)) as same:
            assert same == str(here)
    with pytest.raises(InputError, match=r"/nowhere: cannot be read"), local_file(f"{url}/nowhere"):
        pass


def test_nothing_there() -> None:
    with pytest.raises(InputError, match=r"memory://nowhere: no such folder"):
        open_shards("memory://nowhere")
    with pytest.raises(InputError, match=r"memory://nowhere: cannot be read"):
        local_copy("memory://nowhere", bar=False)


def test_what_cannot_be_used_is_not_copied(url: str, cache: Path) -> None:
    storage.remove(f"{url}/pairs/1.0.0/dataset_info.json")
    with pytest.raises(InputError, match="unfinished"):
        open_shards(url)
    assert not cache.exists()


def test_no_room(bad_day: str) -> None:
    BadDay.factor = 10**12
    with pytest.raises(StorageError, match=r"needs .* bytes, and .* are free; set FACEPREP_CACHE"):
        local_copy(bad_day, bar=False)


def test_the_cache_cannot_be_made(url: str, cache: Path) -> None:
    cache.write_text("a file in the way")
    with pytest.raises(StorageError):
        local_copy(f"{url}/pairs/1.0.0", bar=False)
