"""Looking into folders, making and removing them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import InputError, StorageError
from faceprep.storage import clients, listing
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from tests.object_stores import Gate


def fill(folder: str, *names: str) -> None:
    for name in names:
        location = storage.join(folder, name)
        if not storage.is_url(folder):
            storage.make_folder(str(Path(location).parent))
        storage.write_bytes(location, name.encode())


def test_a_file_exists_once_it_is_written_and_until_it_is_removed(folder: str) -> None:
    location = storage.join(folder, "a")
    assert not storage.exists(location)
    storage.write_bytes(location, b"x")
    assert storage.exists(location)
    storage.remove(location)
    assert not storage.exists(location)


def test_a_folder_exists_with_what_is_in_it(folder: str) -> None:
    assert not storage.exists(storage.join(folder, "p"))
    fill(folder, "p/a", "pq")
    assert storage.exists(storage.join(folder, "p"))
    assert not storage.exists(storage.join(folder, "q"))


def test_removing_what_is_not_there_is_no_error(folder: str) -> None:
    storage.remove(storage.join(folder, "a"))
    storage.remove_folder(storage.join(folder, "b"))


def test_names_are_sorted(folder: str) -> None:
    fill(folder, "b", "c/d", "a")
    assert storage.names(folder) == ["a", "b", "c"]


def test_sizes_are_those_of_the_files_right_in_the_folder(folder: str) -> None:
    storage.make_folder(f"{folder}/below")
    storage.write_bytes(f"{folder}/a", b"seven")
    storage.write_bytes(f"{folder}/b", b"")
    storage.write_bytes(f"{folder}/below/c", b"deeper")
    assert storage.sizes(folder) == {"a": 5, "b": 0}
    with pytest.raises(FileNotFoundError):
        storage.sizes(f"{folder}/nowhere")


def test_files_tell_when_they_were_written(folder: str) -> None:
    fill(folder, "a", "below/c")
    found = storage.modified(folder)
    assert set(found) == {"a"}
    assert abs(found["a"] - time.time()) < 100


def test_folders_are_told_from_files(folder: str) -> None:
    fill(folder, "a", "q/a", "p/a", "p/r/a")
    assert storage.folders(folder) == ["p", "q"]
    assert storage.folders(f"{folder}/nowhere") == []


def test_a_missing_folder_has_no_names(folder: str) -> None:
    assert storage.names(storage.join(folder, "nowhere")) == []


def test_a_prefix_of_a_name_is_no_folder(folder: str) -> None:
    fill(folder, "abc/d", "ab.txt")
    assert storage.names(storage.join(folder, "ab")) == []
    assert list(storage.find(storage.join(folder, "abc"))) == [("d", 5)]


def test_everything_below_is_found(folder: str) -> None:
    fill(folder, "a", "p/b", "p/q/r/c")
    assert sorted(storage.find(folder)) == [("a", 1), ("p/b", 3), ("p/q/r/c", 7)]


def test_a_whole_bucket_is_a_folder_too(bucket: str) -> None:
    fill(bucket, "a", "p/b")
    assert storage.names(bucket) == ["a", "p"]
    assert sorted(storage.find(f"{bucket}/")) == [("a", 1), ("p/b", 3)]


def test_a_mark_that_there_is_a_folder_is_no_file(s3_bucket: str) -> None:
    fill(s3_bucket, "p/a", "p//", "p/q/")
    assert sorted(storage.find(f"{s3_bucket}/p")) == [("a", 3)]
    assert storage.names(f"{s3_bucket}/p") == ["a", "q"]
    assert storage.folders(f"{s3_bucket}/p") == ["q"]


def test_a_long_listing_comes_in_pages(
    bucket: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And there is no request for any single name in it."""
    monkeypatch.setattr(listing, "PAGE", 10)
    fill(bucket, *(f"raw/p{number % 7}/{number}.jpg" for number in range(25)))
    gate.reset()
    assert len(set(storage.find(f"{bucket}/raw"))) == 25
    assert len(gate.requests) == 3


def test_what_another_machine_did_is_seen_at_once(bucket: str) -> None:
    fill(bucket, "p/a")
    for look in (storage.names, storage.sizes, storage.folders, lambda at: [*storage.find(at)]):
        look(f"{bucket}/p")  # would be remembered, if anything were
    filesystem, path = clients.filesystem(f"{bucket}/p")
    other = type(filesystem)(**filesystem.storage_options)  # shares nothing with the first
    other.pipe_file(f"{path}/b", b"12")
    other.rm_file(f"{path}/a")
    assert storage.names(f"{bucket}/p") == ["b"]
    assert storage.sizes(f"{bucket}/p") == {"b": 2}
    assert not storage.exists(f"{bucket}/p/a")
    assert [*storage.find(bucket)] == [("p/b", 2)]


def test_a_folder_is_removed_with_what_is_in_it(folder: str) -> None:
    fill(folder, "p/a", "p/q/b", "pq/c")
    storage.remove_folder(storage.join(folder, "p"))
    assert list(storage.find(folder)) == [("pq/c", 4)]


def test_leftovers_are_not_among_the_names(tmp_path: Path) -> None:
    (tmp_path / ".a.tmp-00000001").touch()
    (tmp_path / "b").touch()
    assert storage.names(str(tmp_path)) == ["b"]
    assert set(storage.sizes(str(tmp_path))) == {"b"}


def test_links_to_folders_are_folders(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert storage.folders(str(tmp_path)) == ["link", "real"]


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


def test_a_closed_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with without_privileges(tmp_path), pytest.raises(StorageError) as caught:
        storage.make_folder("closed/a")
    assert str(caught.value) == (
        "closed/a: no permission to write; change it, or choose another folder"
    )


def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    url = f"{bucket}-nowhere/faces"
    expected = f"{url}: there is no such bucket; create it, or correct the name"
    for look in (storage.names, storage.sizes, storage.check_url, lambda at: [*storage.find(at)]):
        with pytest.raises(InputError) as looking:
            look(url)
        assert str(looking.value) == expected
    with pytest.raises(StorageError) as making:
        storage.make_folder(url)
    assert str(making.value) == expected
    assert not storage.exists(url)


def test_an_empty_bucket_can_be_written_to(bucket: str, gate: Gate) -> None:
    storage.make_folder(f"{bucket}/faces")
    assert len(gate.requests) == 1
    storage.check_url(f"{bucket}/faces")
