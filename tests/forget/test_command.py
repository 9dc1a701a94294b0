"""`faceprep forget` as it is typed: where names come from, and what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from faceprep.commands.forget import forget
from faceprep.errors import FaceprepError, InputError
from tests.forget.made import ANN, ZOE

if TYPE_CHECKING:
    from pathlib import Path


def typed(folder: Path, *words: str, given: bytes = b"") -> str:
    """What the command prints; its error is raised."""
    places = ["--faces", str(folder), "--shards", str(folder / "s"), "--runs", str(folder / "r")]
    run = CliRunner().invoke(forget, [*words, *places], input=given)
    if isinstance(run.exception, FaceprepError):
        raise run.exception
    assert run.exit_code == 0, run.output
    return run.stdout


def told(folder: Path, *words: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(typed(folder, *words, "--json", **options))
    return found


def test_names_come_from_the_line_and_from_a_file(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "names.txt"
    listed.write_bytes(f"\ufeff{ZOE}\r\n\n".encode())
    found = told(folder, ANN, "--from", str(listed))
    assert {name: found[name] for name in ("people", "images", "faces", "parts")} == {
        "people": 2,
        "images": 14,
        "faces": 12,
        "parts": 3,
    }
    assert (found["data_sets"], found["runs"], found["dry_run"]) == (None, None, False)


def test_names_come_from_stdin(folder: Path) -> None:
    assert told(folder, "--from", "-", "--dry-run", given=f"{ANN}\n".encode())["people"] == 1


def test_it_says_what_it_did_and_what_it_could_not_look_at(folder: Path) -> None:
    lines = typed(folder, ANN).splitlines()
    assert lines[0] == f"removed from {folder}"
    assert [line.split() for line in lines[1:4]] == [
        ["people", "1"],
        ["images", "6"],
        ["faces", "5"],
    ]
    assert lines[-2:] == [
        f"{folder}/s: no such folder, so no data set was looked at",
        f"{folder}/r: no such folder, so no run was looked at",
    ]


def test_a_second_time_it_says_that_nothing_was_left(folder: Path) -> None:
    typed(folder, ANN)
    said, kept_out, *_ = typed(folder, ANN).splitlines()
    assert said == f"nothing of them was left in {folder}, so there was nothing to remove"
    assert kept_out.split() == ["others", "kept", "out", "1"]


def test_data_sets_that_nobody_could_look_into_are_named(folder: Path) -> None:
    for place in ("pairs/1.0.0", "deep/v1"):
        (folder / "s" / place).mkdir(parents=True)
        (folder / "s" / place / "pairs-train.tfrecord-00000-of-00001").touch()
    (folder / "s/pairs/1.0.0/shard.json").write_text("{")
    assert typed(folder, ANN).splitlines()[-5:-1] == [
        f"1 of 1 data sets in {folder}/s hold them, or may",
        f"  {folder}/s/pairs/1.0.0: may hold them: {folder}/s/pairs/1.0.0/shard.json: not readable",
        "    nobody knows whether they are in it; delete the folder, and make it anew",
        f"  not looked into: {folder}/s/deep/v1",
    ]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_list_that_cannot_be_read_is_named(
    folder: Path, tmp_path: Path, content: bytes | None
) -> None:
    listed = tmp_path / "names.txt"
    if content:
        listed.write_bytes(content)
    with pytest.raises(
        InputError, match=r"names\.txt: cannot be read .*; write a name in each line"
    ):
        typed(folder, "--from", str(listed))
