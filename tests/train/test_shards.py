"""Finding the shards, and what is said of those that cannot be trained on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faceprep.dataset_folder import INFO, MANIFEST, ImageForm
from faceprep.errors import InputError, UsageError
from faceprep.train.shards import open_shards
from tests.train.small_pairs import small_pairs
from tests.verify.build import edit_json, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of shards: 8 people of 4 pairs in train, 2 in validation, 2 in test."""
    return small_pairs(tmp_path_factory.mktemp("shards"), size=16).parents[1]


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "shards"))


def version(root: Path) -> Path:
    return root / "pairs" / "1.0.0"


def refusal(location: Path | str, data_set: str = "pairs") -> str:
    with pytest.raises(InputError) as raised:
        open_shards(str(location), data_set)
    said = str(raised.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize("below", [".", "pairs", "pairs/1.0.0"])
def test_found_from_the_root_the_data_set_or_the_version(made: Path, below: str) -> None:
    shards = open_shards(str(made / below))
    assert Path(shards.folder) == version(made)
    assert shards.data_set == "pairs"
    assert {name: shards.examples(name) for name in shards.splits} == {
        "train": 32,
        "validation": 8,
        "test": 8,
    }
    assert shards.image == ImageForm(16, "jpeg")
    assert shards.compression == "none"
    assert shards.extract["size"] == 16


def test_files_are_those_of_the_split_in_order(made: Path) -> None:
    shards = open_shards(str(made))
    assert [Path(file).name for file in shards.files("train")] == [
        "pairs-train.tfrecord-00000-of-00002",
        "pairs-train.tfrecord-00001-of-00002",
    ]
    assert all(Path(file).is_file() for file in shards.files("train"))
    assert shards.files("other") == []
    assert shards.examples("other") == 0


def test_the_highest_version_is_taken(root: Path) -> None:
    shutil.copytree(version(root), root / "pairs" / "1.0.9")
    shutil.copytree(version(root), root / "pairs" / "1.0.10")
    assert Path(open_shards(str(root)).folder).name == "1.0.10"


def test_the_fingerprint_is_of_the_data_and_not_of_the_place(made: Path, root: Path) -> None:
    fingerprint = open_shards(str(made)).fingerprint
    assert open_shards(str(root)).fingerprint == fingerprint
    assert len(fingerprint) == len(sha256_of(version(root) / MANIFEST))
    edit_json(version(root) / MANIFEST, inputs={"faces": "0" * 64})
    assert open_shards(str(root)).fingerprint != fingerprint


def test_shards_made_before_extract_was_recorded(root: Path) -> None:
    edit_json(version(root) / MANIFEST, extract=None)
    assert open_shards(str(root)).extract == {}


def test_no_name() -> None:
    with pytest.raises(UsageError, match="SHARDS is empty"):
        open_shards("")


def test_no_folder(tmp_path: Path) -> None:
    said = refusal(tmp_path / "nowhere")
    assert said.startswith(f"{tmp_path / 'nowhere'}: no such folder")
    assert "'faceprep shard pairs'" in said


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "file.txt").touch()
    assert refusal(tmp_path).startswith(f"{tmp_path}: no shards in it")


@pytest.mark.parametrize("below", [".", "cfp/1.0.0"])
def test_shards_of_the_other_kind(root: Path, below: str) -> None:
    edit_json(version(root) / MANIFEST, data_set="cfp")
    (root / "pairs").rename(root / "cfp")
    said = refusal(root / below)
    assert "shards of the kind cfp (two faces of a verification protocol" in said
    assert "what the autoencoder learns from" in said
    assert "'faceprep shard pairs'" in said


def _unfinished(folder: Path) -> None:
    edit_json(folder / MANIFEST, counts=None)


def _without_info(folder: Path) -> None:
    (folder / INFO).unlink()


@pytest.mark.parametrize("damage", [_unfinished, _without_info])
def test_unfinished(root: Path, damage: Callable[[Path], None]) -> None:
    damage(version(root))
    assert refusal(root) == (
        f"{version(root)}: unfinished; go on with the 'faceprep shard' command that began it"
    )


def test_no_description(root: Path) -> None:
    (version(root) / MANIFEST).unlink()
    assert refusal(root).startswith(f"{version(root) / MANIFEST}: missing")


@pytest.mark.parametrize("name", [MANIFEST, INFO])
def test_a_description_that_is_cut_off(root: Path, name: str) -> None:
    (version(root) / name).write_text('{"format": ')
    assert refusal(root).startswith(f"{version(root) / name}: not readable")


@pytest.mark.parametrize(
    "fields", [{"image": {}}, {"image": {"size": 16, "format": "gif"}}, {"options": {}}]
)
def test_a_description_that_lacks_something(root: Path, fields: dict[str, object]) -> None:
    edit_json(version(root) / MANIFEST, **fields)
    assert refusal(root).startswith(f"{version(root) / MANIFEST}: not as faceprep writes it")


def test_another_format(root: Path) -> None:
    edit_json(version(root) / MANIFEST, format="2.0.0")
    assert "has format 2.0.0, this faceprep reads 1.0.0" in refusal(root)
    edit_json(version(root) / MANIFEST, format="1.0.7")
    assert open_shards(str(root)).examples("train") == 32


def test_a_shard_is_missing(root: Path) -> None:
    shard = version(root) / "pairs-train.tfrecord-00001-of-00002"
    shard.unlink()
    said = refusal(root)
    assert said.startswith(f"{shard}: missing;")
    assert "'faceprep verify'" in said


def test_a_shard_is_empty(root: Path) -> None:
    shard = version(root) / "pairs-train.tfrecord-00001-of-00002"
    shard.write_bytes(b"")
    assert refusal(root).startswith(f"{shard}: empty;")


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("pairs-train.tfrecord-00001-of-00002", ": split train: "),
        ("pairs-test.tfrecord-00000-of-00001", "/pairs-test.tfrecord-00000-of-00001: "),
    ],
)
def test_a_shard_is_cut_off(root: Path, name: str, where: str) -> None:
    shard = version(root) / name
    shard.write_bytes(shard.read_bytes()[:-1])
    assert refusal(root).startswith(f"{version(root)}{where}")
    assert "bytes long, but dataset_info.json says" in refusal(root)


def test_a_split_without_records(tmp_path: Path) -> None:
    made = small_pairs(tmp_path, size=16, identities=3)
    info = made / INFO
    info.write_text(info.read_text().replace('"validation"', '"valid"'))
    (made / "pairs-validation.tfrecord-00000-of-00001").rename(
        made / "pairs-valid.tfrecord-00000-of-00001"
    )
    said = refusal(made)
    assert "its split validation has no records (there are: train 4, valid 4, test 4)" in said
    assert "--split" in said
    assert open_shards(str(made), needed=("train", "valid")).examples("valid") == 4


def test_shards_are_found_without_tensorflow(made: Path) -> None:
    program = (
        "import sys; from faceprep.train.shards import open_shards;"
        f"open_shards({str(made)!r}); print('tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
