"""Rounds of random kills: `python -m tests.storm --rounds 50`.

Each round runs `faceprep extract` or `faceprep shard`, on processes of its own or on a Dask cluster
of two workers, and at a random moment kills a random one of the processes at work (the command, one
of its workers, a Dask worker or the process beside it) with SIGKILL or SIGTERM. The command is given
again until it is done. Then the folder must hold, byte for byte, what an undisturbed run leaves: so
nothing is lost and nothing doubled. No command may take longer than a minute after the kill.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.conftest import ROOT
from tests.content import content
from tests.dask_cluster import DaskCluster, dask_cluster

if TYPE_CHECKING:
    from collections.abc import Sequence

_MINUTE = 60.0
_TRIES = 5
_SIGNALS = (signal.SIGKILL, signal.SIGTERM)
_PEOPLE = 60


@dataclass(frozen=True)
class Stage:
    """A command, and the folder that it fills.

    Attributes:
        words: the command, `{out}` where the folder goes.
        out: what the folder is called.
        seconds: that it takes about; it is struck within them.
    """

    words: tuple[str, ...]
    out: str
    seconds: float

    def command(self, folder: Path, scheduler: str | None) -> list[str]:
        """Its command line, for a cluster or for two processes."""
        words = [word.replace("{out}", str(folder / self.out)) for word in self.words]
        where = ["--backend", "dask", "--scheduler", scheduler] if scheduler else ["--workers", "2"]
        return [sys.executable, "-m", "faceprep", *words, *where, "--quiet"]


@dataclass(frozen=True)
class Round:
    """What happened in one.

    Attributes:
        number: of the round.
        stage: `extract` or `shard`.
        backend: `loky` or `dask`.
        killed: what was killed, and how.
        tries: how often the command was given.
        codes: exit codes of these.
        longest: seconds from the kill to the end of the command.
        wrong: files that are missing, too many, or not as they should be.
        clean: whether no process of the command was left.
    """

    number: int
    stage: str
    backend: str
    killed: str
    tries: int
    codes: tuple[int | None, ...]
    longest: float
    wrong: tuple[str, ...]
    clean: bool

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.wrong and self.clean and self.longest <= _MINUTE and self.codes[-1] == 0


def victims(
    command: psutil.Process, cluster: DaskCluster | None
) -> dict[str, list[psutil.Process]]:
    """The processes at work, by what they are."""
    found = {"command": [command], "worker": _workers_below(command)}
    if cluster:
        found["Dask worker"] = cluster.workers()
        found["worker"] = [w for worker in found["Dask worker"] for w in _workers_below(worker)]
    return {kind: processes for kind, processes in found.items() if processes}


def _workers_below(process: psutil.Process) -> list[psutil.Process]:
    below = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any("popen_loky" in word for word in child.cmdline()):
                    below.append(child)
    return below


def weather(
    number: int,
    name: str,
    stage: Stage,
    reference: Path,
    cluster: DaskCluster | None,
    dice: random.Random,
) -> Round:
    """One round."""
    with tempfile.TemporaryDirectory(prefix="faceprep-storm-") as scratch:
        folder = Path(scratch)
        command = stage.command(folder, cluster.scheduler if cluster else None)
        killed, longest, codes, clean = "nothing: it was done before", 0.0, [], True
        for attempt in range(_TRIES):
            with subprocess.Popen(
                command, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
            ) as process:
                if not attempt:
                    killed = _strike(process, cluster, dice, stage.seconds)
                since = time.monotonic()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(2 * _MINUTE)
                longest = max(longest, time.monotonic() - since)
                codes.append(process.poll())
                process.kill()
                clean = clean and _all_end(process.pid)
            if codes[-1] == 0:
                break
        found, expected = content(folder / stage.out), content(reference / stage.out)
        names = sorted(found.keys() | expected.keys())
        wrong = tuple(name for name in names if found.get(name) != expected.get(name))
    backend = "dask" if cluster else "loky"
    return Round(number, name, backend, killed, len(codes), tuple(codes), longest, wrong, clean)


def _all_end(session: int) -> bool:
    """Whether all processes of a session end soon."""
    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        alive = [pid for pid in psutil.pids() if _session(pid) == session]
        if not alive:
            return True
        time.sleep(0.1)
    return False


def _session(pid: int) -> int | None:
    with contextlib.suppress(OSError, psutil.Error):
        return None if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE else os.getsid(pid)
    return None


def _strike(
    process: subprocess.Popen[bytes],
    cluster: DaskCluster | None,
    dice: random.Random,
    seconds: float,
) -> str:
    """Wait a while, and kill something."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(dice.uniform(0.2, 0.9) * seconds)
        return "nothing: it was done before"
    signum = dice.choice(_SIGNALS)
    kinds = victims(psutil.Process(process.pid), cluster)
    kind = dice.choice(sorted(kinds))
    with contextlib.suppress(psutil.NoSuchProcess):
        dice.choice(kinds[kind]).send_signal(signum)
    return f"{kind} by {signum.name}"


def source(folder: Path) -> Path:
    """Photographs of sixty people of CFP."""
    raw = folder / "raw"
    raw.mkdir()
    people = sorted((Path(os.environ["FACEPREP_CFP"]) / "Data" / "Images").iterdir())[:_PEOPLE]
    for person in people:
        shutil.copytree(person, raw / person.name)
    return raw


def undisturbed(folder: Path) -> dict[str, Stage]:
    """The stages, each of them done once in `folder`."""
    stages = {
        "extract": Stage(("extract", str(source(folder)), "--out", "{out}"), "faces", 0.0),
        "shard": Stage(
            ("shard", "pairs", str(folder / "chosen"), "--out", "{out}", "--shards", "6"),
            "shards",
            0.0,
        ),
    }
    for name, stage in stages.items():
        begin = time.monotonic()
        subprocess.run(stage.command(folder, None), check=True, cwd=ROOT)
        stages[name] = dataclasses.replace(stage, seconds=time.monotonic() - begin)
        if name == "extract":  # targets are a file in the folder of faces
            shutil.copytree(folder / stage.out, folder / "chosen")
            select = [sys.executable, "-m", "faceprep", "select", str(folder / "chosen"), "--quiet"]
            subprocess.run(select, check=True)
    return stages


def main(words: Sequence[str] | None = None) -> None:
    """Run the rounds, a line for each, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    if "FACEPREP_CFP" not in os.environ:
        parser.error("set FACEPREP_CFP to the folder of CFP")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faceprep-storm-")))
        stages, dice = undisturbed(folder), random.Random(given.seed)
        rounds = []
        for number in range(given.rounds):
            with contextlib.ExitStack() as up:
                cluster = up.enter_context(dask_cluster(folder)) if dice.random() < 0.5 else None
                name = "extract" if dice.random() < 0.7 else "shard"
                rounds.append(weather(number, name, stages[name], folder, cluster, dice))
            print(rounds[-1], flush=True)
    _tell(rounds)


def _tell(rounds: Sequence[Round]) -> None:
    unsound = [each for each in rounds if not each.sound]
    kinds = Counter(each.killed for each in rounds)
    print("\n".join(f"{count:4d}  {kind}" for kind, count in sorted(kinds.items())))
    print(
        f"{len(rounds)} rounds, {len(unsound)} unsound; longest from kill to end "
        f"{max(each.longest for each in rounds):.1f} s"
    )
    if unsound:
        sys.exit(1)


if __name__ == "__main__":
    main()
