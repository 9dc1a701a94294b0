"""What a data set remembers, and what it holds later runs to."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

import faceprep
from faceprep.dataset_folder import ImageForm
from faceprep.errors import InputError, UsageError
from faceprep.shard import manifest
from faceprep.shard.options import PairOptions

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = ImageForm(160, "jpeg")
INPUTS = {"faces": "f" * 64, "targets": "0" * 64}
SHARD = "pairs-train.tfrecord-00000-of-00004"
AFRESH = "start afresh with --overwrite or choose another --out"


def described(inputs: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    return manifest.describe(
        "pairs", PairOptions(**options), inputs or INPUTS, IMAGE, {"size": 160}
    )


def begin(folder: Path, inputs: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    return manifest.begin(str(folder), described(inputs, **options))


def in_file(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "shard.json").read_text())
    return content


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_says_of_what_and_how_a_data_set_is_made() -> None:
    assert described(seed=7) == {
        "format": "1.0.0",
        "data_set": "pairs",
        "options": dataclasses.asdict(PairOptions(seed=7)),
        "inputs": INPUTS,
        "image": {"size": 160, "format": "jpeg"},
        "extract": {"size": 160},
        "versions": {"faceprep": faceprep.__version__},
        "counts": None,
        "run": None,
    }


def test_it_stands_in_a_new_folder_before_anything_else(tmp_path: Path) -> None:
    assert begin(tmp_path) == in_file(tmp_path) == described()
    assert names_in(tmp_path) == ["shard.json"]


def test_an_old_folder_goes_on_with_its_own(tmp_path: Path) -> None:
    before = described() | {"versions": {"faceprep": "0.0"}, "counts": {"identities": 3}}
    manifest.write(str(tmp_path), before)
    (tmp_path / SHARD).touch()
    assert begin(tmp_path) == in_file(tmp_path) == before


def test_other_options_are_refused_by_name(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / SHARD).touch()
    with pytest.raises(UsageError) as caught:
        begin(tmp_path, seed=7, split="all=1", include_target=True)
    words = str(caught.value)
    assert words.startswith(f"{tmp_path}: ")
    assert "--seed was 0 and is now 7" in words
    assert "--split was train=0.8,validation=0.1,test=0.1 and is now all=1" in words
    assert "--include-target was not given and is now" in words
    assert "--overwrite" in words
    assert in_file(tmp_path) == described()


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ({"faces": "e" * 64, "targets": "0" * 64}, "faces"),
        ({"faces": "f" * 64, "targets": "1" * 64}, "targets"),
        ({"faces": "f" * 64, "protocol": "0" * 64}, "protocol"),
    ],
)
def test_other_inputs_are_refused_by_name(
    tmp_path: Path, inputs: dict[str, str], name: str
) -> None:
    begin(tmp_path)
    (tmp_path / SHARD).touch()
    with pytest.raises(InputError) as caught:
        begin(tmp_path, inputs)
    assert str(caught.value) == (
        f"{tmp_path}: the {name} are not those it was begun with; {AFRESH}"
    )
    assert in_file(tmp_path) == described()


def test_one_that_does_not_say_of_what_it_was_made_is_refused(tmp_path: Path) -> None:
    content = described()
    del content["inputs"]
    manifest.write(str(tmp_path), content)
    (tmp_path / SHARD).touch()
    with pytest.raises(InputError, match="the faces are not those it was begun with"):
        begin(tmp_path)


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        (INPUTS, {"seed": 7}),
        ({"faces": "e" * 64}, {}),
        ({"faces": "e" * 64}, {"seed": 7}),
    ],
)
def test_anything_may_change_while_no_shard_is_finished(
    tmp_path: Path, inputs: dict[str, str], options: dict[str, Any]
) -> None:
    begin(tmp_path)
    (tmp_path / ".spool").mkdir()
    (tmp_path / ".spool" / "crops-00000").touch()
    assert begin(tmp_path, inputs, **options) == in_file(tmp_path) == described(inputs, **options)
    assert names_in(tmp_path) == ["shard.json"]  # the crops of other faces would not fit


def test_what_is_in_the_spool_stays_while_nothing_changes(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / ".spool").mkdir()
    begin(tmp_path)
    assert names_in(tmp_path) == [".spool", "shard.json"]


def test_shards_without_a_manifest_are_refused(tmp_path: Path) -> None:
    (tmp_path / SHARD).touch()
    with pytest.raises(InputError, match=r"has finished files, but no shard\.json"):
        begin(tmp_path)
    assert names_in(tmp_path) == [SHARD]


def test_another_format_is_refused(tmp_path: Path) -> None:
    manifest.write(str(tmp_path), described() | {"format": "0.9.0"})
    (tmp_path / SHARD).touch()
    with pytest.raises(InputError, match=r"has format 0\.9\.0, this faceprep writes 1\.0\.0"):
        begin(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "1.0.0", "options": []}'])
def test_a_damaged_one_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "shard.json").write_text(content)
    with pytest.raises(InputError, match=r"shard\.json: not readable"):
        begin(tmp_path)


OURS = [
    SHARD,
    "pairs-train.tfrecord-00003-of-00004",
    "pairs-test.tfrecord-00000-of-00001",
    "dataset_info.json",
    "features.json",
    "targets.parquet",
    "shard.json",
]
OTHERS = [
    "README.md",
    "notes.json",
    "extract.json",
    "part-00000-of-00001.parquet",
    "pairs-train.tfrecord",
    "pairs-train.tfrecord-0-of-4",
    f"{SHARD}.bak",
    f"my {SHARD}",
]


def test_clear_deletes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    for name in (*OURS, *OTHERS, ".spool/crops-00000", ".spool/extra", f"mine/{SHARD}"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    manifest.clear(str(tmp_path))
    assert names_in(tmp_path) == sorted([*OTHERS, "mine"])
    assert names_in(tmp_path / "mine") == [SHARD]


def test_what_is_clear_may_be_cleared(tmp_path: Path) -> None:
    manifest.clear(str(tmp_path))
    assert names_in(tmp_path) == []
