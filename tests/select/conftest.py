"""Extracted faces: the rendered sample several times over, in two parts."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample

COPIES = 6
"""24 images each; a part holds 128."""


@pytest.fixture(scope="session")
def crowd(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root of 24 identities with 6 images each, no two of the same bytes.

    A byte after the end of a JPEG changes its hash and not what it shows.
    """
    root = tmp_path_factory.mktemp("crowd") / "raw"
    for copy in range(COPIES):
        for image in sample.images:
            path = root / f"{copy}_{image.key}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((sample.root / image.key).read_bytes() + bytes([copy]))
    return root


@pytest.fixture(scope="session")
def extracted(crowd: Path) -> Path:
    """The faces of the crowd; tests leave it as it is."""
    out = crowd.parent / "faces"
    extract(str(crowd), str(out), ExtractOptions(), workers=2)
    return out


@pytest.fixture
def faces(extracted: Path, tmp_path: Path) -> Path:
    """The same, to choose in."""
    return shutil.copytree(extracted, tmp_path / "faces")
