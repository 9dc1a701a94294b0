"""Whether this machine has what faceprep needs."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

import faceprep
from faceprep.engine import usable_cores
from faceprep.errors import SetupError
from faceprep.faces import model

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM_PACKAGES = "libegl1 libgl1 libgles2 libglib2.0-0"
"""Debian's and Ubuntu's packages with the libraries that OpenCV and MediaPipe link."""

_PACKAGES = (
    "mediapipe",
    "opencv-python",
    "opencv-contrib-python",
    "numpy",
    "pyarrow",
    "tensorflow",
)
_LOADS = {
    "OpenCV": "import cv2",
    "MediaPipe": "import sys; sys.modules['tensorflow'] = None; import ctypes, mediapipe, pathlib; "
    "ctypes.CDLL(str(pathlib.Path(mediapipe.__file__).parent / 'tasks/c/libmediapipe.so'))",
}
_GPUS = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
_MEMORY_PER_WORKER = 300 << 20
_DISK_WANTED = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        subject: what was looked at.
        ok: whether it will do.
        detail: what was found, and what to do where it will not do.
    """

    subject: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Look at everything; heavy libraries are loaded in processes of their own."""
    return [
        _python(),
        Finding("faceprep", True, faceprep.__version__),
        *map(_package, _PACKAGES),
        _one_opencv(),
        *_libraries(),
        _model(),
        *_resources(),
        _gpu(),
    ]


def _python() -> Finding:
    ok = sys.version_info >= (3, 10)
    return Finding(
        "Python", ok, platform.python_version() + ("" if ok else "; 3.10 or later is needed")
    )


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}")


def _one_opencv() -> Finding:
    """Two OpenCV packages write one cv2/ folder; of different versions, neither works."""
    names = ("opencv-python", "opencv-contrib-python")
    found = {_package(name).detail for name in names}
    if len(found) == 1:
        return Finding("one OpenCV", True, "both packages have one version")
    return Finding(
        "one OpenCV", False, "two versions share cv2/: pip install --force-reinstall faceprep"
    )


def _libraries() -> Iterator[Finding]:
    for name, program in _LOADS.items():
        run = _python_process(program)
        if run.returncode == 0:
            yield Finding(f"{name} loads", True, "with the system's libraries")
        else:
            reason = (run.stderr.strip().splitlines() or ["it died"])[-1]
            yield Finding(f"{name} loads", False, f"{reason}: apt-get install {SYSTEM_PACKAGES}")


def _model() -> Finding:
    try:
        return Finding("model file", True, f"{model.find()}, sha256 {model.SHA256[:12]}…")
    except SetupError as error:
        return Finding("model file", False, str(error))


def _resources() -> Iterator[Finding]:
    cores, memory = usable_cores(), psutil.virtual_memory()
    yield Finding("cores", True, f"{cores} usable")
    wanted = cores * _MEMORY_PER_WORKER
    enough = memory.available >= wanted
    detail = f"{memory.available >> 20:,} MiB free of {memory.total >> 20:,}"
    advice = "" if enough else f"; {cores} workers take up to {wanted >> 20:,}: use fewer --workers"
    yield Finding("memory", enough, detail + advice)
    free = shutil.disk_usage(".").free
    advice = "" if free >= _DISK_WANTED else "; crops take some 7 kB an image: free some space"
    yield Finding("disk", free >= _DISK_WANTED, f"{free >> 20:,} MiB free here{advice}")


def _gpu() -> Finding:
    run = _python_process(_GPUS)
    if run.returncode != 0:
        return Finding(
            "GPU", False, "tensorflow cannot be loaded: pip install --force-reinstall tensorflow"
        )
    count = int(run.stdout.split()[-1])
    return Finding(
        "GPU", True, f"{count} seen by tensorflow" if count else "none seen; training uses the CPU"
    )


def _python_process(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
