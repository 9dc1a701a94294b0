"""Who may import whom: the rules of the house, read off the code and off a running interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "faceprep"
MODULES = sorted(PACKAGE.rglob("*.py"))

STAGES = ("extract", "select", "shard", "train", "verify", "inspect", "export")
COMMANDS = {
    "cli.py",
    "parameters.py",
    *(f"commands/{path.name}" for path in PACKAGE.glob("commands/*.py")),
}
LIGHT = {
    f"train/{name}.py"
    for name in ("__init__", "options", "learning", "presets", "begin", "run", "run_folder")
}
"""Of train, what the command line loads, and what says how a run stands: without tensorflow."""
ONLY = {
    "mediapipe": {"faces/runtime.py"},
    "tensorflow": {f"train/{path.name}" for path in PACKAGE.glob("train/*.py")} - LIGHT,
    "matplotlib": {"train/pictures.py"},
    "joblib": {"engine.py"},
    "fsspec": {"storage.py"},
    "google_crc32c": {"tfrecord.py"},
    "google": {"example.py"},
    "click": COMMANDS,
    "tqdm": {"progress.py"},
}
KERNEL_MAY_USE = {
    "faceprep.errors",
    "faceprep.log",
    "faceprep.records",
    "faceprep.extract.options",
}
OF_EXTRACT_FOR_ALL = "faceprep.extract.options"
"""What the crops in `faces/` are like, which later stages need to know."""


def imports_of(path: Path) -> set[str]:
    """Dotted names that a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_library_is_known_to_one_module(path: Path) -> None:
    for name in imports_of(path):
        owners = ONLY.get(name.split(".")[0])
        assert owners is None or place(path) in owners, f"{place(path)} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if "faces" in p.parts], ids=place)
def test_the_kernel_knows_no_files_no_processes_and_no_stages(path: Path) -> None:
    ours = {name for name in imports_of(path) if name.startswith("faceprep.")}
    allowed = {"faceprep.faces", *KERNEL_MAY_USE}
    strangers = {
        name for name in ours if not any(name == a or name.startswith(f"{a}.") for a in allowed)
    }
    assert not strangers


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_each_other(stage: str) -> None:
    others = tuple(f"faceprep.{other}" for other in STAGES if other != stage)
    for path in (PACKAGE / stage).rglob("*.py"):
        strangers = {name for name in imports_of(path) if name.startswith(others)}
        assert not {name for name in strangers if not name.startswith(OF_EXTRACT_FOR_ALL)}, path


@pytest.mark.parametrize(
    "path", [p for p in PACKAGE.glob("*.py") if p.name not in ("cli.py", "__main__.py")], ids=place
)
def test_what_stages_stand_on_does_not_know_them(path: Path) -> None:
    rooms = tuple(f"faceprep.{room}" for room in (*STAGES, "faces", "commands", "cli"))
    known = {name for name in imports_of(path) if name.startswith(rooms)}
    light = {"faceprep.faces.model", "faceprep.faces"} if path.name == "doctor.py" else set()
    assert not {name for name in known - light if ".options" not in name}


def test_the_command_line_loads_nothing_heavy_before_a_command_runs() -> None:
    heavy = "numpy pyarrow cv2 PIL mediapipe tensorflow joblib fsspec tqdm".split()  # noqa: SIM905
    program = f"import sys, faceprep.cli; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_the_workers_code_does_not_load_tensorflow() -> None:
    program = (
        "import sys; from faceprep.extract.options import ExtractOptions;"
        "from faceprep.extract.worker import self_test; self_test(ExtractOptions(pose='mesh'));"
        "print('tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
