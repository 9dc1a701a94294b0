"""Which runs of training have seen people: by their own word, or by their data set's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.forget.runs import look
from faceprep.forget.summary import HoldingDataSet
from faceprep.train.run_folder import PEOPLE, Run, write_run

if TYPE_CHECKING:
    from pathlib import Path

ANN = frozenset(["ann"]).__contains__
DATA = HoldingDataSet(
    "shards/pairs/1.0.0", {"train": 12}, 1, False, 0, False, "faceprep shard", "f1"
)


def make_run(folder: Path, fingerprint: str = "f1", people: str | None = None) -> None:
    folder.mkdir(parents=True)
    data = {"folder": "shards", "fingerprint": fingerprint}
    run = Run("siamese", folder.name, "x", {}, {}, data, 1, "", {}, {}, "2026-01-01T00:00:00+00:00")
    write_run(str(folder), run)
    if people is not None:
        (folder / PEOPLE).write_text(f"identity,split\n{people}", "utf-8")


def test_a_siamese_run_says_itself_whom_it_saw(tmp_path: Path) -> None:
    make_run(tmp_path / "a", people="ann,train\nann,test\nbob,train\n")
    make_run(tmp_path / "b", people="annex,train\n")
    (found,) = look(str(tmp_path), ANN, (DATA,)) or ()
    assert found.folder == str(tmp_path / "a")
    assert found.words == "saw them: 1 in its train people, 1 in its test people"


def test_an_autoencoder_saw_what_its_data_set_holds(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    (found,) = look(str(tmp_path), ANN, (DATA,)) or ()
    assert found.words == "saw them: 12 records of train in shards/pairs/1.0.0"
    without = HoldingDataSet("shards/pairs/1.0.0", {}, 0, False, 0, False, "faceprep shard", "f1")
    assert look(str(tmp_path), ANN, (without,)) == ()


@pytest.mark.parametrize("data_sets", [None, (), (DATA,)])
def test_where_the_data_set_is_another_by_now_nobody_knows(
    tmp_path: Path, data_sets: tuple[HoldingDataSet, ...] | None
) -> None:
    make_run(tmp_path / "a", fingerprint="of old")
    (found,) = look(str(tmp_path), ANN, data_sets) or ()
    assert found.words.startswith("may have seen them")


def test_runs_of_a_cross_validation_lie_deeper(tmp_path: Path) -> None:
    make_run(tmp_path / "crossval/fold-01", people="ann,train\n")
    assert [each.folder for each in look(str(tmp_path), ANN, ()) or ()] == [
        f"{tmp_path}/crossval/fold-01"
    ]


def test_no_folder_is_nothing_looked_at(tmp_path: Path) -> None:
    assert look(str(tmp_path / "none"), ANN, ()) is None


def test_a_list_of_people_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    (tmp_path / "a" / PEOPLE).write_bytes(b"name\nann\n")
    make_run(tmp_path / "b", people="ann,train\n")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/run.json").write_text("{")
    damaged, seen, torn = look(str(tmp_path), ANN, ()) or ()
    assert damaged.words.startswith(f"may have seen them: {tmp_path}/a/people.csv: not readable")
    assert seen.words == "saw them: 1 in its train people"
    assert torn.words.startswith(f"may have seen them: {tmp_path}/c/run.json: not readable")
