"""A `.tar.gz` read from anywhere: forwards, backwards, by several threads, over several streams."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.archives.inflated import read_inflated
from faceprep.archives.inflating import Inflating
from faceprep.archives.place import TAR_GZ, Place
from faceprep.archives.seek_points import FOLDER, SeekPointFiles
from faceprep.errors import InputError, Unreadable
from tests.archives.made import noise

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"".join(noise(200_000, n) + b"words " * 20_000 for n in range(24))
PIECES = st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 3_000_000))


def packed(kind: str) -> bytes:
    if kind == "one stream":
        return gzip.compress(CONTENT, 6)
    if kind == "no points":
        packer = zlib.compressobj(6, zlib.DEFLATED, 31, 8, zlib.Z_FIXED)
        return packer.compress(CONTENT) + packer.flush()
    length = 1_000_000 if kind == "many streams" else 2_000
    parts = (CONTENT[n : n + length] for n in range(0, len(CONTENT), length))
    return b"".join(gzip.compress(part, 1) for part in parts) + bytes(512)


@pytest.fixture(scope="module", params=["one stream", "many streams", "tiny streams", "no points"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inflated")
    return stored(folder, packed(request.param))


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "a.tgz"
    path.write_bytes(content)
    points = SeekPointFiles()
    with path.open("rb") as file, points.of("a.tgz", len(content)) as note:
        Inflating(file, len(content), note).skip(len(CONTENT))
    points.keep(str(folder))
    return path


def read(archive: Path, offset: int, length: int) -> bytes:
    size = archive.stat().st_size
    place = Place("a.tgz", size, TAR_GZ, offset, length, length, None)
    return read_inflated(str(archive), place, str(archive.parent))


@settings(deadline=None, max_examples=30)
@given(places=st.lists(PIECES, min_size=1, max_size=5))
def test_any_piece_in_any_order(archive: Path, places: list[tuple[int, int]]) -> None:
    for offset, length in places:
        assert read(archive, offset, length) == CONTENT[offset : offset + length]


def test_several_threads_read_at_once(archive: Path) -> None:
    offsets = [n * 777_777 % len(CONTENT) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        pieces = list(pool.map(lambda offset: read(archive, offset, 5000), offsets))
    assert pieces == [CONTENT[offset : offset + 5000] for offset in offsets]


def test_lost_seek_points_end_the_run_with_the_remedy(tmp_path: Path) -> None:
    path = stored(tmp_path, packed("one stream"))
    for file in (tmp_path / FOLDER).iterdir():
        file.unlink()
    with pytest.raises(InputError, match="run the same command again, which makes it anew"):
        read(path, 0, 10)
    stored(tmp_path, packed("one stream"))
    assert read(path, 0, 10) == CONTENT[:10]


def test_damage_since_it_was_listed_costs_the_image(tmp_path: Path) -> None:
    path = stored(tmp_path, packed("many streams"))
    content = bytearray(path.read_bytes())
    content[:10] = bytes(10)
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="cannot be inflated"):
        read(path, 0, 10)


def test_a_large_piece_is_in_memory_once(tmp_path: Path) -> None:
    size = 40 << 20
    packer = zlib.compressobj(6, zlib.DEFLATED, 31, 8, zlib.Z_FIXED)  # without seek points
    path = stored(tmp_path, packer.compress(bytes(size)) + packer.flush())
    for offset, length, most in ((size - 1000, 1000, 32 << 20), (0, size, 85 << 20)):
        tracemalloc.start()
        assert len(read(path, offset, length)) == length
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < most
