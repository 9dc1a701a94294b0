"""What several tests of training need: a place behind a URL, and a run that nobody disturbed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

from tests.conftest import summary_of
from tests.train.small_pairs import small_pairs
from tests.train.small_training import finished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def memory_url() -> Iterator[str]:
    """A folder of fsspec's file system in memory, which stands for a cloud."""
    root = f"memory://{uuid.uuid4().hex}"
    yield root
    files = fsspec.filesystem("memory")
    if files.exists(root):
        files.rm(root, recursive=True)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with shards/."""
    folder = tmp_path_factory.mktemp("train")
    small_pairs(folder)
    return folder


@pytest.fixture(scope="session")
def trained(workspace: Path) -> dict[str, Any]:
    """The summary of a run in it that nobody disturbed."""
    run = finished(workspace, "--deterministic", "--json")
    assert "Warning" not in run.stderr, run.stderr
    return summary_of(run)
