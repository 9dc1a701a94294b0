"""The Dockerfile installs what is needed, and nothing in it needs the network or root afterwards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.doctor import SYSTEM_PACKAGES
from tests.conftest import ROOT
from tests.examples_cloud.reading import context_files, instructions

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BASE = {"apt", "libc6"}
"""What every Debian image has: apt brings the libraries of C++ and zlib."""


def steps(name: str) -> list[str]:
    return [arguments for instruction, arguments in instructions() if instruction == name]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def system_packages() -> set[str]:
    (step,) = [step for step in steps("RUN") if "apt-get install" in step]
    (words,) = re.findall(r"apt-get install ([^&]+)", step)
    return {word for word in words.split() if not word.startswith("-")}


def test_the_base_is_slim_and_its_python_is_supported() -> None:
    (base,) = steps("FROM")
    found = re.fullmatch(r"python:(3\.\d+)-slim-bookworm", base)
    assert found
    supported = {line.rsplit(" ")[-1] for line in project()["project"]["classifiers"]}
    assert found[1] in supported


def test_the_system_packages_are_those_that_doctor_names() -> None:
    assert system_packages() == set(SYSTEM_PACKAGES.split())


def test_the_system_packages_bring_every_library_that_is_linked() -> None:
    if not shutil.which("dpkg"):
        pytest.skip("which package a library belongs to is asked of dpkg")
    needed = _packages_of(set(_linked_libraries()))
    assert needed
    assert needed <= _with_dependencies(system_packages() | BASE)


def test_pip_installs_the_project_with_extras_that_exist() -> None:
    (step,) = [step for step in steps("RUN") if "pip install" in step]
    (extras,) = re.findall(r"'/src\[([a-z0-9,]+)\]'", step)
    assert {"s3", "gcs", "dask"} == set(extras.split(","))
    assert set(extras.split(",")) <= project()["project"]["optional-dependencies"].keys()


def test_nothing_is_left_of_the_installation() -> None:
    text = " ".join(steps("RUN"))
    assert "rm -rf /var/lib/apt/lists/*" in text
    assert "--no-install-recommends" in text
    assert "--no-cache-dir" in text
    assert not steps("COPY")
    assert not steps("ADD")


def test_the_user_is_not_root_and_has_proved_that_all_is_there() -> None:
    order = [instruction for instruction, _ in instructions()]
    (user,) = steps("USER")
    assert int(user) > 0
    last_run = len(order) - 1 - order[::-1].index("RUN")
    assert order.index("USER") < last_run
    assert steps("RUN")[-1].endswith("faceprep doctor")


def test_the_process_itself_gets_the_signals() -> None:
    assert json.loads(steps("ENTRYPOINT")[0]) == ["faceprep"]


def test_the_build_gets_what_the_wheel_is_made_of_and_no_more() -> None:
    declared = project()
    wanted = {"pyproject.toml", declared["project"]["readme"]}
    wanted.update(declared["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    licences = declared["project"]["license-files"]
    wanted.update(p.name for p in ROOT.iterdir() if any(fnmatch(p.name, name) for name in licences))
    assert context_files() == wanted


def _linked_libraries() -> Iterator[Path]:
    """The system's libraries that OpenCV and MediaPipe load, and those that these load."""
    specs = [find_spec("cv2"), find_spec("mediapipe")]  # nothing is imported: it takes seconds
    roots = [Path(str(spec.origin)).parent for spec in specs if spec]
    binaries = [*roots[0].glob("*.so"), roots[1] / "tasks/c/libmediapipe.so"]
    for binary in binaries:
        run = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True)
        assert "not found" not in run.stdout, run.stdout
        for path in re.findall(r"=> (/\S+)", run.stdout):
            if Path(path).parts[1] in {"lib", "lib64", "usr"} and "site-packages" not in path:
                yield Path(path)


def _packages_of(libraries: set[Path]) -> set[str]:
    # Where /lib is a link to /usr/lib, dpkg may know a file by either name.
    names = [{path, Path("/usr") / path.relative_to("/"), path.resolve()} for path in libraries]
    run = subprocess.run(
        ["dpkg", "-S", *set().union(*names)], capture_output=True, text=True, check=False
    )
    owners = {
        path: owner for owner, path in (line.split(": ", 1) for line in run.stdout.splitlines())
    }
    assert all(any(str(path) in owners for path in each) for each in names), run.stderr
    return {owner.split(":")[0] for owner in owners.values()}


def _with_dependencies(names: set[str]) -> set[str]:
    """The packages, and what their dependencies bring on this machine; virtual names are resolved."""
    fields = "${Package}\t${Provides}\t${Pre-Depends}, ${Depends}\n"
    run = subprocess.run(
        ["dpkg-query", "-W", "-f", fields], capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    real = {name: name for name, *_ in rows}
    for name, provides, _ in rows:
        real |= {virtual: name for virtual in _names(provides) if virtual not in real}
    depends = {name: _names(needs) for name, _, needs in rows}
    found: set[str] = set()
    waiting = {real[name] for name in names if name in real}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {real[need] for need in depends[name] if need in real} - found
    return found


def _names(relation: str) -> list[str]:
    return re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]+)", relation)
