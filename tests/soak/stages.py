"""What the soak does, as data: the commands in their order, and where they are killed."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.soak.catalogue import FULL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.soak.catalogue import Size

_NUMBERED = re.compile(r"(.+)-(\d{5,})-of-(\d{5,})(?:\.parquet)?")
_SHARD_MB = 128  # faceprep's own default


@dataclass(frozen=True)
class Kill:
    """One kill on the way.

    Attributes:
        share: of the stage's files that must be finished first.
        signal: what is sent.
        group: to every process of the stage; to the parent alone otherwise.
    """

    share: float
    signal: signal.Signals
    group: bool

    def __str__(self) -> str:
        return f"{self.signal.name} to {'every process' if self.group else 'the parent'}"


@dataclass(frozen=True)
class Stage:
    """One command.

    Attributes:
        name: of the stage.
        arguments: of faceprep, in the soak's folder; how many workers is added to them.
        unit: what the command counts, in the plural.
        output: the folder below the soak's in which its files appear.
        kill: how it is killed; it is then started again.
    """

    name: str
    arguments: tuple[str, ...]
    unit: str
    output: str
    kill: Kill | None = None


PAIRS = "shards/pairs/1.0.0"


def stages(size: Size) -> list[Stage]:
    """All of them; shards of a small data set are small, so that there are enough of them to kill among."""
    megabytes = max(1, round(_SHARD_MB * size.images / FULL.images))
    return [
        Stage(
            "extract",
            ("extract", "raw", "--out", "faces"),
            "images",
            "faces",
            Kill(0.3, signal.SIGKILL, group=False),
        ),
        Stage("select", ("select", "faces", "--keep-conflicts"), "faces", "faces"),
        Stage(
            "shard",
            (
                *("shard", "pairs", "faces", "--out", "shards"),
                *("--keep-conflicts", "--shard-size", f"{megabytes}MB"),
            ),
            "records",
            PAIRS,
            Kill(0.4, signal.SIGTERM, group=True),
        ),
        Stage("verify faces", ("verify", "faces"), "faces", "faces"),
        Stage("verify shards", ("verify", "shards"), "records", PAIRS),
    ]


def share_done(folder: Path) -> float:
    """How much of what a folder is to hold is there, from the names of files such as 00003-of-00304."""
    return _share(path.name for path in folder.glob("*-of-*"))


def numbered_files(folder: Path) -> dict[str, list[int]]:
    """Size and time of change, ns, of each finished file of a stage, by name."""
    found = [path for path in folder.glob("*-of-*") if _NUMBERED.fullmatch(path.name)]
    return {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in sorted(found)}


def _share(names: Iterable[str]) -> float:
    found = [match for match in map(_NUMBERED.fullmatch, names) if match]
    totals = {match[1]: int(match[3]) for match in found}
    return len(found) / sum(totals.values()) if found else 0.0
