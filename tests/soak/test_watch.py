"""Memory, processor time and disk, seen from outside."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from tests.soak.watch import HELPER, PARENT, Watch, size_of

if TYPE_CHECKING:
    from pathlib import Path

_GREEDY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
block = bytes(100_000_000)
block = bytearray(block)
del block
print(child.pid, flush=True)
input()
child.communicate(b"\\n")
"""


def test_a_peak_that_was_over_before_anybody_looked_is_seen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _GREEDY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        watch = Watch(process.pid)
        watch.sample(thorough=True)
        alive = watch.alive()
        process.communicate("\n")
    parent, helper = watch.seen[process.pid], watch.seen[child]
    assert (parent.role, helper.role) == (PARENT, HELPER)
    assert parent.rss > 100e6 > parent.uss > 0
    assert 0 < parent.cpu < 60
    assert set(alive) == {process.pid, child}
    assert watch.alive() == []
    watch.sample()  # of what has ended, nothing
    assert watch.seen[process.pid] is parent


def test_a_process_that_nobody_waited_for_has_ended_all_the_same() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    watch = Watch(process.pid)
    watch.sample()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert watch.alive() == []
    process.wait()


def test_sizes_are_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"1")
    (tmp_path / "a" / "b" / "four").write_bytes(b"1234")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "two").write_bytes(b"12")
    assert size_of(tmp_path / "a", tmp_path / "c", tmp_path / "not there") == 7
