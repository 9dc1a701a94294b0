"""Who is in which split. A person is in one split only, and stays there when the data set grows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_NAME = re.compile(r"[A-Za-z_]\w*")
_RANGE = re.compile(r"(\d+)-(\d+)")
_HASH_BITS = 64


@dataclass(frozen=True)
class HashSplit:
    """Splits by a salted hash of the identity.

    Attributes:
        shares: split to its share of the identities; they add up to 1.
        seed: the salt.
    """

    shares: Mapping[str, float]
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """The splits, in order."""
        return tuple(self.shares)

    def __call__(self, identity: str) -> str | None:
        """The split of a person."""
        digest = hashlib.sha256(f"{self.seed}:{identity}".encode()).digest()
        place = int.from_bytes(digest[: _HASH_BITS // 8], "big") / 2**_HASH_BITS
        for name, share in self.shares.items():
            if place < share:
                return name
            place -= share
        return self.names[-1]  # of shares that add up to 1 but for rounding


@dataclass(frozen=True)
class RangeSplit:
    """Splits by number, for data sets that number people.

    Attributes:
        ranges: split to its first and last number.
    """

    ranges: Mapping[str, range]

    @property
    def names(self) -> tuple[str, ...]:
        """The splits, in order."""
        return tuple(self.ranges)

    def __call__(self, identity: str) -> str | None:
        """The split of a person; None for one outside all ranges. Raises InputError."""
        if not identity.isdecimal():
            raise InputError(
                f"identity '{identity}' is no number, so --identity-ranges cannot place it; "
                "use --split"
            )
        number = int(identity)
        return next((name for name, numbers in self.ranges.items() if number in numbers), None)


def assign(identities: pa.ChunkedArray, split: HashSplit | RangeSplit) -> pa.Array:
    """The split of each row's identity, as text; null for those in none."""
    import pyarrow as pa  # here, for the command line reads shares and ranges before a stage is loaded

    coded = identities.combine_chunks().dictionary_encode()
    names = pa.array(map(split, coded.dictionary.to_pylist()), pa.string())
    return names.take(coded.indices)


def parse_shares(text: str) -> dict[str, float]:
    """`train=0.8,test=0.2` as split to share.

    Raises:
        UsageError: it does not read so, or the shares do not add up to 1.
    """
    shares: dict[str, float] = {}
    for name, value in _assignments("--split", text):
        try:
            shares[name] = float(value)
        except ValueError:
            shares[name] = -1.0
        if not 0 < shares[name] <= 1:
            raise UsageError(f"--split: '{name}={value}': a share is above 0 and at most 1")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise UsageError(
            f"--split is '{text}': the shares add up to {sum(shares.values()):g}, not 1"
        )
    return shares


def parse_ranges(text: str) -> dict[str, range]:
    """`train=1-300,test=301-400` as split to numbers.

    Raises:
        UsageError: it does not read so, or two ranges overlap.
    """
    ranges: dict[str, range] = {}
    for name, value in _assignments("--identity-ranges", text):
        match = _RANGE.fullmatch(value)
        if not match or int(match[1]) > int(match[2]):
            raise UsageError(f"--identity-ranges: '{name}={value}': write FIRST-LAST, as in 1-300")
        numbers = range(int(match[1]), int(match[2]) + 1)
        for other, taken in ranges.items():
            if numbers.start < taken.stop and taken.start < numbers.stop:
                raise UsageError(f"--identity-ranges: {other} and {name} overlap")
        ranges[name] = numbers
    return ranges


def _assignments(flag: str, text: str) -> list[tuple[str, str]]:
    pairs = [tuple(map(str.strip, item.partition("=")[::2])) for item in text.split(",")]
    names = [name for name, _ in pairs]
    for name, value in pairs:
        if not _NAME.fullmatch(name) or not value:
            raise UsageError(f"{flag} is '{text}': write NAME=VALUE,NAME=VALUE")
        if names.count(name) > 1:
            raise UsageError(f"{flag} names '{name}' twice")
    return [(name, value) for name, value in pairs]
