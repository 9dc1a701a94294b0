"""The Dockerfile's steps, done for real in a clean Debian: opt-in, for they take minutes and 4 GB.

    FACEPREP_DEBOOTSTRAP=1 python -m pytest tests/examples_cloud/test_image.py

as root, with debootstrap installed. Python is Debian's, in place of the one of the base image.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.examples_cloud.reading import context_files, instructions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Sample

pytestmark = pytest.mark.skipif(
    not os.environ.get("FACEPREP_DEBOOTSTRAP"),
    reason="FACEPREP_DEBOOTSTRAP is not set: it takes minutes, 4 GB, root and debootstrap",
)

MACHINE = ("etc/resolv.conf", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")
"""How this machine reaches the packages, which the clean one has to be told."""

_CONTAINER = """
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --bind /dev "$1/dev"
mount -t tmpfs -o mode=1777,size=64m shm "$1/dev/shm"
export HOME=/ PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec chroot --userspec="$2:$2" "$1" sh -ec "$3"
"""


def inside(
    root: Path, script: str, user: int = 0, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run a shell script in namespaces of its own, as a container would."""
    spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *options]
    return subprocess.run(
        [*spaces, "sh", "-ec", _CONTAINER, "container", root, str(user), script],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """The root of what the Dockerfile makes, and its user."""
    root, user = tmp_path_factory.mktemp("image"), 0
    root.chmod(0o755)
    packages = "--include=ca-certificates,python3,python3-venv"
    subprocess.run(["debootstrap", "--variant=minbase", packages, "bookworm", root], check=True)
    for name in MACHINE:
        if Path("/", name).exists():
            shutil.copyfile(Path("/", name), root / name)
    (root / "src").mkdir()
    for name in context_files():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / "src" / name)
    assert inside(root, "python3 -m venv /usr/local").returncode == 0
    for name, arguments in instructions():
        if name == "USER":
            user = int(arguments)
        elif name == "RUN":
            run = inside(root, re.sub(r"^--mount=\S+ ", "", arguments), user)
            assert run.returncode == 0, f"{arguments}\n{run.stdout}\n{run.stderr}"
    yield root, user
    shutil.rmtree(root)


def test_it_extracts_and_shards_without_network_and_without_root(
    image: tuple[Path, int], sample: Sample
) -> None:
    root, user = image
    shutil.copytree(sample.root, root / "data" / "raw")
    for path in [root / "data", *(root / "data").rglob("*")]:
        os.chown(path, user, user)
    stages = (
        "faceprep extract && faceprep shard --split train=0.5,test=0.5 && faceprep verify shards"
    )
    run = inside(root, f"cd /data; ! touch /touched; {stages}", user, "--net")
    assert run.returncode == 0, run.stderr
    assert (root / "data" / "faces" / "extract.json").exists()
    assert not (root / "touched").exists()
