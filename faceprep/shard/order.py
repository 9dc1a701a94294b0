"""The order of records: that of a salted hash of their keys, whatever the order they are found in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


_KEYS = 1 << 14  # Python strings at a time


def hashes(keys: pa.ChunkedArray, seed: int) -> NDArray[np.uint64]:
    """(keys,) 64 bits of each key's salted BLAKE2b."""
    salt = hashlib.blake2b(str(seed).encode(), digest_size=8)

    def digest(key: str) -> bytes:
        salted = salt.copy()
        salted.update(key.encode())
        return salted.digest()

    found = np.empty(len(keys), ">u8")
    for start in range(0, len(keys), _KEYS):
        chunk = keys.slice(start, _KEYS).to_pylist()
        found[start : start + len(chunk)] = np.frombuffer(b"".join(map(digest, chunk)), ">u8")
    return found.astype(np.uint64)
