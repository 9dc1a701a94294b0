"""One shard, read by what a worker runs: flipped bytes, hostile files, files of tensorflow's."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import google_crc32c
import pytest

from faceprep import example
from faceprep.dataset_folder import Shard
from faceprep.verify.shards import ShardTask, check_shard
from tests.verify import build

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.records import ShardFace

    People = dict[str, list[ShardFace]]

SHARD = Shard("triplets", "train", 0, 1)


def payloads_of(people: People) -> list[bytes]:
    examples = build.triplets(people).content["train"][0]
    return [example.encode(build.flat(each)) for each in examples]


def task_of(path: Path, compression: str = "none") -> ShardTask:
    return ShardTask(str(path), SHARD, build.JPEG, compression, None, None, None)


def test_a_report_counts_what_is_in_a_shard(people: People, tmp_path: Path) -> None:
    payloads = payloads_of(people)
    build.write_shard(tmp_path / "shard", payloads)
    report = check_shard(task_of(tmp_path / "shard"))
    assert report.faults.count == 0
    assert report.whole
    assert (report.records, report.images) == (len(payloads), 3 * len(payloads))
    assert report.payload_bytes == sum(map(len, payloads))
    assert report.bytes == (tmp_path / "shard").stat().st_size
    assert report.identities == {"person_00": 0, "person_01": 0}
    assert report.keys.records.tolist() == list(range(len(payloads)))
    assert report.target_images == {}


def test_every_flipped_byte_is_told_with_its_record(people: People, tmp_path: Path) -> None:
    payloads, path, draw = payloads_of(people), tmp_path / "shard", random.Random(5)
    build.write_shard(path, payloads)
    whole = path.read_bytes()
    starts = [0]
    for payload in payloads:
        starts.append(starts[-1] + len(payload) + 16)
    frames = [start + n for start in starts[:-1] for n in range(12)]
    for place in frames + [draw.randrange(len(whole)) for _ in range(200)]:
        build.flip(path, place, draw.randint(1, 255))
        report = check_shard(task_of(path))
        record = sum(start <= place for start in starts) - 1
        assert [(f.file, f.record) for f in report.faults.faults()] == [(str(path), record)]
        assert not report.whole
        path.write_bytes(whole)


def test_a_flipped_byte_of_a_compressed_shard_is_found(people: People, tmp_path: Path) -> None:
    path, draw = tmp_path / "shard", random.Random(6)
    build.write_shard(path, payloads_of(people), "GZIP")
    whole = path.read_bytes()
    ends = [*range(24), *range(len(whole) - 8, len(whole))]
    for place in ends + [draw.randrange(len(whole)) for _ in range(200)]:
        build.flip(path, place, draw.randint(1, 255))
        assert not check_shard(task_of(path, "GZIP")).whole, place
        path.write_bytes(whole)


@pytest.mark.parametrize("length", [2**63, 2**62, 2**45, 2**32])
def test_a_record_that_claims_to_be_huge_costs_its_file_and_no_memory(
    tmp_path: Path, length: int
) -> None:
    head = struct.pack("<Q", length)
    crc = google_crc32c.value(head)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    (tmp_path / "shard").write_bytes(head + struct.pack("<I", masked) + b"not so much")
    report = check_shard(task_of(tmp_path / "shard"))
    (fault,) = report.faults.faults()
    assert "the file ends within it" in fault.what or "cannot be read to its end" in fault.what


@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_random_bytes_are_a_handful_of_faults(tmp_path: Path, compression: str) -> None:
    (tmp_path / "shard").write_bytes(random.Random(1).randbytes(1_000_000))
    report = check_shard(task_of(tmp_path / "shard", compression))
    assert 0 < report.faults.count < 5
    assert report.records == 0


def test_records_that_are_no_examples_are_told_one_by_one(people: People, tmp_path: Path) -> None:
    sound = payloads_of(people)
    values = build.flat(build.triplets(people).content["train"][0][0])
    less = {name: value for name, value in values.items() if name != "anchor/yaw"}
    wrong = {**values, "anchor/yaw": "1.5"}
    payloads = [sound[0], b"garbage", example.encode(less), b"", sound[1], example.encode(wrong)]
    build.write_shard(tmp_path / "shard", payloads)
    report = check_shard(task_of(tmp_path / "shard"))
    told = [(fault.record, fault.what) for fault in report.faults.faults()]
    assert [record for record, _ in told] == [1, 2, 3, 5]
    assert told[0][1].startswith("not a tf.train.Example")
    assert told[1][1] == "feature 'anchor/yaw' is missing or unknown"
    assert told[3][1] == "feature 'anchor/yaw' has 0 values of kind float"
    assert report.keys.records.tolist() == [0, 4]
    assert (report.records, report.whole) == (6, True)


def test_a_shard_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, words in (("nowhere", "No such file"), ("folder", "Is a directory")):
        (fault,) = check_shard(task_of(tmp_path / name)).faults.faults()
        assert fault.what.startswith(f"cannot be read: {words}")


def test_what_tensorflow_wrote_is_read(people: People, tmp_path: Path) -> None:
    import tensorflow as tf

    examples = build.triplets(people).content["train"][0]
    with tf.io.TFRecordWriter(str(tmp_path / "shard")) as writer:
        for each in examples:
            feature = {name: _feature(tf, value) for name, value in build.flat(each).items()}
            message = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(message.SerializeToString())
    report = check_shard(task_of(tmp_path / "shard"))
    assert report.faults.faults() == ()
    assert report.records == len(examples)


def _feature(tf: Any, value: Any) -> Any:
    train = tf.train
    if isinstance(value, bytes | str):
        content = value if isinstance(value, bytes) else value.encode()
        return train.Feature(bytes_list=train.BytesList(value=[content]))
    if isinstance(value, float):
        return train.Feature(float_list=train.FloatList(value=[value]))
    return train.Feature(int64_list=train.Int64List(value=[int(value)]))


def test_a_hash_that_agrees_is_no_fault_and_another_is(people: People, tmp_path: Path) -> None:
    path = tmp_path / "shard"
    build.write_shard(path, payloads_of(people))
    for sha256, count in ((build.sha256_of(path), 0), ("0" * 64, 1)):
        assert check_shard(replace(task_of(path), sha256=sha256)).faults.count == count
