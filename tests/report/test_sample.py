"""How much is read of a data set, and what is counted in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.dataset_folder import Split
from faceprep.report import sample
from faceprep.report.sample import histograms, read_samples, shares
from tests.inspect.made import make_data_set

if TYPE_CHECKING:
    from pathlib import Path

YAW = [0.0, -14.9, 15.0, -89.0, 120.0, math.nan]


@pytest.mark.parametrize(
    ("lengths", "most", "expected"),
    [
        ([7, 2], 100, [7, 2]),
        ([70, 20, 5], 30, [13, 12, 5]),
        ([1, 1, 1], 2, [0, 1, 1]),
        ([0, 9], 4, [0, 4]),
        ([], 4, []),
    ],
)
def test_splits_get_equal_shares_and_what_small_ones_leave(
    lengths: list[int], most: int, expected: list[int]
) -> None:
    splits = {str(n): Split(str(n), (length,), 0) for n, length in enumerate(lengths)}
    found = shares(splits, most)
    assert [found[name] for name in splits] == expected


@pytest.mark.parametrize(
    ("data_set", "changes", "names"),
    [
        ("pairs", {"feature/yaw": YAW}, ["train", "test"]),
        ("triplets", {"anchor/yaw": YAW}, ["train", "test"]),
        ("cfp", {"first/yaw": YAW, "protocol": "FP"}, ["FP first", "FP second"]),
    ],
)
def test_yaw_is_counted_regardless_of_its_sign(
    tmp_path: Path, data_set: str, changes: dict[str, Any], names: list[str]
) -> None:
    splits = {"train": Split("train", (4, 2), 1), "test": Split("test", (1,), 1)}
    lengths = {name: split.lengths for name, split in splits.items()}
    folder = str(make_data_set(tmp_path, data_set, lengths, **changes).folder)
    found = histograms(read_samples(folder, data_set, splits, "none"))
    assert list(found) == names
    first, second = (found[name] for name in names)
    both = 1 if data_set == "cfp" else 0  # a protocol's splits count together
    assert first.counts.tolist() == [2 + both, 1, 0, 0, 0, 2]
    assert first.unknown == 1
    assert first.edges.tolist() == [0, 15, 30, 45, 60, 75, 90]
    assert second.unknown == (7 if both else 0)


def test_of_a_protocol_as_many_genuine_pairs_are_shown_as_impostors(tmp_path: Path) -> None:
    split = Split("ff01", (9, 8), 1)
    made = make_data_set(tmp_path, "cfp", {"ff01": split.lengths}, label=[0, 1, 0, 0, 0])
    found = read_samples(str(made.folder), "cfp", {"ff01": split}, "none")["ff01"]
    assert dict(found.labels) == {"genuine": 4, "impostor": 13}
    assert list(found.labels) == ["genuine", "impostor"]
    titles = [each.title for each in found.examples]
    assert titles == ["impostor", "genuine", "impostor", "impostor", "genuine", "genuine"]


def test_no_more_is_read_than_a_second_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = {"train": Split("train", (4, 3), 700), "test": Split("test", (2,), 200)}
    lengths = {name: split.lengths for name, split in splits.items()}
    folder = str(make_data_set(tmp_path, "pairs", lengths).folder)
    monkeypatch.setattr(sample, "_RECORDS", 7)
    found = read_samples(folder, "pairs", splits, "none")
    assert {name: each.records for name, each in found.items()} == {"train": 5, "test": 2}
    monkeypatch.setattr(sample, "_BYTES", 400)
    found = read_samples(folder, "pairs", splits, "none")
    assert {name: each.records for name, each in found.items()} == {"train": 2, "test": 2}
