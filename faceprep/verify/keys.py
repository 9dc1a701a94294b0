"""Whether a key comes twice, in data sets of any size: 12 bytes are kept of each."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True)
class Keys:
    """The keys of one file.

    Attributes:
        file: its location.
        hashes: (n,) uint64, of each key that could be read.
        records: (n,) uint32, which record each was read from.
    """

    file: str
    hashes: Hashes
    records: NDArray[np.uint32]


class KeyList:
    """Takes the keys of one file as they are read."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._hashes, self._records = array("Q"), array("I")

    def add(self, key: str, record: int) -> None:
        """Take the next key."""
        self._hashes.append(hash_of(key.encode()))
        self._records.append(record)

    def keys(self) -> Keys:
        """All of them."""
        hashes = np.array(self._hashes, np.uint64)
        return Keys(self._file, hashes, np.array(self._records, np.uint32))


@dataclass(frozen=True)
class Twice:
    """A key that comes again.

    Attributes:
        file: in which it does; `record`: of it.
        first: where it came first, in words.
    """

    file: str
    record: int
    first: str


def hash_of(data: bytes) -> int:
    """64 bits of BLAKE2b: among ten million keys, two are taken for one with a chance of 3 in 10^6."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def repeated(files: Sequence[Keys]) -> Iterator[Twice]:
    """Every key that has come before, in the order of hashes; the files in the order given."""
    if not files:
        return
    hashes = np.concatenate([keys.hashes for keys in files])
    records = np.concatenate([keys.records for keys in files])
    owners = np.repeat(np.arange(len(files)), [len(keys.hashes) for keys in files])
    order = np.argsort(hashes, kind="stable")
    again = np.flatnonzero(hashes[order][1:] == hashes[order][:-1]) + 1
    runs = np.flatnonzero(np.diff(again, prepend=-1) != 1)  # where equal ones begin to repeat
    firsts = np.repeat(again[runs] - 1, np.diff(runs, append=len(again)))
    for at, begins in zip(order[again].tolist(), order[firsts].tolist(), strict=True):
        first = f"record {records[begins]} of {files[owners[begins]].file}"
        yield Twice(files[owners[at]].file, int(records[at]), first)
