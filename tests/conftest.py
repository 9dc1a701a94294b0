"""What several tests need: the rendered sample, real photographs where there are any, the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from examples.sample_faces import SampleImage, make_sample
from tests.object_stores import bucket, gate, gcs_bucket, gcs_gate, s3_bucket, s3_gate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["bucket", "gate", "gcs_bucket", "gcs_gate", "s3_bucket", "s3_gate"]

settings.register_profile("faceprep", deadline=None)  # a busy machine is no failure
settings.load_profile("faceprep")

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Sample:
    """The rendered data set: `root` holds identity folders, `images` the true poses."""

    root: Path
    images: tuple[SampleImage, ...]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Six images each of four identities, rendered at known poses."""
    out = tmp_path_factory.mktemp("sample")
    return Sample(out / "raw", tuple(make_sample(out, identities=4, images=6)))


@pytest.fixture(scope="session")
def cfp() -> Path:
    """The root of CFP; the test is skipped without FACEPREP_CFP."""
    return _data("FACEPREP_CFP", "Data/Images")


@pytest.fixture(scope="session")
def breakers() -> Path:
    """A folder of files that break image pipelines; the test is skipped without FACEPREP_BREAKERS."""
    return _data("FACEPREP_BREAKERS", "MANIFEST.tsv")


def _data(variable: str, landmark: str) -> Path:
    given = os.environ.get(variable)
    if not given:
        pytest.skip(f"{variable} is not set: it names data that is not part of the project")
    path = Path(given).resolve()
    assert (path / landmark).exists(), f"{variable} is {path}, which has no {landmark}"
    return path


@pytest.fixture
def faceprep() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command: `faceprep("extract", "raw", cwd=folder)`; streams are captured as text."""

    def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "faceprep", *map(str, arguments)]
        return subprocess.run(
            command, **{"capture_output": True, "text": True, "timeout": 120, **options}
        )

    return run


def summary_of(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The object that `--json` printed."""
    assert run.returncode == 0, run.stderr
    summary: dict[str, Any] = json.loads(run.stdout)
    return summary
