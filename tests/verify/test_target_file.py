"""targets.parquet: what it chose, read only when its checksum is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from faceprep import records, targets
from faceprep.errors import InputError
from faceprep.verify.target_file import chosen, known_targets, read_sound
from tests.verify import build

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.records import ShardFace


@pytest.fixture
def location(people: dict[str, list[ShardFace]], tmp_path: Path) -> Path:
    build.write_targets(tmp_path, build.pairs(people).chosen)
    return tmp_path / targets.NAME


def test_the_faces_that_were_chosen_are_known_by_owner(
    people: dict[str, list[ShardFace]], location: Path
) -> None:
    best = {(name, ""): max(of, key=lambda f: f.frontality).key for name, of in people.items()}
    assert known_targets(str(location)) == best
    assert [number for number, _ in chosen(read_sound(str(location)))] == [0, 1, 2, 3]


def test_who_has_no_target_is_passed_over(tmp_path: Path) -> None:
    empty = dict.fromkeys(records.target_schema().names)
    known = {"identity": "ann", "faces": 0, "shortlist": 0, "reason": "no face of theirs"}
    table = pa.Table.from_pylist([{**empty, **known}], records.target_schema())
    location = str(tmp_path / targets.NAME)
    targets.write_targets(location, targets.Targets(table, {}, ""))
    assert known_targets(location) == {}


def test_a_further_face_of_an_image_has_its_number_in_its_key(
    people: dict[str, list[ShardFace]], tmp_path: Path
) -> None:
    face = next(iter(people.values()))[0]
    build.write_targets(tmp_path, {("ann", "3"): build.renamed(face, "ann/1.jpg#2")})
    assert known_targets(str(tmp_path / targets.NAME)) == {("ann", "3"): "ann/1.jpg#2"}


def test_any_flipped_byte_is_found(location: Path) -> None:
    whole = location.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        location.write_bytes(damaged)
        with pytest.raises(InputError) as caught:
            read_sound(str(location))
        assert str(caught.value).startswith(f"{location}: ")


def test_rows_that_were_edited_and_saved_are_found(location: Path) -> None:
    frame = pd.read_parquet(location)
    frame.loc[0, "key"] = "somebody/else.jpg"
    frame.to_parquet(location)
    with pytest.raises(InputError, match=r"targets\.parquet: not readable \(it carries no check"):
        read_sound(str(location))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"targets\.parquet: missing"):
        read_sound(str(tmp_path / targets.NAME))
