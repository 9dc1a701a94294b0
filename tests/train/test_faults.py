"""Damage that tensorflow meets, and what is said of it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tensorflow as tf

from faceprep import example, records, tfrecord
from faceprep.errors import InputError
from faceprep.train.dataset import PairForm, evaluation_batches
from faceprep.train.faults import named_faults
from faceprep.train.options import Shape
from faceprep.train.shards import open_shards
from tests.train.small_pairs import small_pairs
from tests.verify.build import flip, write_shard

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from faceprep.train.shards import TrainingShards

FORM = PairForm(Shape(16, 16, 1), Shape(16, 16, 1))
KINDS = {each.name: each.kind for each in records.features(records.PairExample)}


def shards_of(folder: Path, compression: str = "none") -> TrainingShards:
    return open_shards(str(small_pairs(folder, size=16, compression=compression)))


def fault_in(shards: TrainingShards) -> str:
    """What reading the split train comes to."""
    with pytest.raises(InputError) as raised, named_faults(shards):
        for _ in evaluation_batches(shards, "train", FORM, 8):
            pass
    said = str(raised.value)
    assert "\n" not in said
    assert "faceprep verify" in said
    return said


def rewrite(file: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """The same shard with sound frames around other examples."""
    with file.open("rb") as stream:
        values = [example.decode(r.payload, KINDS) for r in tfrecord.read_records(stream)]
    change(values)
    write_shard(file, map(example.encode, values))


def second_file(shards: TrainingShards) -> Path:
    return Path(shards.files("train")[1])


def test_a_flipped_bit(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    file = second_file(shards)
    flip(file, file.stat().st_size - 100)
    assert re.match(rf"{file}: record 15 is damaged: the checksum of its content", fault_in(shards))


def test_a_length_that_nothing_can_be_read_after(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    flip(second_file(shards), 0)
    assert f"{second_file(shards)}: record 0 is damaged: the checksum of its length" in fault_in(
        shards
    )


@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_a_file_cut_off(tmp_path: Path, compression: str) -> None:
    shards = shards_of(tmp_path, compression)
    file = second_file(shards)
    file.write_bytes(file.read_bytes()[:-500])
    assert re.match(rf"{file}: record \d+ is damaged", fault_in(shards))


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    second_file(shards).unlink()
    assert f"{second_file(shards)}: cannot be read: No such file" in fault_in(shards)


def test_a_file_that_ends_a_record_early(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    rewrite(second_file(shards), lambda values: values.pop())
    assert f"{second_file(shards)}: has 15 records, and should have 16" in fault_in(shards)


def test_a_record_that_is_no_example(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    write_shard(second_file(shards), [b"\xff\xff"] * 16)
    assert f"{second_file(shards)}: record 0 is damaged" in fault_in(shards)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"no image", "record 3, image of the target: not an image, or a damaged one"),
        ("another size", "record 3, image of the target: 24 × 24 pixels, and should be 16 × 16"),
        ("cut off", "record 3, image of the target: not an image, or a damaged one"),
    ],
)
def test_an_image_that_cannot_be_used(tmp_path: Path, image: str | bytes, said: str) -> None:
    shards = shards_of(tmp_path)

    def spoil(values: list[dict[str, Any]]) -> None:
        whole = values[3]["target/image"]
        larger = tf.io.encode_jpeg(tf.zeros((24, 24, 3), tf.uint8)).numpy()
        spoilt = {"another size": larger, "cut off": whole[: len(whole) // 2]}
        values[3]["target/image"] = image if isinstance(image, bytes) else spoilt[image]

    rewrite(second_file(shards), spoil)
    assert f"{second_file(shards)}: {said}" in fault_in(shards)


def test_sound_shards_leave_the_error_as_it_is(tmp_path: Path) -> None:
    shards = shards_of(tmp_path)
    with pytest.raises(tf.errors.InvalidArgumentError), named_faults(shards):
        tf.reshape(tf.zeros(3), (2, 2))


def test_other_errors_pass(tmp_path: Path) -> None:
    shards = dataclasses.replace(shards_of(tmp_path), folder="nowhere")
    with pytest.raises(ZeroDivisionError), named_faults(shards):
        _ = 1 / 0
