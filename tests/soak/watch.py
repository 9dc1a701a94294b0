"""How much memory, processor and disk the processes of a command take, seen from outside."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

PARENT, WORKER, HELPER = "parent", "worker", "helper"


@dataclass
class Usage:
    """The most that one process held, in bytes, and the seconds of processor time it took.

    Attributes:
        role: parent, worker, or helper (the trackers that loky and Python start).
        rss: resident, pages shared with others included: what the kernel calls its high-water mark.
        pss: resident, pages shared with others by halves, thirds and so on.
        uss: resident and nobody else's.
        cpu: seconds, user and system.
    """

    role: str
    rss: int = 0
    pss: int = 0
    uss: int = 0
    cpu: float = 0.0


@dataclass
class Watch:
    """What a process and its descendants take.

    Attributes:
        pid: of the process.
        seen: by process number, those that have ended too.
    """

    pid: int
    seen: dict[int, Usage] = field(default_factory=dict)

    def sample(self, *, thorough: bool = False) -> None:
        """Look at each of them; `thorough` at shared pages too, for which the kernel walks all pages."""
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.pid)
            for process in (parent, *parent.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    self._look_at(process, thorough)

    def _look_at(self, process: psutil.Process, thorough: bool) -> None:
        role = self._role(process)
        usage = self.seen.get(process.pid)
        if usage is None or usage.role != role:  # it was a copy of its parent until it began
            usage = Usage(role)
        times = process.cpu_times()
        usage.cpu = times.user + times.system
        usage.rss = max(usage.rss, process.memory_info().rss, _high_water(process.pid))
        if thorough:
            memory = process.memory_full_info()
            usage.pss, usage.uss = max(usage.pss, memory.pss), max(usage.uss, memory.uss)
        self.seen[process.pid] = usage

    def _role(self, process: psutil.Process) -> str:
        if process.pid == self.pid:
            return PARENT
        return WORKER if any("LokyProcess" in word for word in process.cmdline()) else HELPER

    def alive(self) -> list[int]:
        """Those that have not ended."""
        return [pid for pid in self.seen if not has_ended(pid)]


def _high_water(pid: int) -> int:
    """The most that a process ever had resident, bytes, by the kernel's own book; 0 off Linux."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:  # noqa: PTH123 - cheap
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def has_ended(pid: int) -> bool:
    """Whether a process is no more, or waits for nothing but to be waited for."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def size_of(*folders: Path) -> int:
    """Bytes of the files below the folders, which may change while one looks."""
    return sum(map(_size_of, map(str, folders)))


def _size_of(folder: str) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                total += _size_of(entry.path) if is_folder else entry.stat().st_size
    return total
