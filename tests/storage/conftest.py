"""Places to keep things: the local disk, fsspec's memory, and real servers of S3 and GCS."""

from __future__ import annotations

import subprocess
import uuid
from typing import TYPE_CHECKING

import fsspec
import pytest

from faceprep import storage
from faceprep.storage import persistence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["local", "memory", "s3", "gs"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty folder, once on the disk and once behind each kind of URL."""
    if request.param == "local":
        yield str(tmp_path)
    elif request.param == "memory":
        url = f"memory://{uuid.uuid4().hex}"
        storage.make_folder(url)
        yield url
        fsspec.filesystem("memory").rm(url, recursive=True)
    else:
        fixture = {"s3": "s3_bucket", "gs": "gcs_bucket"}[request.param]
        yield f"{request.getfixturevalue(fixture)}/some/folder"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting a small file system is not permitted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again."""
    monkeypatch.setattr(persistence, "PATIENCE", 0.0)
