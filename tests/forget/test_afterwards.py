"""What other commands say of a folder in which people have been forgotten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faceprep.face_folder import open_faces
from faceprep.forget.options import ForgetOptions
from faceprep.forget.run import forget
from faceprep.inspect.run import inspect
from faceprep.select.run import ensure_targets
from faceprep.status.run import status
from faceprep.targets import NAME
from tests.forget.made import ANN, ZOE, people


@pytest.fixture(scope="module")
def left(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("left") / "faces"))
    forget(str(folder), [ANN, ZOE], ForgetOptions(), shards="none", runs_dir="none")
    return folder


@pytest.mark.parametrize("exact", [False, True])
def test_status_counts_parts_of_any_size(left: Path, exact: bool) -> None:
    (found,) = status(str(left), exact=exact).as_json()["folders"]
    images = 6 * (len(people()) - 2) + 3
    assert (found["finished"], found["done"], found["total"]) == (True, images, images)
    assert found["targets"] == "chosen"


def test_inspect_sees_all_others(left: Path) -> None:
    assert inspect(str(left)).facts["identities"] == len(people()) - 2 + 1


def test_nothing_is_chosen_again(left: Path) -> None:
    before = (left / NAME).read_bytes()
    ensure_targets(open_faces(str(left)))
    assert (left / NAME).read_bytes() == before
