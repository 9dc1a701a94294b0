"""Where one may begin to inflate in the middle of a deflate stream (RFC 1951).

A stream is a row of blocks, each with codes of its own, so inflating can begin at any block: given the
32 KiB before it, and the bit it begins at. zlib tells nobody where blocks begin, so that is found out:

- a block with codes of its own begins with a table of them, some 40 bytes or more for which nothing
  comes out; the bits around the place where the output falls silent are tried one by one;
- a block that is only stored has its length in it twice, once with all bits turned over.

A place counts only when the stream inflated from there gives what the whole stream gave. zlib begins at
whole bytes; for a place inside a byte, empty blocks whose bits add up are put in front.
"""

from __future__ import annotations

import contextlib
import itertools
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW = 1 << 15
"""Bytes that deflate looks back."""

_STEP = 8  # bytes; a symbol and its distance take 6 at most, so 8 without output are a table
_BITS = 80  # in which a table's block begins, from the last byte that gave output
_PROOF = 1 << 14  # bytes of the stream that must inflate to the same
_STORED = 8
_MOST_SUSPECTS = 256  # honest streams have some ten; each costs inflating all before it again
_MOST_OUTPUT = 8 << 20  # bytes of output in which it is searched; a block mostly gives less


@dataclass(frozen=True)
class Boundary:
    """The beginning of a block.

    Attributes:
        byte: of the stream, counted from where the search began.
        bit: of that byte, 0 to 7; 8 for the length of a stored block, which begins at a whole byte.
        output: bytes that the stream gives before it, counted from where the search began.
    """

    byte: int
    bit: int
    output: int


def inflate_from(bit: int, window: bytes, first: int) -> tuple[Any, bytes]:
    """An inflater that begins at a boundary, and what to give it in place of the byte there.

    Args:
        bit: of the boundary.
        window: the last 32 KiB (or all there is) before it.
        first: the byte at the boundary.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS, zdict=window)
    if bit == _STORED:
        return inflater, bytes([0, first])  # the bits of "a stored block, not the last"
    bits = _FILLERS[bit]
    filler, length = int(bits[::-1] or "0", 2), len(bits)
    whole = filler | (first >> bit << length)
    return inflater, whole.to_bytes((length + 8 - bit) // 8, "little")


def find_boundary(inflater: Any, window: bytes, data: bytes) -> Boundary | None:
    """The first place in a piece of a stream where inflating may begin.

    Args:
        inflater: zlib's, raw or not, at the beginning of `data`; it is copied, not used.
        window: the last 32 KiB (or all there is) that it gave.
        data: the stream from there on.

    Returns:
        None when there is none, or none can be proved.
    """
    with contextlib.suppress(zlib.error):  # damaged further on, as whoever reads on will find
        for boundary in itertools.islice(_suspects(inflater, data), _MOST_SUSPECTS):
            if _proves_right(inflater, window, data, boundary):
                return boundary
    return None


def _suspects(inflater: Any, data: bytes) -> Iterator[Boundary]:
    ahead, stored = inflater.copy(), _stored(data)
    output, loud = 0, 0
    for start in range(0, len(data) - _PROOF, _STEP):
        for byte in stored.get(start // _STEP, ()):
            yield Boundary(byte, _STORED, output + len(ahead.copy().decompress(data[start:byte])))
        given = len(ahead.decompress(data[start : start + _STEP]))
        if given:
            loud = start
        elif loud == start - _STEP:  # silent for the first time
            yield from _bits_of_tables(data[loud : loud + 2 * _STEP], loud, output)
        output += given
        if output > _MOST_OUTPUT:
            return


def _bits_of_tables(data: bytes, begin: int, output: int) -> Iterator[Boundary]:
    """Bits at which a table of codes may begin, as far as its first 13 bits tell."""
    bits = int.from_bytes(data, "little")
    for bit in range(_BITS):
        head = bits >> bit
        if head >> 1 & 3 == 2 and head >> 3 & 31 <= 29 and head >> 8 & 31 <= 29:
            yield Boundary(begin + bit // 8, bit % 8, output)


def _stored(data: bytes) -> dict[int, list[int]]:
    """Bytes at which the length of a stored block may stand, by the step they fall into."""
    values = np.frombuffer(data, np.uint8)
    twice = values[:-2] ^ values[2:] == 255
    found: dict[int, list[int]] = {}
    for byte in np.flatnonzero(twice[:-1] & twice[1:]).tolist():
        if byte:
            found.setdefault(byte // _STEP, []).append(byte)
    return found


def _proves_right(inflater: Any, window: bytes, data: bytes, place: Boundary) -> bool:
    truth = inflater.copy()
    before = truth.decompress(data[: place.byte])
    rest = data[place.byte : place.byte + _PROOF]
    expected = (before + truth.decompress(rest))[place.output :]
    start, head = inflate_from(place.bit, (window + before[: place.output])[-WINDOW:], rest[0])
    try:
        given = start.decompress(head + rest[1:])
    except zlib.error:
        return False
    return bool(expected) and given == expected


def _fillers() -> dict[int, str]:
    """Empty blocks whose bits, in the order of the stream, add up to 0 … 7 beyond whole bytes."""
    fixed = "010" + "0000000"
    lengths = {18: "001"[::-1], 1: "010"[::-1], 0: "010"[::-1]}  # bits of the codes of code lengths
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
    table = "".join(lengths.get(symbol, "000") for symbol in order)
    # 257 literals and 1 distance, 19 lengths of codes: 138 + 118 zeros, a one (end of block), a zero
    codes = "0" + f"{138 - 11:07b}"[::-1] + "0" + f"{118 - 11:07b}"[::-1] + "11" + "10"
    odd = "001" + "00000" + "00000" + "1111" + table + codes + "0"
    made = [(odd * use + fixed * times) for use in (0, 1) for times in range(4)]
    return {len(bits) % 8: bits for bits in made}


_FILLERS = _fillers()
