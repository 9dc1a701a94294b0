"""What the soak ran on."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from faceprep.engine import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator


def facts() -> dict[str, str]:
    """Name to value, in words."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": next(_models(), platform.machine()),
        "cores": f"{usable_cores()} usable of {psutil.cpu_count()}",
        "memory": f"{memory:.1f} GiB",
        "system": platform.system(),
        "Python": platform.python_version(),
    }


def _models() -> Iterator[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return
    yield from (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
