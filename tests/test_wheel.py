"""The wheel: nothing is missing in it, and it works without the checkout.

It is installed alone into a fresh environment, which borrows the packages that it needs from this one;
`make wheel-test` has pip bring them all, which takes minutes.
"""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import faceprep
from tests.conftest import ROOT, Sample

if TYPE_CHECKING:
    from email.message import Message

NAME = f"faceprep-{faceprep.__version__}"
TINY = (
    *("--family", "pooled", "--input-size", "16x16x1", "--encoder", "4", "--latent", "4"),
    *("--batch", "5", "--optimizer", "sgd", "--epochs", "1"),
)
UNGUARDED = """
import faceprep
print(faceprep.__file__)
print(faceprep.verify_path("faces", workers=1).faults)
"""
"""A program without `if __name__ == "__main__"`: workers that ran it again would print as well."""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a folder with `raw`, far from the checkout."""

    home: Path
    work: Path

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the environment says."""
        command = [str(self.home / "bin" / program), *arguments]
        alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        run = subprocess.run(command, cwd=self.work, env=alone, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr + run.stdout
        return run.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel; the wheel is built from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr + run.stdout
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    home = folder / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # Only this folder: the links to checkouts in it, .pth files, are not followed from here.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copytree(sample.root, folder / "work" / "raw")
    return Installed(home, folder / "work")


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    package = ROOT / "faceprep"
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    wanted = {path.relative_to(ROOT).as_posix() for path in files}
    found = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in found if not name.startswith(f"{NAME}.dist-info/")} == wanted
    assert "faceprep/py.typed" in found
    assert f"{NAME}.dist-info/licenses/LICENSE" in found


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    assert wheel.name == f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as content:
        entries = content.read(f"{NAME}.dist-info/entry_points.txt").decode()
        metadata = _metadata(content)
    assert entries.split("\n") == ["[console_scripts]", "faceprep = faceprep.cli:main", ""]
    assert metadata["Version"] == faceprep.__version__
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert str(metadata.get_payload()).startswith("# faceprep")
    needed = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert sorted(re.findall(r"^[a-z0-9-]+", each)[0] for each in needed) == _dependencies()


def _dependencies() -> list[str]:
    """As pyproject.toml lists them."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    section = project.split("\ndependencies = [")[1].split("\n]")[0]
    return sorted(re.findall(r'"([a-z0-9-]+)', section))


def _metadata(content: zipfile.ZipFile) -> Message:
    return email.message_from_bytes(content.read(f"{NAME}.dist-info/METADATA"))


def test_the_sdist_has_what_tests_and_make_need(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as content:
        names = set(content.getnames())
    for name in ("Makefile", "CHANGELOG.md", "tests/conftest.py", "examples/sample_faces.py"):
        assert f"{NAME}/{name}" in names
    assert not [name for name in names if "/.venv/" in name or name.endswith(".pyc")]


def test_it_works_without_the_checkout(installed: Installed) -> None:
    assert faceprep.__version__ in installed.run("faceprep", "--version")
    assert "MEND" not in installed.run("faceprep", "doctor")
    installed.run("faceprep", "extract", "--workers", "2")
    installed.run("faceprep", "shard", "--split", "train=0.5,validation=0.5", "--workers", "1")
    installed.run("faceprep", "train", "autoencoder", *TINY)
    assert (installed.work / "runs" / "autoencoder-custom-001" / "model.keras").is_file()
    (installed.work / "unguarded.py").write_text(UNGUARDED)
    where, faults = installed.run("python", "unguarded.py").splitlines()
    assert Path(where).is_relative_to(installed.home)
    assert faults == "()"
