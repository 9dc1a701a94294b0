"""The README tells the truth: its commands run, its tables and its tree are those of the code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from examples.sample_faces import make_sample
from faceprep.api.tables import read_faces
from faceprep.records import STATUSES, face_schema
from tests.conftest import ROOT
from tests.texts import read_blocks, run_blocks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.texts import Block

README = (ROOT / "README.md").read_text("utf-8")


RUN = (
    *("Extract", "Shard", "Look", "Train", "The same person or not", "From Python"),
    *("Beyond one machine", "Privacy and fairness"),
)
"""Sections whose programs are run, in their order; the quick start is `make`'s."""

SMALLER = {
    "FACEPREP_TRAIN_SIAMESE_INPUT_SIZE": "63x63x1",
    "FACEPREP_TRAIN_SIAMESE_BACKBONE": "alexnet",
    "FACEPREP_TRAIN_SIAMESE_AUGMENT": "0",
}
"""Another network than the README's, for it is compiled in two thirds of the time."""


def section(heading: str) -> list[Block]:
    """The programs below a heading of the README."""
    return read_blocks(README.split(f"\n## {heading}\n")[1].split("\n## ")[0])


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


def test_what_the_readme_says_runs_in_order(workspace: Path) -> None:
    blocks = [block for heading in RUN for block in section(heading)]
    assert {block.language for block in blocks} >= {"sh", "python"}
    assert len(blocks) > 9
    run_blocks(blocks, workspace, SMALLER)
    assert (workspace / "look.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert "person_03" not in set(read_faces(str(workspace / "faces"))["identity"].to_pylist())


def test_the_quick_start_names_targets_and_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lines = [line for block in section("Quick start") for line in block.content.splitlines()]
    for line in filter(None, lines):
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


def test_the_tree_shows_every_module_and_no_other() -> None:
    shown = in_tree(README.split("## The tree")[1].split("```")[1])
    found = [*ROOT.glob("faceprep/**/*.py"), *ROOT.glob("examples/*.py")]
    modules = {path.relative_to(ROOT).as_posix() for path in found if path.name[:2] != "__"}
    assert {path for path in shown if path.endswith(".py") and "*" not in path} == modules


def in_tree(tree: str) -> set[str]:
    """The paths that a tree shows: names, some with commas between them, two blanks deeper in each folder."""
    shown, above = set(), list[str]()
    for line in filter(str.strip, tree.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.split(r" {2,}|(?<=[^,]) ", line.strip())[0].split(", ")
        if depth > len(above) or not re.fullmatch(r"[\w*-]+(/|\.\w+)", names[0].rstrip(",")):
            continue  # the end of a longer line
        del above[depth:]
        shown |= {"/".join([*above, name.strip(",")]) for name in names}
        if names[0].endswith("/"):
            above.append(names[0].rstrip("/"))
    return shown


def test_every_section_with_programs_is_run() -> None:
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    with_programs = {name for name in headings if any(block.runs for block in section(name))}
    assert with_programs == {*RUN, "Quick start"}
    languages = {block.language for name in headings for block in section(name)}
    assert languages <= {"sh", "python", "toml", ""}


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
