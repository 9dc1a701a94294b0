"""The README tells the truth: its commands run, its tables and its tree are those of the code."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from examples.sample_faces import make_sample
from faceprep.records import STATUSES, face_schema
from tests.conftest import ROOT, Sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

README = (ROOT / "README.md").read_text("utf-8")


def commands(heading: str) -> list[str]:
    """The lines of the shell blocks below a heading of the README."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`raw/`, and `photos/` with the table that the README's commands name.

    Enough people that there are some in each split.
    """
    folder = tmp_path_factory.mktemp("readme")
    images = make_sample(folder, identities=12, images=4)
    shutil.copytree(folder / "raw", folder / "photos")
    lines = [f"{image.key},{image.identity}" for image in images]
    (folder / "photos" / "list.csv").write_text("\n".join(["path,identity", *lines, ""]))
    return folder


def test_the_commands_of_the_readme_run_in_order(
    workspace: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    headings = ("Extract", "Shard", "Train", "The same person or not", "Beyond one machine")
    lines = [line for heading in headings for line in commands(heading)]
    assert len(lines) > 12
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "faceprep"
        run = faceprep(*arguments, cwd=workspace, timeout=600)
        assert run.returncode == 0, f"{line}: {run.stderr}"
        assert run.stdout


def test_tensorflow_datasets_reads_the_pairs_in_the_words_of_the_readme(
    sample: Sample, tmp_path: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    shutil.copytree(sample.root, tmp_path / "raw")
    for command in (["extract"], ["shard", "--split", "train=1"]):
        assert faceprep(*command, cwd=tmp_path).returncode == 0
    program = re.search(r"```python\n(import tensorflow_datasets.*?)```", README, re.DOTALL)
    assert program
    lines = f"{program[1]}    print(feature.shape, target.dtype.name)\n"
    run = subprocess.run(
        [sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == ["(160, 160, 3) uint8"] * 20


def test_the_quick_start_names_targets_and_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for line in commands("Quick start"):
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE)
        else:
            assert line in {"pip install .", "faceprep doctor"}


@pytest.mark.parametrize("name", face_schema().names)
def test_every_column_is_described(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_every_status_is_described_in_the_words_of_the_code(status: str, meaning: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{status}` |"))
    plain = row.replace("`", "").split("|")[2].strip()
    assert plain == meaning.replace("`", "")


def test_the_tree_shows_every_module() -> None:
    tree = README.split("## The tree")[1].split("## ")[0]
    for path in [*ROOT.glob("faceprep/**/*.py"), *ROOT.glob("examples/*.py")]:
        if not path.name.startswith("__"):
            assert re.search(
                rf"^\s+(\w+\.py, )*{re.escape(path.name)}(,|\s+\S|$)", tree, re.MULTILINE
            )


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    section = project.split("\ndependencies = [")[1].split("\n]")[0]
    table = README.split("## Dependencies")[1].split("\n## ")[0]
    for name in re.findall(r'"([a-z0-9-]+)', section):
        assert re.search(rf"^\| [^|]*\b{name}\b[^|]*\|", table, re.MULTILINE), name


def test_the_contact_sheet_is_drawn(workspace: Path, tmp_path: Path) -> None:
    extract = [sys.executable, "-m", "faceprep", "extract", "raw", "--out", str(tmp_path / "faces")]
    subprocess.run(extract, cwd=workspace, check=True, capture_output=True)
    script = [sys.executable, str(ROOT / "examples" / "contact_sheet.py")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    arguments = [str(tmp_path / "faces"), str(tmp_path / "faces.png")]
    subprocess.run([*script, *arguments], check=True, capture_output=True, env=environment)
    assert (tmp_path / "faces.png").read_bytes().startswith(b"\x89PNG")


def test_pandas_reads_the_parts_in_the_words_of_the_readme(
    workspace: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    assert faceprep("extract", "raw", cwd=workspace).returncode == 0
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert program
    lines = f"{program[1]}\nprint(len(faces), set(faces.status))"
    run = subprocess.run(
        [sys.executable, "-c", lines], cwd=workspace, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "48 {'ok'}"
