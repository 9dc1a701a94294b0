"""The folder of predictions: of one run and of the same images, or of nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.errors import InputError, UsageError
from faceprep.predict.predict_folder import MARKER, begin, check_named

if TYPE_CHECKING:
    from pathlib import Path

GIVEN: dict[str, Any] = {"run": "v12", "images": ["a.jpg"], "options": {"face": "all"}}


def test_the_same_may_come_again(tmp_path: Path) -> None:
    for _ in range(2):
        begin(str(tmp_path), **GIVEN)
    said = json.loads((tmp_path / MARKER).read_text())
    assert (said["run"], said["options"], said["format"]) == ("v12", {"face": "all"}, 1)


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"run": "v1"}, "run"), ({"images": ["b.jpg"]}, "images"), ({"options": {}}, "options")],
)
def test_others_may_not(tmp_path: Path, changed: dict[str, Any], word: str) -> None:
    begin(str(tmp_path), **GIVEN)
    with pytest.raises(UsageError, match=f"predictions with other {word} than now; choose another"):
        begin(str(tmp_path), **{**GIVEN, **changed})


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="holds other files"):
        begin(str(tmp_path), **GIVEN)
    with pytest.raises(UsageError, match="--out is empty"):
        check_named("")
