"""The command line: what it takes, where settings come from, and what bad input gets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from faceprep.cli import cli
from faceprep.extract.options import ExtractOptions
from faceprep.faces.options import REJECTS
from faceprep.records import OK, STATUSES
from tests.conftest import ROOT, Sample, summary_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def workspace(sample: Sample, tmp_path: Path) -> Path:
    """A working directory with two people in `raw/`."""
    for name in ("person_00", "person_01"):
        shutil.copytree(sample.root / name, tmp_path / "raw" / name)
    return tmp_path


@pytest.mark.parametrize("command", cli.commands.values(), ids=lambda c: str(c.name))
def test_every_option_has_a_help_text(command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or getattr(parameter, "help", None), (
            parameter.name
        )


@pytest.mark.parametrize("command", list(cli.commands))
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert f"faceprep {command}" in (ROOT / "README.md").read_text("utf-8")


def test_what_can_be_retried_are_the_rejects() -> None:
    assert {*REJECTS, OK} == set(STATUSES)


def test_the_options_of_extract_are_those_of_its_dataclass() -> None:
    names = {parameter.name for parameter in cli.commands["extract"].params}
    assert set(ExtractOptions.__dataclass_fields__) <= names


def test_the_defaults_are_raw_and_faces(workspace: Path, faceprep: Faceprep) -> None:
    summary = summary_of(faceprep("extract", "--json", cwd=workspace))
    assert summary["images"] == summary["faces"] == 12
    assert (workspace / "faces" / "extract.json").exists()


def test_the_summary_for_people_names_the_numbers(workspace: Path, faceprep: Faceprep) -> None:
    run = faceprep("extract", cwd=workspace)
    assert run.returncode == 0
    lines = dict(line.rsplit(maxsplit=1) for line in run.stdout.splitlines() if "parts" not in line)
    assert lines["images"] == lines["faces"] == "12"
    assert float(lines["images/s"]) > 0


def test_quiet_says_nothing_when_all_is_well(workspace: Path, faceprep: Faceprep) -> None:
    run = faceprep("extract", "--quiet", cwd=workspace)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_json_log_is_one_object_a_line(workspace: Path, faceprep: Faceprep) -> None:
    run = faceprep("extract", "--log-format", "json", cwd=workspace)
    entries = [json.loads(line) for line in run.stderr.splitlines()]
    assert entries
    assert all({"severity", "time", "message"} <= entry.keys() for entry in entries)


@pytest.mark.parametrize(
    ("arguments", "environment", "settings", "expected"),
    [
        ([], {}, "", 160),
        ([], {}, "[extract]\nsize = 96\n", 96),
        ([], {"FACEPREP_EXTRACT_SIZE": "80"}, "[extract]\nsize = 96\n", 80),
        (["--size", "64"], {"FACEPREP_EXTRACT_SIZE": "80"}, "[extract]\nsize = 96\n", 64),
    ],
)
def test_command_line_over_environment_over_file_over_default(
    workspace: Path,
    faceprep: Faceprep,
    arguments: list[str],
    environment: dict[str, str],
    settings: str,
    expected: int,
) -> None:
    (workspace / "faceprep.toml").write_text(settings)
    run = faceprep("extract", *arguments, cwd=workspace, env=os.environ | environment)
    assert run.returncode == 0, run.stderr
    manifest = json.loads((workspace / "faces" / "extract.json").read_text())
    assert manifest["options"]["size"] == expected


def test_the_workspace_can_be_elsewhere(workspace: Path, faceprep: Faceprep) -> None:
    (workspace / "raw").rename(workspace / "photos")
    (workspace / "faceprep.toml").write_text('raw = "photos"\nworkers = 1\n')
    run = faceprep("extract", "--json", cwd=workspace, env=os.environ | {"FACEPREP_FACES": "found"})
    assert summary_of(run)["workers"] == 1
    assert (workspace / "found" / "extract.json").exists()


BAD = [
    (["extract", "nowhere"], 3, "no such folder"),
    (["extract", "empty"], 3, "no images"),
    (["extract", "file.txt"], 3, "--layout list takes a .csv or .parquet file"),
    (["extract", "file.txt", "--layout", "identity"], 3, "a folder of images is expected"),
    (["extract", "flat"], 3, "each person's into a folder of their own"),
    (["extract", "--layout", "lfw"], 2, "'lfw' is not one of"),
    (["extract", "--layout", "cfp"], 3, "none of its 12 images lies as layout 'cfp' expects"),
    (["extract", "--size", "8"], 2, "--size"),
    (["extract", "--size", "big"], 2, "--size"),
    (["extract", "--min-score", "1.5"], 2, "--min-score"),
    (["extract", "--workers", "0"], 2, "--workers"),
    (["extract", "--max-rejects", "lots"], 2, "write 5% or 0.05"),
    (["extract", "--align", "arcface"], 2, "add --pose mesh"),
    (["extract", "--detector", "blazface"], 2, "did you mean 'blazeface'?"),
    (["extract", "--detector", "nowhere:Nothing"], 2, "PYTHONPATH"),
    (["extract", "columns.csv"], 3, "no column identity"),
    (["extract", "leaves.csv"], 3, "leaves the folder of the list"),
    (["extract", "--out", "file.txt"], 4, "a file stands where a folder is needed"),
    (["extract", "--sise", "8"], 2, "--size"),
    (["extrac"], 2, "extrac"),
    (["extract", "--timeout", "nan"], 2, "--timeout is nan"),
    (["extract", "--retry", "timeouts"], 2, "did you mean 'timeout'?"),
    (["extract", "--out", ""], 2, "--out is empty"),
    (["extract", "--out", "raw/faces"], 2, "lies in the source"),
    (["extract", "--detector", "json:JSONDecoder"], 2, "it is called with the least score"),
    (["extract", "--out", "nowhere://bucket/faces"], 2, "nowhere://bucket/faces"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), BAD, ids=lambda v: str(v)[:40])
def test_bad_input_gets_one_clear_line_and_its_exit_code(
    workspace: Path, faceprep: Faceprep, arguments: list[str], code: int, words: str
) -> None:
    (workspace / "empty").mkdir()
    (workspace / "file.txt").write_text("not a folder")
    shutil.copytree(workspace / "raw" / "person_00", workspace / "flat")
    (workspace / "columns.csv").write_text("path,person\nraw/person_00/00.jpg,a\n")
    (workspace / "leaves.csv").write_text("path,identity\n../../etc/passwd,a\n")
    run = faceprep(*arguments, cwd=workspace)
    assert run.returncode == code, run.stderr
    errors = [line for line in run.stderr.splitlines() if "faceprep: error:" in line]
    assert len(errors) == 1
    assert words in errors[0]
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_a_wrong_setting_names_the_file_and_the_nearest(
    workspace: Path, faceprep: Faceprep
) -> None:
    (workspace / "faceprep.toml").write_text("[extract]\nsizes = 96\n")
    run = faceprep("extract", cwd=workspace)
    assert run.returncode == 2
    assert "faceprep.toml" in run.stderr
    assert "did you mean 'size'?" in run.stderr


def test_a_wrong_model_file_is_refused_before_anything_is_written(
    workspace: Path, faceprep: Faceprep
) -> None:
    (workspace / "model.task").write_bytes(b"not a model")
    environment = os.environ | {"FACEPREP_MODEL": "model.task"}
    run = faceprep("extract", cwd=workspace, env=environment)
    assert run.returncode == 5
    assert "not the official one" in run.stderr
    assert not (workspace / "faces").exists()


def test_a_folder_without_permission_is_named(workspace: Path) -> None:
    (workspace / "shut").mkdir(mode=0o500)
    command = [sys.executable, "-m", "faceprep", "extract", "--out", "shut/faces"]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write anywhere, and there is no setpriv to take that from it")
        command = ["setpriv", "--bounding-set=-dac_override", *command]
    run = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    assert run.returncode == 4, run.stderr
    assert "shut/faces: no permission to write" in run.stderr


def test_too_many_rejects_are_an_error_that_keeps_the_faces(
    workspace: Path, faceprep: Faceprep
) -> None:
    for number in range(4):
        (workspace / "raw" / "person_00" / f"broken{number}.jpg").write_bytes(b"\xff\xd8\xff")
    run = faceprep("extract", "--max-rejects", "10%", cwd=workspace)
    assert run.returncode == 1
    assert "4 of 16 images (25.0%) gave no face, more than --max-rejects 10.0%" in run.stderr
    assert len(list((workspace / "faces").glob("part-*"))) == 1
    assert faceprep("extract", "--max-rejects", "0.25", cwd=workspace).returncode == 0


def test_debug_shows_where_an_error_came_from(workspace: Path, faceprep: Faceprep) -> None:
    run = faceprep("extract", "nowhere", "--debug", cwd=workspace)
    assert run.returncode == 3
    assert "Traceback" in run.stderr


def test_rejects_can_be_tried_again(workspace: Path, faceprep: Faceprep) -> None:
    image = workspace / "raw" / "person_00" / "late.jpg"
    image.write_bytes(b"")
    assert summary_of(faceprep("extract", "--json", cwd=workspace))["rejects"] == {"unreadable": 1}
    shutil.copyfile(workspace / "raw" / "person_00" / "00.jpg", image)
    assert summary_of(faceprep("extract", "--json", cwd=workspace))["processed"] == 0
    again = summary_of(faceprep("extract", "--retry", "unreadable", "--json", cwd=workspace))
    assert (again["processed"], again["faces"], again["rejects"]) == (13, 13, {})


def test_a_run_without_a_single_face_is_an_error(tmp_path: Path, faceprep: Faceprep) -> None:
    (tmp_path / "raw" / "ann").mkdir(parents=True)
    (tmp_path / "raw" / "ann" / "1.jpg").write_bytes(b"no image")
    run = faceprep("extract", cwd=tmp_path)
    assert run.returncode == 1
    assert "none of the 1 images gave a face" in run.stderr


def test_without_a_command_there_is_help(faceprep: Faceprep) -> None:
    run = faceprep()
    assert run.returncode == 2
    assert run.stderr.startswith("Usage: faceprep")


def test_wrong_usage_is_a_json_line_too(faceprep: Faceprep) -> None:
    run = faceprep("extract", "--log-format", "json", "--size", "big")
    assert json.loads(run.stderr)["severity"] == "ERROR"


@pytest.mark.parametrize(
    ("stream", "code"), [(">&-", 0), ("2>&-", 0), ("<&-", 0), (">/dev/full", 4)]
)
def test_closed_and_full_streams_are_no_defect(workspace: Path, stream: str, code: int) -> None:
    command = f"{sys.executable} -m faceprep extract {stream}"
    run = subprocess.run(["bash", "-c", command], cwd=workspace, capture_output=True, text=True)
    assert run.returncode == code, run.stderr
    assert "defect" not in run.stderr
    assert (workspace / "faces" / "extract.json").exists()


def test_defaults_of_nought_are_shown(faceprep: Faceprep) -> None:
    assert "[default: 0" in faceprep("shard", "pairs", "--help").stdout
