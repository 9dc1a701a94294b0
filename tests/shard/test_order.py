"""The order of records: of their keys and the seed, and of nothing else."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.shard import order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def hashes(*chunks: Sequence[str], seed: int = 0) -> NDArray[np.uint64]:
    return order.hashes(pa.chunked_array(list(chunks), pa.string()), seed)


KEYS = [f"{number % 97:02d}/{number:05d}.jpg" for number in range(40_000)]


def test_the_order_does_not_change_by_accident() -> None:
    assert hashes(["ann/1.jpg", "ann/2.jpg", "Zoë/1.jpg", ""]).tolist() == [
        1795644476606951537,
        17388039969283707203,
        4580312167623125248,
        9523843951405948789,
    ]
    assert hashes(["ann/1.jpg"], seed=7).tolist() == [503725834697828576]


@given(st.text(), st.integers())
@settings(deadline=None)
def test_a_hash_is_the_first_bytes_of_blake2b(key: str, seed: int) -> None:
    expected = blake2b(f"{seed}{key}".encode(), digest_size=8).digest()
    assert hashes([key], seed=seed).tolist() == [int.from_bytes(expected, "big")]


@pytest.mark.parametrize("cuts", [[], [1], [16_384], [5, 16_385, 39_999]])
def test_chunks_do_not_count(cuts: list[int]) -> None:
    chunks = [KEYS[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    assert np.array_equal(hashes(*chunks), hashes(KEYS))


def test_the_place_of_a_key_does_not_count() -> None:
    places = np.random.default_rng(0).permutation(len(KEYS))
    assert np.array_equal(hashes([KEYS[place] for place in places]), hashes(KEYS)[places])


def test_another_seed_is_another_order() -> None:
    first, second = hashes(KEYS), hashes(KEYS, seed=1)
    assert not np.any(first == second)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


def test_the_order_has_nothing_to_do_with_that_of_the_keys() -> None:
    ranks = np.argsort(np.argsort(hashes(KEYS)))
    assert abs(np.corrcoef(ranks, np.arange(len(KEYS)))[0, 1]) < 0.02
    assert np.histogram(ranks[:1000], 10, (0, len(KEYS)))[0].min() > 60


def test_no_keys_have_no_order() -> None:
    empty = order.hashes(pa.chunked_array([], pa.string()), 0)
    assert (empty.shape, empty.dtype) == ((0,), np.dtype(np.uint64))
