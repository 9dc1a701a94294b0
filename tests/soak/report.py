"""The page that a person reads after a soak, and the same figures as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from faceprep.train.markdown import fenced, plain, table
from tests.soak.catalogue import FULL
from tests.soak.result import as_json
from tests.soak.running import FINISHED
from tests.soak.watch import HELPER, PARENT, WORKER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.soak.result import Soak
    from tests.soak.stages import Stage

PAGE, FIGURES = "SOAK.md", "soak.json"
_BEFORE_HOURS, _BEFORE_CORES = 22, 24
_MB, _GB = 1e6, 1e9


def write(folder: Path, soak: Soak) -> None:
    """Store both."""
    (folder / PAGE).write_text("\n".join(_page(soak)))
    (folder / FIGURES).write_text(json.dumps(as_json(soak), indent=2) + "\n")


def _page(soak: Soak) -> Iterator[str]:
    yield from ("# The soak", "", _sentence(soak), "")
    yield from _goals(soak)
    yield from ("## What was done", "", *_about(soak), "")
    yield from ("## Time", "", *_times(soak))
    yield from ("## Killed, and resumed", "", *_kills(soak))
    yield from ("## Memory", "", *_memory(soak))
    yield from ("## Disk", "", *_disk(soak))
    yield from ("## Every image accounted for", "", *_accounts(soak))
    yield from ("## Beside the pipeline it replaces", "", *_comparison(soak))
    yield from ("## The machine", "", *_machine(soak))
    yield from ("## How to repeat it", "", *_again(soak))


def _sentence(soak: Soak) -> str:
    kills = sum(run.ended != FINISHED for runs in soak.runs.values() for run in runs)
    failed = sum(not check.holds for check in soak.checks)
    account = (
        f"**{failed} of the {len(soak.checks)} accounts below do not add up**"
        if failed
        else "not one image is unaccounted for"
    )
    names = [stage.name for stage in soak.stages]
    return (
        f"{soak.size.images:,} images of {soak.size.identities:,} people went through "
        f"{', '.join(names[:-1])} and {names[-1]} in **{_clock(soak.seconds)}** on "
        f"{soak.workers} cores, stopped {kills} times on the way and resumed; {account}, and no process "
        f"held more than **{_megabytes(soak.peak(PARENT, WORKER, HELPER))}**."
    )


def _goals(soak: Soak) -> Iterator[str]:
    """What the full soak should reach on two cores."""
    if soak.size != FULL:
        return
    rate = FULL.images / soak.seconds_of("extract")
    memory = soak.peak(PARENT, WORKER, HELPER)
    rows = [
        ("all of it", "60 minutes", _clock(soak.seconds), soak.seconds <= 3600),
        ("extract", "500 images/s", f"{rate:,.0f} images/s", rate >= 500),
        ("largest process", "700 MB", _megabytes(memory), memory <= 700 * _MB),
    ]
    head = ("what", "goal, on two cores", "here", "reached")
    yield from table(head, [(*row, "yes" if there else "**no**") for *row, there in rows], "lrrl")


def _about(soak: Soak) -> Iterator[str]:
    mean = soak.size.images / soak.size.clips
    yield (
        f"The data set is made up, in the layout and with the numbers of YouTube Faces"
        f"{'' if soak.size == FULL else ', scaled down'}: {soak.size.images:,} frames, "
        f"{soak.size.identities:,} people, {soak.size.clips:,} clips of {mean:.1f} frames in the mean. "
        f"Each frame is a hard link to one of {soak.pictures:,} {soak.source}, so that one picture is "
        "under many names: it is read, decoded, looked at and cropped anew each time, as if it were "
        "another, but it comes from the memory of the operating system, not from the disk. The people's "
        "pictures are everybody's, so select and shard are told to keep what is filed under two "
        "identities; a person with more frames than there are pictures has copies, which they leave out."
    )
    yield ""
    yield (
        "Every number on this page is from this one run of the real commands, processes watched from "
        "outside. Time is of whole commands, from the start of the interpreter to its end."
    )


def _times(soak: Soak) -> Iterator[str]:
    rows = [_time(soak, stage) for stage in soak.stages]
    total = ("**all**", f"**{_clock(soak.seconds)}**", _clock(_cpu(soak)), "", "", "")
    head = (
        "stage",
        "time",
        "processor time",
        "items",
        "per core-second",
        "per second of processor",
    )
    yield from table(head, [*rows, total], "lrrrrr")
    yield (
        f"Per core-second: items / (seconds × {soak.workers}). Processor time is that of all processes "
        "of a stage, work that a kill undid included."
    )
    yield ""


def _time(soak: Soak, stage: Stage) -> tuple[str, ...]:
    seconds, cpu, items = soak.seconds_of(stage.name), soak.cpu_of(stage.name), soak.items(stage)
    return (
        stage.name,
        _clock(seconds),
        _clock(cpu),
        f"{items:,} {stage.unit}",
        f"{items / seconds / soak.workers:,.1f}",
        f"{items / cpu:,.1f}",
    )


def _cpu(soak: Soak) -> float:
    return sum(map(soak.cpu_of, soak.runs))


def _kills(soak: Soak) -> Iterator[str]:
    killed = {stage: runs for stage, runs in soak.runs.items() if len(runs) > 1}
    rows = [
        (
            stage if number == 1 else "",
            str(number),
            plain(run.ended),
            _clock(run.seconds),
            f"{run.share:.1%}",
            f"{len(run.files):,}" if run.files else "",
        )
        for stage, runs in killed.items()
        for number, run in enumerate(runs, start=1)
    ]
    head = ("stage", "run", "ended by", "time", "share of its files there", "files kept")
    yield from table(head, rows, "lrlrrr")
    yield (
        "A resumed run keeps the finished files as they are; what it does again is at most the files that "
        "were being written."
    )
    yield ""


def _memory(soak: Soak) -> Iterator[str]:
    rows = []
    for stage in soak.stages:
        cells = [stage.name]
        for role in (PARENT, WORKER):
            both = [_megabytes(soak.peak(role, what=w, stage=stage.name)) for w in ("rss", "pss")]
            cells += both if soak.peak(role, stage=stage.name) else ["", ""]
        rows.append(tuple(cells))
    head = ("stage", "parent, RSS", "PSS", "largest worker, RSS", "PSS")
    yield from table(head, rows, "lrrrr")
    yield (
        "Peaks of single processes. RSS is the kernel's own high-water mark, pages that processes share "
        "counted in each; PSS, sampled every two seconds, counts them by their shares."
    )
    yield ""


def _disk(soak: Soak) -> Iterator[str]:
    rows = [(name, _gigabytes(size), "") for name, size in soak.sizes.items()]
    rows = [(name, size, f"{soak.sizes[name] / soak.size.images:,.0f}") for name, size, _ in rows]
    rows.append(
        (
            "**most at any time, without raw**",
            _gigabytes(soak.disk),
            f"{soak.disk / soak.size.images:,.0f}",
        )
    )
    yield from table(("what", "GB", "bytes per image"), rows, "lrr")
    yield (
        "The most includes the spool, in which shard lays out all crops once; it deletes it when it is done."
    )
    yield ""


def _accounts(soak: Soak) -> Iterator[str]:
    rejects = ", ".join(f"{count:,} {name}" for name, count in sorted(soak.tally.rejects.items()))
    yield (
        f"{soak.tally.rows:,} rows: {soak.tally.faces:,} faces and {sum(soak.tally.rejects.values()):,} "
        f"rejects ({rejects or 'none'}). Of the faces {soak.tally.copies:,} are copies within a person, "
        f"{soak.tally.targets:,} are targets, {soak.tally.without_target:,} are of people without one; "
        f"the others are the {soak.tally.records:,} records. Counted from the Parquet parts and held "
        "against what the commands said:"
    )
    yield ""
    rows = [
        (c.what, f"{c.found:,}", f"{c.expected:,}", "yes" if c.holds else "**no**")
        for c in soak.checks
    ]
    yield from table(("account", "found", "expected", "agrees"), rows, "lrrl")


def _comparison(soak: Soak) -> Iterator[str]:
    core_seconds = _BEFORE_HOURS * 3600 * _BEFORE_CORES
    before = FULL.images / core_seconds
    rows = [
        (
            "published",
            f"{FULL.images:,}",
            str(_BEFORE_CORES),
            f"{_BEFORE_HOURS} h",
            f"{before:.2f}",
            "1",
        )
    ]
    for name, seconds in (("extract", soak.seconds_of("extract")), ("all of it", soak.seconds)):
        rate = soak.size.images / seconds / soak.workers
        cells = (f"faceprep: {name}", f"{soak.size.images:,}", str(soak.workers), _clock(seconds))
        rows.append((*cells, f"{rate:.1f}", f"{rate / before:,.0f}"))
    head = ("pipeline", "images", "cores", "time", "images per core-second", "times")
    yield from table(head, rows, "lrrrrr")
    yield (
        "The other pipeline's figures are as published, on other cores and other images; these are of "
        f"{soak.source}, and the larger the image, the longer it takes to decode."
    )
    yield ""


def _machine(soak: Soak) -> Iterator[str]:
    rows = [*soak.machine.items(), *soak.versions.items()]
    yield from table(("what", "which"), [(plain(name), plain(value)) for name, value in rows])


def _again(soak: Soak) -> Iterator[str]:
    images = "" if soak.size == FULL else f" --images {soak.size.images}"
    yield from fenced(
        "make soak\n"
        f"# the same with other folders: python -m tests.soak --dir soak{images} --workers {soak.workers}",
        "sh",
    )
    yield (
        "FACEPREP_CFP names a folder of photographs; without it faces are rendered. A soak that is "
        "killed itself goes on where it was when it is started again."
    )
    yield ""


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _megabytes(size: int) -> str:
    return f"{size / _MB:,.0f} MB"


def _gigabytes(size: int) -> str:
    return f"{size / _GB:,.2f}"
