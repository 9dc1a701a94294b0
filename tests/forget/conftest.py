"""What the tests of forget need: a folder of faces, made once, and a copy to forget in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.forget.made import make_folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tests leave it as it is."""
    return make_folder(tmp_path_factory.mktemp("forget") / "faces")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The same, to forget in."""
    return Path(shutil.copytree(made, tmp_path / "faces"))
