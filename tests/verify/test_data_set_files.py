"""The files of a data set: each that is damaged, missing or strange is told by its name."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from faceprep import dataset_folder
from tests.verify import build
from tests.verify.build import edit_json, faults_of, flip, only_fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faceprep.records import ShardFace

    People = dict[str, list[ShardFace]]

TRAIN, SECOND = "pairs-train.tfrecord-00000-of-00002", "pairs-train.tfrecord-00001-of-00002"
TEST = "pairs-test.tfrecord-00000-of-00001"


def cut(path: Path, by: int) -> None:
    path.write_bytes(path.read_bytes()[:-by])


def append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def save_anew(path: Path) -> None:
    """What pandas makes of the same rows."""
    pd.read_parquet(path).to_parquet(path)


# What is done to a folder of pairs, the file that is told, its record, and words of the fault.
FILES: list[tuple[Callable[[Path], object], str, int | None, str]] = [
    (lambda d: cut(d / TRAIN, 1), TRAIN, 5, "the file ends within it"),
    (lambda d: append(d / TRAIN, b"\0"), TRAIN, 6, "the file ends within it"),
    (lambda d: append(d / TRAIN, b"\0" * 12), TRAIN, 6, "the checksum of its length is wrong"),
    (lambda d: flip(d / TRAIN, 0), TRAIN, 0, "the checksum of its length is wrong"),
    (lambda d: flip(d / TRAIN, 99), TRAIN, 0, "the checksum of its content is wrong"),
    (lambda d: flip(d / TRAIN, -1), TRAIN, 5, "the checksum of its content is wrong"),
    (lambda d: (d / SECOND).unlink(), SECOND, None, "missing"),
    (lambda d: shutil.copy(d / TEST, d / TEST.replace("test", "more")), "", None, "no shard of"),
    (lambda d: shutil.copy(d / TEST, d / TEST.replace("pairs", "cfp")), "", None, "no shard of"),
    (lambda d: (d / TEST).write_bytes(b""), TEST, None, "has 0 records; dataset_info.json says 12"),
    (lambda d: (d / "dataset_info.json").unlink(), "dataset_info.json", None, "missing"),
    (lambda d: cut(d / "dataset_info.json", 3), "dataset_info.json", None, "not readable"),
    (lambda d: cut(d / "dataset_info.json", 1), "dataset_info.json", None, "from line 26 on"),
    (
        lambda d: edit(d / "dataset_info.json", '"tfrecord"', '"tfrecorb"'),
        "dataset_info.json",
        None,
        "not as faceprep writes it, from line 3 on",
    ),
    (
        lambda d: edit(d / "dataset_info.json", '"12"', '"13"'),
        "dataset_info.json",
        None,
        f"says that {TEST} has 13 records; it has 12",
    ),
    (lambda d: (d / "features.json").unlink(), "features.json", None, "missing"),
    (
        lambda d: flip(d / "features.json", 40),
        "features.json",
        None,
        "not as faceprep writes it, from line 4 on",
    ),
    (lambda d: (d / "targets.parquet").unlink(), "targets.parquet", None, "missing"),
    (lambda d: flip(d / "targets.parquet", 99), "targets.parquet", None, "checksum is wrong"),
    (lambda d: save_anew(d / "targets.parquet"), "targets.parquet", None, "no checksum"),
    (
        lambda d: edit_json(d / "shard.json", inputs={"targets": "0" * 64}),
        "targets.parquet",
        None,
        "not the targets that the data set was made with",
    ),
    (lambda d: edit_json(d / "shard.json", counts=None), "shard.json", None, "unfinished: go on"),
]


@pytest.mark.parametrize(("damage", "name", "record", "words"), FILES)
def test_a_damaged_file_is_told(
    people: People,
    tmp_path: Path,
    damage: Callable[[Path], object],
    name: str,
    record: int | None,
    words: str,
) -> None:
    folder = build.pairs(people).write(tmp_path / "1.0.0")
    damage(folder)
    file, found, what = only_fault(folder)
    assert (file, found) == (name or file, record)
    assert words in what


def test_a_wrong_number_of_bytes_is_told_of_the_file_that_says_it(
    people: People, tmp_path: Path
) -> None:
    folder = build.pairs(people).write(tmp_path / "1.0.0")
    size = dataset_folder.read_splits(str(folder))["test"].bytes
    edit(folder / "dataset_info.json", f'"{size}"', f'"{size + 1}"')
    expected = f"says that split test has {size + 1} bytes; its shards have {size}"
    assert only_fault(folder) == ("dataset_info.json", None, expected)


def test_records_that_are_lost_without_a_trace_are_told_of_the_shard(
    people: People, tmp_path: Path
) -> None:
    whole = build.pairs(people)
    shorter = {**whole.content, "train": [whole.content["train"][0][:4], whole.content["train"][1]]}
    folder = whole.write(tmp_path / "whole")
    other = replace(whole, content=shorter).write(tmp_path / "other")
    shutil.copy(other / TRAIN, folder / TRAIN)
    assert only_fault(folder) == (TRAIN, None, "has 4 records; dataset_info.json says 6")


def test_without_dataset_info_the_names_tell_what_is_missing(
    people: People, tmp_path: Path
) -> None:
    folder = build.pairs(people).write(tmp_path / "1.0.0")
    (folder / TRAIN).unlink()
    (folder / "dataset_info.json").unlink()
    told = [(f.file.rpartition("/")[2], f.what) for f in faults_of(folder)]
    assert told == [("dataset_info.json", "missing"), (TRAIN, "missing")]


def test_an_unfinished_data_set_is_told_once_and_what_is_there_is_read(
    people: People, tmp_path: Path
) -> None:
    folder = build.pairs(people).write(tmp_path / "1.0.0")
    edit_json(folder / "shard.json", counts=None)
    for name in (TRAIN, "dataset_info.json", "features.json", "targets.parquet"):
        (folder / name).unlink()
    flip(folder / SECOND, 99)
    told = [(f.file.rpartition("/")[2], f.record) for f in faults_of(folder)]
    assert told == [(SECOND, 0), ("shard.json", None)]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: append(path, b"\0"), "more bytes follow where the compressed stream ends"),
        (lambda path: append(path, gzip.compress(b"")), "more bytes follow where the compressed"),
        (lambda path: append(path, b"garbage"), "more bytes follow where the compressed stream"),
        (lambda path: flip(path, 4), "does not begin with the gzip header that faceprep writes"),
        (lambda path: flip(path, -1), "the compressed stream is damaged"),
        (lambda path: cut(path, 1), "the compressed stream is damaged"),
        (lambda path: path.write_bytes(b""), "does not begin with the gzip header"),
        (lambda path: path.write_bytes(b"x" * 999), "does not begin with the gzip header"),
    ],
)
def test_damage_around_a_compressed_stream_is_told(
    people: People, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    folder = replace(build.pairs(people), compression="GZIP").write(tmp_path / "1.0.0")
    damage(folder / TEST)
    faults = faults_of(folder)
    assert {fault.file for fault in faults} == {f"{folder}/{TEST}"}
    assert words in faults[0].what


def test_a_shard_that_is_sound_and_another_than_was_written_is_told_by_its_hash(
    people: People, tmp_path: Path
) -> None:
    built = replace(build.triplets(people), hashed=True, compression="GZIP")
    folder = built.write(tmp_path / "1.0.0")
    path = folder / "triplets-test.tfrecord-00000-of-00001"
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(path.read_bytes()[:10] + gzip.compress(content, 1, mtime=0)[10:])
    shard, record, what = only_fault(folder)
    assert (shard, record) == (path.name, None)
    assert what == "not the file that was written: shard.json has another SHA-256"
