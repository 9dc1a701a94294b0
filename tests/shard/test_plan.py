"""The plan of shards: every record in one of them, of equal size, in the order of a hash."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep.errors import InputError, UsageError
from faceprep.shard.options import MOST_SHARDS, ShardOptions
from faceprep.shard.order import hashes
from faceprep.shard.plan import Contents, PlannedShard, plan_shards
from tests.shard.tables import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

OVERHEAD = 700


def contents(sizes: Sequence[int], splits: Sequence[str | None] = ()) -> Contents:
    """Pairs of a face with itself; each record has about so many bytes of images."""
    count = len(sizes)
    rows, keys = np.arange(count), [f"{number:06d}" for number in range(count)]
    columns: dict[str, Any] = dict.fromkeys(SCHEMA.names, pa.nulls(count))
    crop_bytes = pa.array([size // 2 for size in sizes], pa.int32())
    faces = pa.table(columns | {"key": keys, "crop_bytes": crop_bytes})
    split_of = pa.array(splits or ["all"] * count, pa.string())
    records = pa.table({"key": keys, "split": split_of, "feature": rows, "target": rows})
    names = tuple(dict.fromkeys(name for name in split_of.to_pylist() if name))
    return Contents("pairs", faces, records, names, {})


def bytes_of(planned: list[PlannedShard], sizes: Sequence[int]) -> list[int]:
    """Of each shard, about."""
    return [int(sum(sizes[row] + OVERHEAD for row in shard.rows)) for shard in planned]


SIZES = st.lists(st.integers(0, 2**31) | st.integers(0, 100), min_size=1, max_size=60)


@settings(deadline=None)
@given(SIZES, st.data())
def test_each_record_is_in_one_shard_and_no_shard_is_empty(
    sizes: list[int], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(sizes)))
    planned = plan_shards(contents(sizes), ShardOptions(shards=count))
    assert len(planned) == count
    assert all(len(shard.rows) for shard in planned)
    assert sorted(np.concatenate([shard.rows for shard in planned])) == list(range(len(sizes)))


@settings(deadline=None)
@given(SIZES, st.integers(1, 2**32))
def test_so_it_is_when_the_size_decides(sizes: list[int], size: int) -> None:
    planned = plan_shards(contents(sizes), ShardOptions(shard_size=str(size)))
    assert all(len(shard.rows) for shard in planned)
    assert sorted(np.concatenate([shard.rows for shard in planned])) == list(range(len(sizes)))


def test_shards_are_of_one_size() -> None:
    sizes = np.random.default_rng(0).integers(5000, 9000, 2000).tolist()
    planned = plan_shards(contents(sizes), ShardOptions(shards=8))
    of_shards = bytes_of(planned, sizes)
    mean = sum(of_shards) / 8
    assert max(abs(size - mean) for size in of_shards) < 0.005 * mean


@settings(deadline=None)
@given(st.lists(st.integers(3000, 9000), min_size=40, max_size=80), st.integers(2, 8))
def test_shards_end_where_it_is_nearest_to_an_equal_share(sizes: list[int], count: int) -> None:
    sizes = [size // 2 * 2 for size in sizes]  # halves are crops
    planned = plan_shards(contents(sizes), ShardOptions(shards=count))
    order = np.concatenate([shard.rows for shard in planned])
    ends = np.cumsum([0, *(sizes[row] + OVERHEAD for row in order)])
    shares = ends[-1] * np.arange(1, count) / count
    found = np.cumsum([len(shard.rows) for shard in planned])[:-1]
    distances = np.abs(ends[:, None] - shares)
    assert np.array_equal(distances[found, range(count - 1)], distances.min(axis=0))


@pytest.mark.parametrize(
    ("size", "shards"),
    [
        ("128MB", 1),
        ("20MB", 1),
        ("10MB", 2),
        ("5MB", 3),
        ("1MB", 15),
        ("100kB", 154),
        ("1", 2000),
        ("10GB", 1),
    ],
)
def test_the_size_of_a_shard_decides_how_many_there_are(size: str, shards: int) -> None:
    sizes = [7000] * 2000  # 15.4 MB with what is besides images
    planned = plan_shards(contents(sizes), ShardOptions(shard_size=size))
    assert [shard.shard.total for shard in planned] == [shards] * shards
    assert np.ptp([len(shard.rows) for shard in planned]) <= 1


def test_one_large_record_does_not_empty_the_others() -> None:
    for place in range(10):
        sizes = [1] * 10
        sizes[place] = 10**9
        planned = plan_shards(contents(sizes), ShardOptions(shards=10))
        assert [len(shard.rows) for shard in planned] == [1] * 10


THREE = ["train"] * 80 + ["validation"] * 8 + ["test"] * 12


@pytest.mark.parametrize("count", [1, 3, 8])
def test_each_split_has_as_many_shards_as_are_asked_for(count: int) -> None:
    planned = plan_shards(contents([100] * 100, THREE), ShardOptions(shards=count))
    names = [shard.shard.name for shard in planned]
    assert names == [
        f"pairs-{split}.tfrecord-{index:05d}-of-{count:05d}"
        for split in ("train", "validation", "test")
        for index in range(count)
    ]
    found = Counter(shard.shard.split for shard in planned for _ in shard.rows)
    assert found == Counter(THREE)
    assert all(THREE[row] == shard.shard.split for shard in planned for row in shard.rows)


def test_more_shards_than_records_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        plan_shards(contents([100] * 100, THREE), ShardOptions(shards=9))
    assert str(caught.value) == "--shards 9 is more than the 8 records of split validation"


def test_there_are_never_more_shards_than_their_names_can_count() -> None:
    sizes = [1] * (MOST_SHARDS + 100)
    planned = plan_shards(contents(sizes), ShardOptions(shard_size="1"))
    assert len(planned) == MOST_SHARDS
    assert {len(shard.shard.name) for shard in planned} == {
        len("pairs-all.tfrecord-00000-of-99999")
    }


def test_records_outside_all_splits_are_in_no_shard() -> None:
    planned = plan_shards(contents([100] * 4, ["a", None, "b", None]), ShardOptions())
    assert [(shard.shard.split, shard.rows.tolist()) for shard in planned] == [
        ("a", [0]),
        ("b", [2]),
    ]


def test_an_empty_split_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    made = contents([100] * 3)
    planned = plan_shards(
        Contents("pairs", made.faces, made.records, ("none", "all"), {}), ShardOptions(shards=2)
    )
    assert {shard.shard.split for shard in planned} == {"all"}
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [
        "nothing is in split none; it is left out"
    ]


@pytest.mark.parametrize("seed", [0, 7])
def test_records_stand_in_the_order_of_the_hashes_of_their_keys(seed: int) -> None:
    made = contents([100] * 100, THREE)
    order = hashes(made.records["key"], seed)
    planned = plan_shards(made, ShardOptions(shards=4, seed=seed))
    for split in made.splits:
        rows = np.concatenate([shard.rows for shard in planned if shard.shard.split == split])
        assert rows.tolist() == sorted(rows, key=lambda row: int(order[row]))
        assert rows.tolist() != sorted(rows)


def test_the_order_of_the_plan_does_not_count() -> None:
    made = contents([100] * 50)
    mixed = np.random.default_rng(0).permutation(50)
    other = Contents("pairs", made.faces, made.records.take(mixed), made.splits, {})
    options = ShardOptions(shards=3)
    for one, two in zip(plan_shards(made, options), plan_shards(other, options), strict=True):
        assert made.records["key"].take(one.rows) == other.records["key"].take(two.rows)


def test_two_records_of_one_key_are_refused_by_name() -> None:
    made = contents([100] * 3)
    twice = pa.concat_tables([made.records, made.records.slice(1, 1)])
    with pytest.raises(InputError) as caught:
        plan_shards(Contents("pairs", made.faces, twice, made.splits, {}), ShardOptions())
    assert str(caught.value) == "two records would be called 000001; rename one of the images"
