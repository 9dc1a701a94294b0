"""Which kind of thing a path is, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import records
from faceprep.errors import InputError, StorageError, UsageError
from faceprep.inspect.run import inspect
from tests.inspect.made import face, make_data_set, make_faces

if TYPE_CHECKING:
    from pathlib import Path


KINDS = tuple(records.EXAMPLES)


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """One face."""
    return make_faces(tmp_path / "faces", [face("ann/1.jpg", "ann")])


@pytest.mark.parametrize("level", ["", "pairs", "pairs/1.0.0", "pairs/1.0.0/"])
def test_a_data_set_is_found_from_above(tmp_path: Path, level: str) -> None:
    made = make_data_set(tmp_path / "shards", "pairs", {"train": (1,)})
    assert inspect(f"{tmp_path}/shards/{level}").path == str(made.folder)


def test_a_root_shows_each_of_its_data_sets(tmp_path: Path) -> None:
    root, out = tmp_path / "shards", tmp_path / "out"
    folders = [str(make_data_set(root, kind, {"train": (2,)}).folder) for kind in KINDS]
    found = inspect(str(root), records=1, save=str(out))
    assert found.what == "a folder of 3 data sets"
    assert [each.path for each in found.inside] == folders
    assert [len(each.records) for each in found.inside] == [1, 1, 1]
    assert (out / "cfp" / "1.0.0" / "000-second.jpg").exists()


def test_a_damaged_data_set_does_not_hide_the_others(tmp_path: Path) -> None:
    root = tmp_path / "shards"
    for kind in ("pairs", "cfp"):
        make_data_set(root, kind, {"train": (1,)})
    (root / "pairs" / "1.0.0" / "dataset_info.json").unlink()
    pairs, cfp = inspect(str(root)).inside
    assert pairs.what == "a data set that cannot be read"
    assert "dataset_info.json: not readable" in pairs.notes[0]
    assert len(cfp.records) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere", None, "no such file or folder"),
        ("raw", {}, "nothing that faceprep has made"),
        ("photo.jpg", b"\xff\xd8", "nothing that faceprep has made"),
        ("other.parquet", b"PAR1", "not a readable Parquet file"),
        ("other-train.tfrecord-00000-of-00001", b"", "known: pairs, cfp, triplets"),
        ("faces", {"extract.json": b"{"}, "extract.json: not readable"),
        ("pairs", {"shard.json": b"[]"}, "shard.json: not readable"),
        (
            "shards",
            {"shard.json": b'{"format": "1", "versions": {}, "options": {}, "data_set": "x"}'},
            "names no data set that is known here",
        ),
    ],
)
def test_what_is_not_ours_is_refused(
    tmp_path: Path, name: str, content: bytes | dict[str, bytes] | None, message: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
        for inner, data in content.items():
            (path / inner).write_bytes(data)
    with pytest.raises(InputError) as caught:
        inspect(str(path))
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"x\.parquet: neither a part"):
        inspect(str(tmp_path / "x.parquet"))


def test_impossible_arguments_are_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--records is -1"):
        inspect(str(faces), records=-1)
    with pytest.raises(UsageError, match="--save is empty"):
        inspect(str(faces), save="")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="a file stands"):
        inspect(str(faces), save=str(tmp_path / "file"))


def test_tensorflow_is_not_needed(faces: Path) -> None:
    program = (
        "import sys; from faceprep.inspect.run import inspect;"
        f"inspect({str(faces)!r}); print('tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
