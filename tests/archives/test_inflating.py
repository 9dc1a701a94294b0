"""A gzip file read once: exact, in constant memory, and refused when it is not whole."""

from __future__ import annotations

import gzip
import io
import zlib
from itertools import pairwise

import pytest

from faceprep.archives.damage import Damaged
from faceprep.archives.inflating import MEMBER, Inflating, Point, past_zeros, spacing
from tests.archives.made import noise

CONTENT = noise(3 << 20)
PACKED = gzip.compress(CONTENT, 1)


def inflating(packed: bytes, points: list[Point] | None = None) -> Inflating:
    found: list[Point] = [] if points is None else points
    return Inflating(io.BytesIO(packed), len(packed), found.append)


def test_it_reads_skips_and_checks() -> None:
    stream = inflating(PACKED)
    assert stream.read(10) == CONTENT[:10]
    stream.skip(1 << 20)
    assert stream.position == 10 + (1 << 20)
    crc = stream.checksum(1000, zlib.crc32(b"before"))
    assert crc == zlib.crc32(b"before" + CONTENT[stream.position - 1000 : stream.position])
    assert stream.read(4 << 20) == CONTENT[10 + (1 << 20) + 1000 :]
    assert stream.read(1) == b""


def test_points_lie_as_far_apart_as_asked_for_and_the_first_at_the_beginning() -> None:
    points: list[Point] = []
    inflating(PACKED, points).skip(len(CONTENT))
    assert points[0] == Point(0, 0, MEMBER, b"")
    assert len(points) in (2, 3)
    for point in points[1:]:
        assert point.window == CONTENT[point.output - 32768 : point.output]
    assert all(b.output - a.output >= 1 << 20 for a, b in pairwise(points))


@pytest.mark.parametrize(
    ("size", "apart"), [(0, 1 << 20), (1 << 30, 1 << 20), (8 << 30, 8 << 20), (24 << 30, 16 << 20)]
)
def test_large_files_have_points_farther_apart(size: int, apart: int) -> None:
    assert spacing(size) == apart


def test_streams_that_follow_each_other_are_one_and_zeros_at_the_end_are_nothing() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + bytes(1000)
    assert inflating(packed).read(100) == b"one two"


def test_streams_may_be_tiny_and_some_of_them_empty() -> None:
    packed = (gzip.compress(b"x") + gzip.compress(b"") * 900 + bytes(5000)) * 3
    assert inflating(packed).read(100) == b"xxx"


def test_very_many_streams_with_nothing_in_them_are_refused() -> None:
    with pytest.raises(Damaged, match="has over 1,000 gzip streams in a row with nothing in them"):
        inflating(gzip.compress(b"x") + gzip.compress(b"") * 1002).skip(2)


@pytest.mark.parametrize("zeros", [0, 1, 4095, 4096, 4097, 20_000])
def test_zeros_are_passed_up_to_what_is_none(zeros: int) -> None:
    assert bytes(past_zeros(memoryview(bytes(zeros) + b"a\0b"))) == b"a\0b"
    assert not past_zeros(memoryview(bytes(zeros)))


@pytest.mark.parametrize("length", [0, 5, 12, 1000, 1 << 20, len(PACKED) - 8, len(PACKED) - 1])
def test_a_file_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(Damaged, match="part of it is missing"):
        inflating(PACKED[:length]).skip(len(CONTENT) + 1)


@pytest.mark.parametrize("byte", [0, 2, 3_000, len(PACKED) - 6, len(PACKED) - 1])
def test_a_byte_that_is_another_is_refused(byte: int) -> None:
    damaged = bytearray(PACKED)
    damaged[byte] ^= 0xFF
    with pytest.raises(Damaged):
        inflating(bytes(damaged)).skip(len(CONTENT) + 1)


@pytest.fixture(scope="module")
def numbers() -> bytes:
    """A text, packed: a stream in which damage makes no sense, and not only the CRC wrong."""
    text = b" ".join(b"%d" % (n * n) for n in memoryview(noise(1 << 20)).cast("H"))
    return gzip.compress(text, 1)


@pytest.mark.parametrize("after", [100, 5_000, 15_000, 300_000])  # the beginning of a read
@pytest.mark.parametrize("begin", range(1 << 19, 1 << 21, 1 << 19))
def test_damage_anywhere_is_refused(numbers: bytes, begin: int, after: int) -> None:
    assert len(numbers) > 2 << 20
    damaged = bytearray(numbers)
    place = slice(begin + after, begin + after + 60_000)
    damaged[place] = bytes(value ^ 0xFF for value in damaged[place])
    with pytest.raises(Damaged):
        inflating(bytes(damaged)).skip(1 << 30)


def test_what_follows_and_is_no_gzip_is_refused() -> None:
    with pytest.raises(Damaged, match="is damaged"):
        inflating(PACKED + b"<html>").skip(len(CONTENT) + 1)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceprep.archives.inflating.HARMLESS", 1 << 22)  # a gigabyte takes long
    bomb = inflating(gzip.compress(bytes(1 << 24)))
    with pytest.raises(Damaged, match="inflates to over 100 times its size"):
        bomb.skip(1 << 24)
    assert bomb.position <= 1 << 23
