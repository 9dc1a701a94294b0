"""Examples out of one shard: all of them, and damage by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep import shard_file
from faceprep.errors import InputError
from faceprep.tfrecord import Record
from tests.inspect.made import damage, make_data_set

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_the_examples_of_a_shard_in_order(tmp_path: Path, compression: str) -> None:
    made = make_data_set(tmp_path, "cfp", {"ff01": (2, 1)}, compression=compression)
    location = str(made.folder / "cfp-ff01.tfrecord-00000-of-00002")
    keys = [values["key"] for values in shard_file.read_examples(location, "cfp", compression)]
    assert keys == [values["key"] for values in made.examples["ff01"][:2]]


def test_a_damaged_record_is_named_and_the_next_one_found(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (3,)})
    shard = made.folder / "pairs-train.tfrecord-00000-of-00001"
    damage(shard, 100)
    faults = [record.fault for record in shard_file.read_records(str(shard), "none")]
    assert faults == ["the checksum of its content is wrong", None, None]
    with pytest.raises(InputError) as caught:
        list(shard_file.read_examples(str(shard), "pairs", "none"))
    assert str(caught.value) == (
        f"{shard}: record 0: the checksum of its content is wrong; 'faceprep verify' tells more"
    )


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"^{tmp_path}/nowhere: not readable \(No such file"):
        list(shard_file.read_records(f"{tmp_path}/nowhere", "none"))


@pytest.mark.parametrize("payload", [b"", b"\xff\xff"])
def test_an_example_of_something_else_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a tf\.train\.Example|missing or unknown"):
        shard_file.values(Record(0, payload), "pairs")
