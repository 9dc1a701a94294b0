"""What the tests of verify need: a folder of faces in two parts, and faces to make data sets of."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.verify import build

if TYPE_CHECKING:
    from faceprep.records import ShardFace
    from tests.conftest import Sample


@pytest.fixture(scope="session")
def extracted(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the real command makes of three identities, and then of a fourth: two parts."""
    home = tmp_path_factory.mktemp("verify")
    raw, out = home / "raw", home / "faces"
    *first, last = sorted(path.name for path in sample.root.iterdir())
    for names in (first, [last]):
        for name in names:
            shutil.copytree(sample.root / name, raw / name)
        command = [sys.executable, "-m", "faceprep", "extract", raw, "--out", out, "--workers", "1"]
        subprocess.run(list(map(str, command)), cwd=ROOT, check=True, capture_output=True)
    return out


@pytest.fixture
def faces(extracted: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(extracted, tmp_path / "faces"))


@pytest.fixture(scope="session")
def people(extracted: Path) -> dict[str, list[ShardFace]]:
    """Identity to their six faces."""
    return build.faces_in(extracted)
