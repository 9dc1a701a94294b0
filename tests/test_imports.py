"""Who may import whom: the rules of the house, read off the code and off a running interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "faceprep"
MODULES = sorted(PACKAGE.rglob("*.py"))

STAGES = (
    *(
        "extract",
        "select",
        "shard",
        "train",
        "predict",
        "evaluate",
        "verify",
        "inspect",
        "export",
        "status",
        "report",
        "forget",
    ),
)
COMMANDS = {
    "cli.py",
    "parameters.py",
    *(f"commands/{path.name}" for path in PACKAGE.glob("commands/*.py")),
}
TENSORFLOW = {
    "api/examples.py",
    *("train/augment.py", "train/autoencoder.py", "train/dataset.py", "train/experiment.py"),
    *("train/faults.py", "train/fit.py", "train/images.py", "train/layers.py", "train/machine.py"),
    *("train/metrics.py", "train/optimizer.py", "train/reading.py", "train/residual.py"),
    *(
        "train/tensorboard.py",
        "train/autoencoder_task.py",
        "train/saved.py",
        "predict/inference.py",
    ),
    *(f"train/siamese/{name}.py" for name in ("augment", "backbones", "census", "compact")),
    *(f"train/siamese/{name}.py" for name in ("examples", "heads", "losses", "network", "parts")),
    *(f"train/siamese/{name}.py" for name in ("pretrained", "sheet", "stream", "task", "verifier")),
}
"""What loads it; the command line and the workers load none of these."""
ONLY = {
    "mediapipe": {"faces/runtime.py"},
    "tensorflow": TENSORFLOW,
    "matplotlib": {"plotting.py"},
    "jinja2": {"report/page.py"},
    "sklearn": {"train/siamese/measures.py"},
    "h5py": {"train/siamese/tensor_files.py"},
    "joblib": {"engine/processes.py"},
    "distributed": {"engine/cluster.py"},
    "fsspec": {"storage/clients.py"},
    "s3fs": {"storage/clients.py"},
    "gcsfs": {"storage/clients.py"},
    "obstore": {"storage/express.py"},
    "google_crc32c": {"tfrecord.py"},
    "google": {"example.py"},
    "click": COMMANDS,
    "tqdm": {"progress.py"},
}
ALLOWED = {
    "doctor.py": {"faceprep.faces.model", "faceprep.faces"},
    "face_worker.py": {"faceprep.faces.kernel", "faceprep.faces.kernel.FaceKernel"},
}
"""What stages stand on, and yet knows the kernel."""
KERNEL_MAY_USE = {
    "faceprep.errors",
    "faceprep.log",
    "faceprep.records",
    "faceprep.options",
}
MAY_USE = {
    "predict": ("faceprep.train",),
    "evaluate": ("faceprep.train",),
    "forget": ("faceprep.train.run_folder", "faceprep.shard.options"),
}
"""A model is used by the code that it was trained by; what a run says of itself, by who looks for it."""


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
    others = tuple(f"faceprep.{other}." for other in STAGES if other != stage)
    allowed = MAY_USE.get(stage, ())
    for path in (PACKAGE / stage).rglob("*.py"):
        strangers = {name for name in imports_of(path) if f"{name}.".startswith(others)}
        assert not {name for name in strangers if not name.startswith(allowed)}, path


def test_the_api_is_known_to_the_commands_alone() -> None:
    known = {
        place(path).partition("/")[0]
        for path in MODULES
        if any(name.startswith("faceprep.api") for name in imports_of(path))
    }
    assert known == {"__init__.py", "commands"}


@pytest.mark.parametrize(
    "path",
    [p for p in PACKAGE.glob("*.py") if p.name not in ("__init__.py", "cli.py", "__main__.py")],
    ids=place,
)
def test_what_stages_stand_on_does_not_know_them(path: Path) -> None:
    rooms = tuple(f"faceprep.{room}" for room in (*STAGES, "faces", "commands", "cli"))
    known = {name for name in imports_of(path) if name.startswith(rooms)}
    light = ALLOWED.get(path.name, set())
    assert not {name for name in known - light if ".options" not in name}


def test_the_command_line_loads_nothing_heavy_before_a_command_runs() -> None:
    heavy = "numpy pyarrow cv2 PIL mediapipe tensorflow joblib fsspec tqdm".split()  # noqa: SIM905
    program = f"import sys, faceprep.cli; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("stage", ["extract.worker", "predict.face_finder"])
def test_the_workers_code_does_not_load_tensorflow(stage: str) -> None:
    program = (
        "import sys; from faceprep.extract.options import ExtractOptions;"
        f"import faceprep.{stage}; from faceprep.face_worker import self_test;"
        "self_test(ExtractOptions(pose='mesh'));"
        "print('tensorflow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
