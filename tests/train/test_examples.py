"""Examples without tensorflow: all of them, and damage by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.train.examples import read_examples
from faceprep.train.shards import open_shards
from tests.train.small_pairs import small_pairs
from tests.verify.build import flip

if TYPE_CHECKING:
    from pathlib import Path


def test_every_example_in_order(tmp_path: Path) -> None:
    shards = open_shards(str(small_pairs(tmp_path, identities=4)))
    found = list(read_examples(shards, ["validation", "test"]))
    assert len(found) == shards.examples("validation") + shards.examples("test")
    assert found[0]["feature/image"].startswith(b"\xff\xd8")
    assert {type(each["feature/yaw"]) for each in found} == {float}


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    shards = open_shards(str(small_pairs(tmp_path, identities=4)))
    (file,) = shards.files("test")
    flip(tmp_path / file, 100)
    with pytest.raises(InputError, match=f"{file}: record 0: .*'faceprep verify' tells more"):
        list(read_examples(shards, ["test"]))
