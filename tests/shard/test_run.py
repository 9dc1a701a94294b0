"""The stage as its users meet it: what a bare `faceprep shard` does, and what bad input gets."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from tests.conftest import summary_of
from tests.shard.small_cfp import make_small_cfp

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def extracted(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with `raw/` and `faces/`."""
    from subprocess import run
    from sys import executable

    folder = tmp_path_factory.mktemp("extracted")
    shutil.copytree(sample.root, folder / "raw")
    run([executable, "-m", "faceprep", "extract", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture
def workspace(extracted: Path, tmp_path: Path) -> Path:
    shutil.copytree(extracted, tmp_path / "workspace")
    return tmp_path / "workspace"


def test_a_bare_shard_chooses_targets_and_makes_pairs(workspace: Path, faceprep: Faceprep) -> None:
    summary = summary_of(faceprep("shard", "--json", cwd=workspace))
    assert set(summary) == {"pairs"}
    assert summary["pairs"]["records"] == 20
    assert (workspace / "faces" / "targets.parquet").exists()
    assert (workspace / "shards" / "pairs" / "1.0.0" / "dataset_info.json").exists()


def test_a_bare_shard_of_cfp_makes_the_protocols_pairs_too(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    make_small_cfp(sample, tmp_path / "raw")
    faceprep("extract", cwd=tmp_path)
    summary = summary_of(faceprep("shard", "--json", "--shards", "1", cwd=tmp_path))
    assert set(summary) == {"pairs", "cfp"}
    assert list(summary["cfp"]["splits"]) == ["ff01", "ff02", "fp01", "fp02"]


def test_without_a_protocol_there_are_pairs_alone(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    make_small_cfp(sample, tmp_path / "raw")
    faceprep("extract", cwd=tmp_path)
    shutil.rmtree(tmp_path / "raw" / "Protocol")
    run = faceprep("shard", "--json", cwd=tmp_path)
    assert set(summary_of(run)) == {"pairs"}
    assert "raw/Protocol: not there" in run.stderr


def test_targets_are_chosen_anew_when_faces_came_since(
    sample: Sample, workspace: Path, faceprep: Faceprep
) -> None:
    faceprep("select", "--max-angle", "30", cwd=workspace)
    before = (workspace / "faces" / "targets.parquet").read_bytes()
    shutil.copytree(sample.root / "person_00", workspace / "raw" / "person_99")
    faceprep("extract", cwd=workspace)
    run = faceprep("shard", "pairs", "--keep-conflicts", "--json", cwd=workspace)
    assert summary_of(run)["pairs"]["conflicting_pictures"] == 6
    assert (workspace / "faces" / "targets.parquet").read_bytes() != before
    assert "one picture under two identities: person_00/" in run.stderr


def test_settings_reach_the_commands_of_the_group(workspace: Path, faceprep: Faceprep) -> None:
    (workspace / "faceprep.toml").write_text('shards = "out"\n[shard.pairs]\nshards = 2\n')
    summary = summary_of(faceprep("shard", "pairs", "--json", cwd=workspace))["pairs"]
    assert set(summary["shards"].values()) == {2}
    assert (workspace / "out" / "pairs").is_dir()


@pytest.mark.parametrize(
    "command", [["shard"], ["shard", "pairs"], ["shard", "triplets"], ["select"]]
)
def test_missing_faces_are_one_clear_line(
    command: list[str], tmp_path: Path, faceprep: Faceprep
) -> None:
    run = faceprep(*command, cwd=tmp_path)
    assert run.returncode == 3
    assert run.stderr.count("\n") == 1
    assert "faces: no such folder; make them with 'faceprep extract SRC --out faces'" in run.stderr


def test_incomplete_faces_are_refused_and_taken_on_request(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(sample.root, tmp_path / "raw")
    faceprep("extract", cwd=tmp_path)
    shutil.copytree(sample.root / "person_00", tmp_path / "raw" / "person_88")
    faceprep("extract", cwd=tmp_path)
    next((tmp_path / "faces").glob("*.update-001.parquet")).unlink()
    run = faceprep("shard", cwd=tmp_path)
    assert run.returncode == 3
    assert "1 of 2 parts are still to do" in run.stderr
    assert "--allow-incomplete" in run.stderr
    taken = faceprep("shard", "pairs", "--allow-incomplete", "--json", cwd=tmp_path)
    assert summary_of(taken)["pairs"]["records"] == 20


def test_faces_of_another_format_are_named(workspace: Path, faceprep: Faceprep) -> None:
    path = workspace / "faces" / "extract.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    run = faceprep("shard", cwd=workspace)
    assert run.returncode == 3
    assert "faces: has format 1, this faceprep reads 2" in run.stderr


def test_people_with_one_face_each_make_no_pair(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    for image in sample.images[::6]:
        (tmp_path / "raw" / image.identity).mkdir(parents=True)
        shutil.copy(sample.root / image.key, tmp_path / "raw" / image.identity)
    faceprep("extract", cwd=tmp_path)
    faceprep("select", "--max-angle", "90", cwd=tmp_path)
    run = faceprep("shard", cwd=tmp_path)
    assert run.returncode == 3
    assert "no pair can be made" in run.stderr
    assert "left out: 4 singletons" in run.stderr
    assert not (tmp_path / "shards").exists()
    more = faceprep("shard", "pairs", "--include-singletons", "--json", cwd=tmp_path)
    assert summary_of(more)["pairs"]["records"] == 4


def test_an_output_that_cannot_be_written_is_named(workspace: Path, faceprep: Faceprep) -> None:
    (workspace / "shards").write_text("a file")
    run = faceprep("shard", cwd=workspace)
    assert run.returncode == 4
    assert "shards" in run.stderr
    assert "a file stands where a folder is needed" in run.stderr


def test_a_bare_shard_is_set_as_its_pairs_are(workspace: Path, faceprep: Faceprep) -> None:
    (workspace / "faceprep.toml").write_text("[shard.pairs]\nseed = 7\n")
    faceprep("shard", cwd=workspace)
    again = faceprep("shard", "pairs", cwd=workspace)
    assert (again.returncode, "nothing was left to do" in again.stdout) == (0, True), again.stderr
    (workspace / "faceprep.toml").unlink()
    environment = {**os.environ, "FACEPREP_SHARD_PAIRS_SEED": "7"}
    assert faceprep("shard", cwd=workspace, env=environment).returncode == 0


@pytest.mark.parametrize(
    "command", [["shard", "--out", ""], ["shard", "pairs", ""], ["select", ""]]
)
def test_an_empty_name_is_no_folder(
    command: list[str], workspace: Path, faceprep: Faceprep
) -> None:
    run = faceprep(*command, cwd=workspace)
    assert run.returncode == 2
    assert "empty" in run.stderr


def test_a_protocol_without_pairs_is_named(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    small = make_small_cfp(sample, tmp_path / "raw")
    faceprep("extract", cwd=tmp_path)
    for path in small.protocol.glob("Split/*/*/*.txt"):
        path.write_text("")
    run = faceprep("shard", "cfp", "raw/Protocol", cwd=tmp_path)
    assert run.returncode == 3
    assert "raw/Protocol: its folds hold no pairs" in run.stderr
    small.fold("FF", 2, "same").parent.rename(small.protocol / "Split" / "FF" / "11")
    run = faceprep("shard", "cfp", "raw/Protocol", cwd=tmp_path)
    assert "'11' is no fold; they are 01 to 10" in run.stderr


def test_extract_does_not_clear_faces_that_are_being_read(
    workspace: Path, faceprep: Faceprep
) -> None:
    with storage.in_use(str(workspace / "faces"), alone=False):
        run = faceprep("extract", "--overwrite", cwd=workspace)
    assert run.returncode == 4
    with storage.in_use(str(workspace / "faces"), alone=True):
        run = faceprep("shard", cwd=workspace)
    assert run.returncode == 4
    assert "faces: another run is at work in it" in run.stderr
