"""Places in a deflate stream to begin at: whatever packed it, inflating from there gives the same."""

from __future__ import annotations

import time
import zlib

import pytest

from faceprep.archives.deflate import WINDOW, find_boundary, inflate_from
from tests.archives.made import noise

MIXED = b"".join(noise(5000, seed) + b"%d words and words\n" % seed * 200 for seed in range(60))


def packed(level: int, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
    return packer.compress(MIXED) + packer.flush()


@pytest.mark.parametrize("begin", [0, 1, 40_001, 120_000])
@pytest.mark.parametrize(
    "stream",
    [packed(1), packed(6), packed(9), packed(0), packed(6, zlib.Z_HUFFMAN_ONLY), packed(6, zlib.Z_RLE)],
    ids=["fast", "usual", "best", "stored", "huffman", "runs"],
)  # fmt: skip
def test_what_is_inflated_from_a_boundary_is_what_the_whole_gives(
    stream: bytes, begin: int
) -> None:
    inflater = zlib.decompressobj(-15)
    before = inflater.decompress(stream[:begin])
    found = find_boundary(inflater, before[-WINDOW:], stream[begin : begin + (1 << 17)])
    assert found is not None
    assert found.byte < 1 << 17
    at, output = begin + found.byte, len(before) + found.output
    start, head = inflate_from(found.bit, MIXED[max(0, output - WINDOW) : output], stream[at])
    assert start.decompress(head + stream[at + 1 :]) == MIXED[output:]
    assert start.eof


@pytest.mark.parametrize("bit", range(8))
def test_a_boundary_may_lie_at_any_bit(bit: int) -> None:
    stream = packed(6)
    whole = int.from_bytes(stream, "little") << bit | (1 << bit) - 1  # bits of another block
    shifted = whole.to_bytes(len(stream) + 1, "little")
    start, head = inflate_from(bit, b"", shifted[0])
    assert start.decompress(head + shifted[1:]) == MIXED


def test_no_boundary_is_found_where_there_is_none() -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_FIXED)
    stream = packer.compress(b"a few words " * 100_000) + packer.flush()
    assert find_boundary(zlib.decompressobj(-15), b"", stream) is None
    assert find_boundary(zlib.decompressobj(-15), b"", b"") is None


def test_a_stream_in_which_every_byte_looks_like_a_boundary_costs_little() -> None:
    codes = f"{0x30 + ord('%'):08b}" * 2 + f"{0x30 + ord('z'):08b}" * 2  # of fixed literals
    bits = "110" + codes * 30_000 + "0000000"
    stream = int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")
    assert zlib.decompress(stream, -15) == b"%%zz" * 30_000
    begun = time.process_time()
    assert find_boundary(zlib.decompressobj(-15), b"", stream) is None
    assert time.process_time() - begun < 3  # ten times that, when all are tried


def test_a_stream_that_is_damaged_further_on_has_no_boundary() -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_FIXED)
    stream = packer.compress(b"a few words " * 100) + packer.flush(zlib.Z_BLOCK)
    assert find_boundary(zlib.decompressobj(-15), b"", stream + b"\xff" * (1 << 15)) is None
