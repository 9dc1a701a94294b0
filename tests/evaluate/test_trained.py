"""Which runs can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from faceprep.errors import FaceprepError, InputError, UsageError
from faceprep.evaluate.trained import open_trained
from faceprep.train import run_folder
from tests.evaluate.small_protocol import TINY, seen_run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_is_opened_with_its_options(tmp_path: Path) -> None:
    folder = seen_run(tmp_path / "mine", ["a"], [])
    (folder / run_folder.MODEL).write_bytes(b"not looked at")
    found = open_trained(str(folder))
    assert found.options == TINY
    assert found.run.name == "mine"
    assert found.model == str(folder / run_folder.MODEL)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"kind": "autoencoder"},
            UsageError,
            "kind 'autoencoder'; faceprep evaluate takes siamese",
        ),
        ({"options": {"wings": 2}}, InputError, r"run\.json: options is not of this faceprep"),
        ({"options": {"head": "none"}}, InputError, r"run\.json: options is not of this faceprep"),
        ({}, InputError, r"model\.keras: not there; a model is kept at the end of the first epoch"),
    ],
)
def test_other_runs_are_an_error(
    tmp_path: Path, changes: dict[str, Any], error: type[FaceprepError], words: str
) -> None:
    folder = seen_run(tmp_path / "mine", ["a"], [], **changes)
    with pytest.raises(error, match=words):
        open_trained(str(folder))


@pytest.mark.parametrize("folder", ["", "nowhere", "memory://nowhere/run"])
def test_no_run_is_an_error(folder: str) -> None:
    with pytest.raises(InputError, match="no run"):
        open_trained(folder)
