"""`make soak`: 621,126 images through extract, select, shard and verify, killed twice on the way.

    python -m tests.soak [--dir DIR] [--images N] [--workers N]

DIR/SOAK.md says what came of it, DIR/soak.json the same in figures. Exit code 1 when an image is
unaccounted for. Give photographs with FACEPREP_CFP; without it faces are rendered.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.soak import accounts, machine, report
from tests.soak.build import BuildError, build
from tests.soak.catalogue import FULL, scaled
from tests.soak.ledger import Ledger, open_ledger
from tests.soak.result import Soak
from tests.soak.running import Command, SoakError, run
from tests.soak.stages import PAIRS, numbered_files, stages
from tests.soak.watch import size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.soak.catalogue import Size
    from tests.soak.stages import Stage

_FACE, _PAIR = 9_900, 19_900  # bytes of a crop with its row, and of a record, at 160 px
_SPOOL = _FACE
_ROOM = 1.1  # times what is needed


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it all, or what is left of it; the exit code."""
    given = _parsed(arguments)
    size = FULL if given.images == FULL.images else scaled(given.images)
    try:
        soak = _soak(given.dir.resolve(), size, given.workers)
    except (SoakError, BuildError) as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    failed = [check for check in soak.checks if not check.holds]
    for check in failed:
        print(f"soak: {check.what}: {check.found:,}, not {check.expected:,}", file=sys.stderr)
    print(given.dir / report.PAGE)
    return 1 if failed else 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="A soak of faceprep.")
    parser.add_argument("--dir", type=Path, default=Path("soak"), help="where everything goes")
    parser.add_argument("--images", type=int, default=FULL.images, help="how many")
    parser.add_argument("--workers", type=int, default=2, help="of each command")
    return parser.parse_args(arguments)


def _soak(folder: Path, size: Size, workers: int) -> Soak:
    ledger = open_ledger(folder, size, workers)
    _refuse_small_disk(folder, size)
    given = os.environ.get("FACEPREP_CFP")
    _say(f"{size.images:,} images of {size.identities:,} people in {folder}")
    pictures = build(folder, size, Path(given) if given else None)
    ledger.write()
    for stage in stages(size):
        _do(ledger, stage)
    soak = _result(ledger, pictures, "photographs of CFP" if given else "rendered faces")
    report.write(folder, soak)
    return soak


def _refuse_small_disk(folder: Path, size: Size) -> None:
    """All three lie on the disk at once: faces, their copies in the spool, and pairs of them."""
    needed = round(size.images * (_FACE + _SPOOL + _PAIR) * _ROOM)
    there, free = size_of(folder / "faces", folder / "shards"), shutil.disk_usage(folder).free
    if free + there < needed:
        raise SoakError(
            f"{folder}: {free / 1e9:.1f} GB are free there, and {(needed - there) / 1e9:.1f} are needed "
            "(faces, spool and pairs); give another --dir, or fewer --images"
        )


def _do(ledger: Ledger, stage: Stage) -> None:
    """Run a stage until it has finished, with its kill if that has not been done."""
    while not ledger.finished(stage.name):
        ended = {run.ended for run in ledger.runs.get(stage.name, ())}
        kill = stage.kill if stage.kill and str(stage.kill) not in ended else None
        arguments = ("-m", "faceprep", *stage.arguments, "--workers", str(ledger.workers), "--json")
        output = ledger.folder / stage.output
        disk = [ledger.folder / name for name in ("faces", "shards")]
        command = Command(arguments, ledger.folder, disk, output, kill)
        ledger.begin(stage.name)
        found = run(command, lambda run: ledger.tell(stage.name, run))
        ledger.tell(stage.name, found)
        _say(f"{stage.name}: {found.ended} after {found.seconds:.0f} s")


def _result(ledger: Ledger, pictures: int, source: str) -> Soak:
    _say("counting")
    folder, size = ledger.folder, ledger.size
    tally = accounts.count(folder, size, pictures)
    extracted = json.loads((folder / "faces" / "extract.json").read_text())
    return Soak(
        size=size,
        pictures=pictures,
        source=source,
        workers=ledger.workers,
        stages=stages(size),
        runs=ledger.runs,
        tally=tally,
        checks=accounts.checks(folder, size, tally, _said(ledger)) + _kept(ledger),
        sizes=_sizes(folder),
        machine=machine.facts(),
        versions=extracted["versions"],
    )


def _said(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Stage to the summary it printed; shard's is by data set."""
    said = {
        name: finished.summary or {}
        for name in ledger.runs
        if (finished := ledger.finished(name)) is not None
    }
    return {**said, "shard": said["shard"]["pairs"]}


def _kept(ledger: Ledger) -> list[accounts.Check]:
    """Whether what was finished when a stage was killed is untouched."""
    return [
        accounts.Check(
            f"files of {stage.name} that its resume kept",
            _untouched(ledger.folder / stage.output, run.files),
            len(run.files),
        )
        for stage in stages(ledger.size)
        for run in ledger.runs[stage.name]
        if run.files
    ]


def _untouched(folder: Path, before: dict[str, list[int]]) -> int:
    now = numbered_files(folder)
    return sum(now.get(name) == what for name, what in before.items())


def _sizes(folder: Path) -> dict[str, int]:
    return {
        "raw, as if every link were a file": size_of(folder / "raw"),
        "raw, as it is": size_of(folder / "images"),
        "faces": size_of(folder / "faces"),
        "pairs": size_of(folder / PAIRS),
    }


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
