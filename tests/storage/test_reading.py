"""Reading whole files and pieces of them, from the disk and from behind a URL."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep import storage
from faceprep.storage.reading import neighbours

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate

CONTENT = bytes(range(256)) * 16  # 4096 bytes
NAMES = ["a b", "é ü 你", "a#1", "a%20b", "a?b", "a+b", "a&b=c", "x~y", "[x]", "a..b"]


def test_what_was_written_can_be_read(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"whole")
    assert storage.read_bytes(location) == b"whole"
    with storage.open_input(location) as file:
        file.seek(2)
        assert file.read() == b"ole"


def test_an_empty_file_is_empty(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, b"")
    assert storage.read_bytes(location) == b""
    with storage.open_input(location) as file:
        assert file.read() == b""
    assert storage.read_ranges(location, [(0, 0)]) == [b""]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_itself_behind_a_url(bucket: str, name: str) -> None:
    location = f"{bucket}/p/{name}.jpg"
    storage.write_bytes(location, name.encode())
    assert storage.read_bytes(location) == name.encode()
    assert storage.names(f"{bucket}/p") == [f"{name}.jpg"]
    assert list(storage.find(bucket)) == [(f"p/{name}.jpg", len(name.encode()))]


def test_a_missing_file_is_missing(folder: str) -> None:
    for read in (storage.read_bytes, storage.open_input):
        with pytest.raises(FileNotFoundError) as caught:
            read(storage.join(folder, "nowhere"))
        assert caught.value.strerror == "No such file or directory"


def test_a_folder_is_no_file(bucket: str) -> None:
    storage.write_bytes(f"{bucket}/a/b", b"x")
    with pytest.raises(IsADirectoryError):
        storage.open_input(f"{bucket}/a")


def test_a_file_can_be_read_from_anywhere(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, CONTENT)
    with storage.open_input(location) as file:
        assert file.seek(-6, io.SEEK_END) == 4090
        assert file.read(100) == CONTENT[4090:]
        assert file.read(1) == b""
        file.seek(10)
        file.seek(5, io.SEEK_CUR)
        assert (file.read(3), file.tell()) == (CONTENT[15:18], 18)
        file.seek(0)
        assert file.read() == CONTENT


def test_pieces_come_in_the_order_asked_for(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, CONTENT)
    ranges = [(4000, 96), (0, 10), (5, 20), (300, 0), (0, 10)]
    assert storage.read_ranges(location, ranges) == [CONTENT[o : o + n] for o, n in ranges]
    assert storage.read_ranges(location, []) == []


def test_a_file_that_ends_too_early_is_no_piece(folder: str) -> None:
    location = storage.join(folder, "a")
    storage.write_bytes(location, CONTENT)
    with pytest.raises(OSError, match="the file is shorter than it should be"):
        storage.read_ranges(location, [(0, 10), (4090, 7)])


def test_reading_whole_is_one_request(bucket: str, gate: Gate) -> None:
    storage.write_bytes(f"{bucket}/a.jpg", CONTENT)
    gate.reset()
    for _ in range(3):
        assert storage.read_bytes(f"{bucket}/a.jpg") == CONTENT
    assert [request.split()[0] for request in gate.requests] == ["GET"] * 3


def test_pieces_close_together_are_one_request(bucket: str, gate: Gate) -> None:
    storage.write_bytes(f"{bucket}/a", bytes(300_000))
    gate.reset()
    pieces = [(0, 100), (50_000, 100), (200_000, 100), (200_050, 1000)]
    assert [len(piece) for piece in storage.read_ranges(f"{bucket}/a", pieces)] == [
        length for _, length in pieces
    ]
    assert len(gate.requests) == 2


def test_the_end_of_a_large_file_is_read_without_the_rest(bucket: str, gate: Gate) -> None:
    storage.write_bytes(f"{bucket}/a", bytes(999_999))
    gate.reset()
    with storage.open_input(f"{bucket}/a") as file:
        file.seek(-8, io.SEEK_END)
        assert file.read(8) == bytes(8)
    assert sum(request.startswith("GET") and "/a" in request for request in gate.requests) <= 3
    assert max(gate.sent) < 100_000


def test_all_that_is_left_is_read_at_once(bucket: str, gate: Gate) -> None:
    storage.write_bytes(f"{bucket}/a", bytes(300_000))
    gate.reset()
    with storage.open_input(f"{bucket}/a") as file:
        asked = len(gate.requests)
        assert len(file.read()) == 300_000
    assert len(gate.requests) == asked + 1


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=30))
def test_every_piece_is_in_one_group_and_groups_lie_apart(ranges: list[tuple[int, int]]) -> None:
    groups = neighbours(ranges)
    assert sorted(index for group in groups for index in group) == list(range(len(ranges)))
    spans = [
        (min(ranges[i][0] for i in group), max(sum(ranges[i]) for i in group)) for group in groups
    ]
    for (_, end), (start, _) in pairwise(spans):
        assert start > end + 64_000


def test_a_local_name_with_a_colon_is_no_url(tmp_path: Path) -> None:
    (tmp_path / "a::b").write_bytes(b"here")
    assert storage.read_bytes(f"{tmp_path}/a::b") == b"here"
