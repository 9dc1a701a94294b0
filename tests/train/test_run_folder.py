"""run.json, and the names of run folders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError, StorageError
from faceprep.train import run_folder
from faceprep.train.run_folder import Run

if TYPE_CHECKING:
    from pathlib import Path

RUN = Run(
    kind="autoencoder",
    name="autoencoder-v12-001",
    preset="v12",
    options={"latent": 256},
    fit={"epochs": 3},
    data={"fingerprint": "f" * 64},
    parameters=18_736_897,
    summary="Größe",
    versions={},
    machine={"devices": ["CPU"]},
    began="2026-11-22T05:00:00+00:00",
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    run = replace(RUN, best_epoch=2, scores={"test": {"model": {"mse": 0.04, "images": 570}}})
    run_folder.write_run(str(tmp_path), run)
    assert run_folder.read_run(str(tmp_path)) == run


def test_an_empty_folder_has_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file"):
        assert run_folder.read_run(str(folder)) is None


def test_runs_behind_a_url_are_like_others(memory_url: str) -> None:
    assert run_folder.next_name(memory_url, "a") == "a-001"
    for name in ("a-001", "a-011"):
        assert run_folder.read_run(f"{memory_url}/{name}") is None
        run_folder.write_run(f"{memory_url}/{name}", RUN)
        assert run_folder.read_run(f"{memory_url}/{name}") == RUN
    assert run_folder.numbered(memory_url, "a") == ["a-001", "a-011"]
    assert run_folder.next_name(memory_url, "a") == "a-012"


@pytest.mark.parametrize("folder", ["runs/a-001", "runs/a-001/", "gs://b/a-001", "gs://b/a-001/"])
def test_the_name_of_a_run_is_that_of_its_folder(folder: str) -> None:
    assert run_folder.name_of(folder) == "a-001"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1, "kind": "autoencoder"}', '{"format": 1, "x": 2}']
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=r"run\.json: not readable"):
        run_folder.read_run(str(tmp_path))


def test_another_format_is_named(tmp_path: Path) -> None:
    run_folder.write_run(str(tmp_path), RUN)
    file = tmp_path / "run.json"
    file.write_text(file.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(InputError, match="of format 9, this faceprep knows 1"):
        run_folder.read_run(str(tmp_path))


def test_runs_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ("a-010", "a-9", "a-002", "a-1000", "b-003", "a-b-004", "a")
    for name in names:
        (tmp_path / name).mkdir()
    assert run_folder.numbered(str(tmp_path), "a") == ["a-002", "a-010", "a-1000"]
    assert run_folder.next_name(str(tmp_path), "a") == "a-1001"
    assert run_folder.next_name(str(tmp_path), "a-b") == "a-b-005"
    assert run_folder.next_name(str(tmp_path / "none"), "a") == "a-001"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        run_folder.write_run(str(tmp_path / "file"), RUN)
