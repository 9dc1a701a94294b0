"""A gzip file of one member: its content comes whole, and what follows it does not go unseen."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.verify.gzip_member import GzipMember


def read(data: bytes, size: int = -1) -> tuple[bytes, bool]:
    member = GzipMember(io.BytesIO(data))
    with io.BufferedReader(member) as stream:
        content = b"".join(iter(lambda: stream.read(size), b""))
    return content, member.trailing


@given(st.binary(max_size=300), st.integers(1, 1_000), st.integers(1, 40_000))
def test_the_content_comes_whole_in_pieces_of_any_size(seed: bytes, times: int, size: int) -> None:
    content = seed * times
    assert read(gzip.compress(content), size) == (content, False)


@pytest.mark.parametrize(
    "more", [b"\0", b"\0" * 100_000, gzip.compress(b"more", mtime=0), b"garbage"]
)
def test_what_follows_the_member_is_noticed_and_not_read(more: bytes) -> None:
    assert read(gzip.compress(b"content", mtime=0) + more) == (b"content", True)


def test_a_file_that_ends_within_the_member_is_no_whole_one() -> None:
    data = gzip.compress(b"content", mtime=0)
    for length in range(len(data)):
        with pytest.raises(EOFError):
            read(data[:length])


def test_a_wrong_checksum_is_an_error() -> None:
    data = bytearray(gzip.compress(b"content", mtime=0))
    data[-5] ^= 1
    with pytest.raises(zlib.error):
        read(bytes(data))


def test_what_stands_before_the_damage_is_read_first() -> None:
    content = bytes(range(256)) * 4_000
    data = bytearray(gzip.compress(content))
    data[-8] ^= 1
    stream = io.BufferedReader(GzipMember(io.BytesIO(bytes(data))))
    assert stream.read(1_000_000) == content[:1_000_000]
    with pytest.raises(zlib.error):
        stream.read()
