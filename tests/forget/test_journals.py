"""What is left of a journal when somebody has been forgotten."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from faceprep.forget.journals import silence
from faceprep.past_runs import parse

if TYPE_CHECKING:
    from pathlib import Path

SILENT = "(left out: it may have named a person who was forgotten)"


def left_of(folder: Path, **contents: str) -> dict[str, object]:
    """What is in each file of `.runs` afterwards."""
    (folder / ".runs").mkdir()
    for name, text in contents.items():
        (folder / f".runs/{name}.json").write_text(text, "utf-8")
    silence(str(folder))
    return {path.stem: json.loads(path.read_text()) for path in (folder / ".runs").glob("*.json")}


@pytest.mark.parametrize(
    "text",
    [
        shlex.join(["faceprep", "extract", "raw/O'Brien"]),
        "raw/ann_smith: gone",
        "Aaron_Eckhart_0001.jpg: no permission",
        "zoe\u0308 quux",
        "Ann Yzqui…",
        repr("a\nb"),
    ],
)
def test_a_name_goes_however_it_is_spelt(tmp_path: Path, text: str) -> None:
    told = {"command": text, "cwd": text, "error": text, "failed": [text, text], "done": 3}
    assert left_of(tmp_path, a=json.dumps(told))["a"] == {
        "command": None,
        "cwd": None,
        "error": SILENT,
        "failed": [SILENT, SILENT],
        "done": 3,
    }


def test_what_cannot_be_read_is_deleted_and_what_says_nothing_stays(tmp_path: Path) -> None:
    contents = {"a": "no json, of ann", "b": '["ann"]', "c": '{"error": null, "failed": []}'}
    assert left_of(tmp_path, **contents) == {"c": {"error": None, "failed": []}}


def test_what_others_have_put_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".runs/mine").mkdir(parents=True)
    silence(str(tmp_path))
    assert (tmp_path / ".runs/mine").is_dir()


def test_it_is_still_the_journal_of_a_run(folder: Path) -> None:
    silence(str(folder))
    assert parse((folder / ".runs/run.json").read_bytes()).total == 9
