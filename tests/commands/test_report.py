"""`faceprep report`: which folders it takes when some are named and some are there, and `--open`."""

from __future__ import annotations

import json
import webbrowser
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from faceprep import storage
from faceprep.commands.report import report as command
from faceprep.errors import InputError, UsageError
from faceprep.report.text import size
from tests.inspect.made import damage, face, make_data_set, make_faces

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

ALONE = "no faces are shown, for there is no folder of them"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with shards."""
    monkeypatch.chdir(tmp_path)
    make_data_set(tmp_path / "shards", "pairs", {"train": (2,)})
    return tmp_path


def tell(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def summary(*arguments: str) -> dict[str, Any]:
    result = tell("--json", *arguments)
    assert result.exception is None, result.exception
    told: dict[str, Any] = json.loads(result.stdout)
    return told


@pytest.mark.parametrize("arguments", [[], ["shards"], ["shards/pairs"]])
def test_where_there_are_only_shards_they_are_shown(workspace: Path, arguments: list[str]) -> None:
    told = summary(*arguments)
    assert (told["data_sets"], told["notes"]) == (["pairs"], [ALONE])
    assert told["bytes"] == (workspace / told["path"]).stat().st_size
    assert told["path"] == "report.html"


def test_half_of_the_faces_alone_are_shown_and_summed_up_for_people(workspace: Path) -> None:
    (workspace / "shards").rename(workspace / "elsewhere")
    rows = [face(f"{n}/1.jpg", f"{n % 2}", n) for n in range(4)]
    make_faces(workspace / "faces", rows, [], finished=False)
    result = tell("--allow-incomplete", "--out", "look/faces.html")
    assert result.exception is None, result.exception
    page = workspace / "look" / "faces.html"
    assert result.stdout.splitlines() == [
        "people shown                       2  of 2",
        "faces shown                        4  of 4",
        "shards: no shards there, so none are shown",
        f"{size(page.stat().st_size)} in look/faces.html",
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["nowhere"], InputError, "nowhere: no such folder"),
        (["nowhere", "shards"], InputError, "nowhere: no such folder"),
        ([""], UsageError, "FACES is empty"),
        (["faces", ""], UsageError, "SHARDS is empty"),
        (["faces", "nowhere"], InputError, "nowhere: no shards there"),
        (["faces", "faces"], InputError, "faces: no shards there"),
        (["shards", "shards"], InputError, "shards: no faces in it"),
        (["half"], InputError, "1 of 2 parts are still to do"),
        (["faces", "--out", "shards"], UsageError, "--out is 'shards'"),
    ],
)
def test_what_is_named_must_be_there(
    workspace: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    make_faces(workspace / "faces", [face("a/1.jpg", "a")])
    make_faces(workspace / "half", [face("a/1.jpg", "a")], [], finished=False)
    result = tell(*arguments)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)
    assert not (workspace / "report.html").exists()


def test_without_anything_there_the_missing_faces_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(tell().exception).startswith("faces: no such folder; make them with")


def test_a_workspace_elsewhere_is_no_folder_that_was_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "shards").rename(workspace / "mine")
    monkeypatch.setenv("FACEPREP_SHARDS", "mine")
    monkeypatch.setenv("FACEPREP_FACES", "not made yet")
    assert summary()["data_sets"] == ["pairs"]


def test_the_page_is_opened_in_the_browser(
    workspace: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    browser = workspace / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o700)
    environment = {"PATH": "/usr/bin:/bin", "BROWSER": str(browser)}
    run = faceprep("report", "--out", "a page.html", "--open", cwd=workspace, env=environment)
    assert (run.returncode, run.stderr) == (0, "")
    assert (workspace / "opened").read_text() == f"file://{workspace}/a%20page.html\n"


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("report.html", "report.html: not opened, for no browser was found; open it in one"),
        (
            "memory://a/page.html",
            "memory://a/page.html: not opened, for a browser needs it on this",
        ),
    ],
)
def test_a_page_that_cannot_be_opened_is_there_nevertheless(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, out: str, message: str
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    result = tell("--open", "--out", out)
    assert (result.exit_code, storage.exists(out)) == (0, True)
    assert message in result.stderr
    assert (workspace / "report.html").exists() != storage.is_url(out)


def test_damage_is_one_line_and_the_exit_code_of_unusable_input(
    workspace: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    shard = workspace / "shards" / "pairs" / "1.0.0" / "pairs-train.tfrecord-00000-of-00001"
    damage(shard, 100)
    run = faceprep("report", "shards", cwd=workspace)
    assert (run.returncode, run.stdout) == (3, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith(
        "faceprep: error: shards/pairs/1.0.0/pairs-train.tfrecord-00000-of-00001"
    )
    assert line.endswith(
        "record 0: the checksum of its content is wrong; 'faceprep verify' tells more"
    )
