"""What `forget` refuses, and that nobody is removed then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from faceprep import parts, storage
from faceprep.errors import InputError, StorageError, UsageError
from faceprep.forget.options import ForgetOptions
from faceprep.forget.run import forget
from faceprep.targets import NAME
from tests.forget.made import ANN, files, run
from tests.verify.build import flip

if TYPE_CHECKING:
    from pathlib import Path


def test_names_that_are_not_there_stop_everything(folder: Path, made: Path) -> None:
    with pytest.raises(InputError, match="1 of 2 names are not among its people, and nobody was"):
        run(folder, ANN, "zoe_quux")
    assert files(folder) == files(made)
    summary = run(folder, ANN, "zoe_quux", allow_unknown=True)
    assert (summary.people, summary.before) == (1, 1)
    assert run(folder, ANN, "zoe_quux").people == 0  # both are known by now


def test_nobody_named_and_nobody_forgotten_is_a_slip(folder: Path) -> None:
    with pytest.raises(UsageError, match="nobody is named"):
        run(folder)


def test_nobody_else_may_be_at_work(folder: Path, made: Path) -> None:
    with storage.in_use(str(folder), alone=False), pytest.raises(StorageError, match="at work"):
        run(folder, ANN)
    assert files(folder) == files(made)


@pytest.mark.parametrize(
    ("where", "words"), [("nowhere", "no such folder"), ("", "no faces in it; name the folder")]
)
def test_what_is_no_folder_of_faces_is_named(tmp_path: Path, where: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(tmp_path / where, ANN)


def test_a_damaged_part_stops_it_before_anything_is_done(folder: Path) -> None:
    flip(folder / "part-00000-of-00003.parquet", 100)
    before = files(folder)
    with pytest.raises(InputError, match=r"00000-of-00003.parquet: damaged .*; delete it and run"):
        run(folder, ANN)
    assert files(folder) == before
    (folder / "part-00000-of-00003.parquet").unlink()  # extract will do it again, without them
    assert run(folder, ANN).people == 1
    assert json.loads((folder / parts.MANIFEST).read_text())["counts"] is None


@pytest.mark.parametrize("which", ["shards", "runs"])
def test_places_that_are_no_folders_stop_it_before_anybody_is_removed(
    folder: Path, made: Path, which: str
) -> None:
    for place, error, words in (
        ("", UsageError, f"--{which} is empty; name a folder"),
        (str(folder / NAME), InputError, f"a file; name a folder with --{which}"),
    ):
        shards, runs = (place, "none") if which == "shards" else ("none", place)
        with pytest.raises(error, match=words):
            forget(str(folder), [ANN], ForgetOptions(), shards=shards, runs_dir=runs)
    assert files(folder) == files(made)


def test_a_file_in_a_bucket_is_no_folder_either(folder: Path, s3_bucket: str) -> None:
    storage.write_bytes(f"{s3_bucket}/shards/notes.txt", b"none")
    with pytest.raises(InputError, match=r"notes\.txt: a file; name a folder with --shards"):
        forget(
            str(folder),
            [ANN],
            ForgetOptions(),
            shards=f"{s3_bucket}/shards/notes.txt",
            runs_dir="none",
        )


def test_a_long_name_is_cut_in_what_is_said(folder: Path) -> None:
    with pytest.raises(InputError) as error:
        run(folder, "x" * 4000)
    assert "x" * 299 + "…" in str(error.value)
    assert len(str(error.value)) < 700
