"""The doctor on this machine, and on a machine in which much is broken."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest

from faceprep.doctor import Finding, examine
from faceprep.faces import model

if TYPE_CHECKING:
    from pathlib import Path

Findings = dict[str, Finding]

SUBJECTS = [
    "Python",
    "faceprep",
    "mediapipe",
    "opencv-python",
    "opencv-contrib-python",
    "numpy",
    "pyarrow",
    "tensorflow",
    "one OpenCV",
    "OpenCV loads",
    "MediaPipe loads",
    "model file",
    "cores",
    "memory",
    "disk",
    "GPU",
]


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Of this machine; tensorflow is really loaded for it, so once is enough."""
    return {finding.subject: finding for finding in examine()}


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Findings:
    """Of a machine without libGL, without a working tensorflow, and without the model file."""
    for name, words in (("cv2", "libGL.so.1: cannot open"), ("tensorflow", "bad wheel")):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError({words!r})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv(model.VARIABLE, str(tmp_path / "nowhere.task"))
    return {finding.subject: finding for finding in examine()}


def test_everything_is_looked_at(findings: Findings) -> None:
    assert list(findings) == SUBJECTS


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if s not in ("memory", "disk")])
def test_a_machine_on_which_the_tests_run_will_do(findings: Findings, subject: str) -> None:
    assert findings[subject].ok, findings[subject].detail


@pytest.mark.parametrize("package", ["mediapipe", "numpy", "tensorflow"])
def test_a_package_is_given_with_its_version(findings: Findings, package: str) -> None:
    assert findings[package].detail == importlib.metadata.version(package)


def test_the_model_file_is_named_with_its_hash(findings: Findings) -> None:
    assert str(model.find()) in findings["model file"].detail
    assert model.SHA256[:12] in findings["model file"].detail


def test_every_broken_thing_is_reported_with_its_remedy(broken: Findings) -> None:
    assert list(broken) == SUBJECTS
    mended_by = {
        "OpenCV loads": ("libGL.so.1: cannot open", "apt-get install libegl1"),
        "model file": ("nowhere.task", "cannot be read", f"set {model.VARIABLE}"),
        "GPU": ("tensorflow cannot be loaded", "pip install"),
    }
    for subject, words in mended_by.items():
        assert not broken[subject].ok
        assert all(word in broken[subject].detail for word in words), broken[subject]
