"""The options of shard: help, limits, sizes, and words for values outside them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from faceprep import tfrecord
from faceprep.errors import UsageError
from faceprep.options import spec
from faceprep.shard.options import (
    CFP_RANGES,
    SHARES,
    CfpOptions,
    PairOptions,
    ShardOptions,
    TripletOptions,
    parse_size,
)
from faceprep.shard.splits import parse_ranges, parse_shares

KINDS = (PairOptions, CfpOptions, TripletOptions)
COMMON = {"shard_size": "128MB", "shards": 0, "compression": "none", "seed": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_has_help(kind: type[ShardOptions]) -> None:
    for field in dataclasses.fields(kind):
        assert spec(field).help.endswith("."), field.name


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        (CfpOptions, {}),
        (
            PairOptions,
            {
                "split": SHARES,
                "include_target": False,
                "include_singletons": False,
                "keep_conflicts": False,
                "max_per_identity": 0,
            },
        ),
        (
            TripletOptions,
            {"split": SHARES, "identity_ranges": "", "views": "all", "per_face": 1},
        ),
    ],
)
def test_defaults(kind: type[ShardOptions], own: dict[str, Any]) -> None:
    assert dataclasses.asdict(kind()) == COMMON | own


def test_a_shard_may_be_compressed_as_records_can_be_read() -> None:
    [compression] = (f for f in dataclasses.fields(ShardOptions) if f.name == "compression")
    assert spec(compression).choices == tfrecord.COMPRESSIONS


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("1B", 1),
        ("700", 700),
        ("64kB", 64_000),
        ("64KB", 64_000),
        ("64k", 64_000),
        ("128MB", 128_000_000),
        ("128mb", 128_000_000),
        ("128M", 128_000_000),
        (" 128 MB ", 128_000_000),
        ("1.5GB", 1_500_000_000),
        ("0.5kB", 500),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert ShardOptions(shard_size=text).shard_size == text


@pytest.mark.parametrize(
    "text",
    ["", "0", "0MB", "0.4", "none", "MB", "-1MB", "1TB", "1MiB", "1e6", "1,5GB", ".5GB", "1MB 2MB"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_size_is_quoted_with_an_example(kind: type[ShardOptions], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        kind(shard_size=text)
    assert str(caught.value) == f"--shard-size is '{text}'; write for instance 128MB"


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (CfpOptions, {"shards": -1}, "--shards is -1; it must be from 0 to 99999"),
        (CfpOptions, {"shards": 100_000}, "--shards is 100000; it must be from 0 to 99999"),
        (
            PairOptions,
            {"compression": "gzip"},
            "--compression is 'gzip'; it may be one of none, GZIP",
        ),
        (
            PairOptions,
            {"max_per_identity": -1},
            "--max-per-identity is -1; it must be at least 0",
        ),
        (TripletOptions, {"per_face": 0}, "--per-face is 0; it must be from 1 to 1000"),
        (TripletOptions, {"per_face": 1001}, "--per-face is 1001; it must be from 1 to 1000"),
        (
            TripletOptions,
            {"views": "fontal"},
            "--views is 'fontal' (did you mean 'frontal'?); it may be one of all, frontal",
        ),
    ],
)
def test_a_value_outside_its_limits_is_quoted(
    kind: type[ShardOptions], changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        kind(**changes)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (CfpOptions, {"shards": 99_999}),
        (CfpOptions, {"compression": "GZIP"}),
        (CfpOptions, {"seed": -7}),
        (PairOptions, {"split": "all=1"}),
        (PairOptions, {"max_per_identity": 1}),
        (TripletOptions, {"per_face": 1000}),
        (TripletOptions, {"views": "frontal"}),
        (TripletOptions, {"identity_ranges": "train=1-9"}),
    ],
)
def test_a_value_at_its_limits_is_taken(kind: type[ShardOptions], changes: dict[str, Any]) -> None:
    assert dataclasses.asdict(kind(**changes)).items() >= changes.items()


@pytest.mark.parametrize("kind", [PairOptions, TripletOptions])
def test_splits_that_do_not_add_up_are_refused_at_once(
    kind: type[PairOptions] | type[TripletOptions],
) -> None:
    with pytest.raises(UsageError, match=r"^--split is .*: the shares add up to 0\.9, not 1$"):
        kind(split="train=0.8,test=0.1")


def test_ranges_that_overlap_are_refused_at_once() -> None:
    with pytest.raises(UsageError, match=r"^--identity-ranges: train and test overlap$"):
        TripletOptions(identity_ranges="train=1-300,test=300-400")


def test_cfp_stands_for_the_ranges_of_the_recorded_experiments() -> None:
    ranges = parse_ranges(TripletOptions(identity_ranges="cfp").ranges)
    assert ranges == {
        "train": range(1, 301),
        "validation": range(301, 401),
        "test": range(401, 501),
    }
    assert CFP_RANGES in spec(TripletOptions.__dataclass_fields__["identity_ranges"]).help


def test_other_ranges_stand_for_themselves() -> None:
    assert TripletOptions(identity_ranges="all=0-9").ranges == "all=0-9"
    assert TripletOptions().ranges == ""


def test_usually_four_fifths_are_for_training() -> None:
    assert parse_shares(PairOptions().split) == {"train": 0.8, "validation": 0.1, "test": 0.1}


def test_the_options_load_nothing_heavy() -> None:
    program = (
        "import sys, faceprep.shard.options;"
        "print([m for m in ('numpy', 'pyarrow', 'cv2', 'tensorflow') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
