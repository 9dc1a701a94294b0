"""All runs in one table: on the terminal, and as `runs/README.md`. Light."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from urllib.parse import quote

from faceprep import storage
from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.train import markdown, run_folder
from faceprep.train.markdown import code, plain
from faceprep.train.verdict import short
from faceprep.train.words import (
    NOTHING,
    best_epoch,
    changed_options,
    duration,
    headline,
    millions,
    moment,
    option_value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.train.run_folder import Run

WIDTH = 120
"""Columns of a terminal that the table fits."""

_SHOWN_OF_FINGERPRINT = 8
_DATE = len("2025-11-22")
_NUMBERS = (2, 3, 4)  # columns of the terminal's table
_GAP = "  "
_HEAD = (
    "run",
    "began (UTC)",
    "preset, changes",
    "validation",
    "test",
    "status, overfitting",
    "epochs (best), time",
    "parameters",
    "data",
)
_LEGEND = (
    "In brackets behind a score: as a share of what always predicting the mean training target gets. "
    "Changes are those from the preset; of `custom`, from the defaults. A run that is *running* may have "
    "been killed; its command goes on with it."
)


def list_runs(runs_dir: str) -> list[Run]:
    """The runs in a folder, the newest first, by the names of their folders.

    A folder that is no run is passed over; one whose `run.json` is damaged is warned about.
    """
    found = []
    for name in storage.folders(runs_dir):
        try:
            run = run_folder.read_run(storage.join(runs_dir, name))
        except InputError as error:
            LOG.warning(str(error))
            continue
        if run is not None:
            found.append(dataclasses.replace(run, name=name))  # folders get other names
    return sorted(found, key=lambda run: (run.began, run.name), reverse=True)


def table(runs: Sequence[Run]) -> list[str]:
    """Lines for a terminal, `WIDTH` columns at the most, a run each below the head."""
    head = ("run", "began", "params", "epochs", "time", "validation", "overfitting")
    rows = [head, *map(_narrow, runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[0] -= max(0, sum(widths) + len(_GAP) * (len(head) - 1) - WIDTH)
    return [_line(row, widths) for row in rows]


def write_index(runs_dir: str, runs: Sequence[Run]) -> None:
    """Write `README.md` in the folder of runs; a person's notes in it stay.

    Args:
        runs_dir: the folder.
        runs: that it lists, in this order.

    Raises:
        StorageError: it cannot be written.
    """
    words = "run" if len(runs) == 1 else "runs"
    lines = [
        *(
            "# Runs",
            "",
            f"{len(runs):,} {words}, the newest first; written by `faceprep runs`.",
            "",
        ),
        *markdown.table(_HEAD, map(_wide, runs), "lllllllr"),
        *(_LEGEND, ""),
    ]
    markdown.write_page(storage.join(runs_dir, run_folder.CARD), lines)


def _narrow(run: Run) -> tuple[str, ...]:
    has_ended = run.status == run_folder.FINISHED
    return (
        run.name,
        moment(run.began)[:_DATE],
        millions(run.parameters),
        best_epoch(run),
        duration(run.seconds),
        ", ".join(headline(run, "validation")) or NOTHING,
        (has_ended and short(run.verdict)) or run.status,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *cells = row
    texts = [_cut(name, widths[0]).ljust(widths[0])]
    for place, (cell, width) in enumerate(zip(cells, widths[1:], strict=True), start=1):
        texts.append(cell.rjust(width) if place in _NUMBERS else cell.ljust(width))
    return _GAP.join(texts).rstrip()


def _cut(name: str, width: int) -> str:
    """Its end has the number, and stays."""
    if len(name) <= width:
        return name
    half = width // 2
    return f"{name[: width - half - 1]}…{name[len(name) - half :]}"


def _wide(run: Run) -> tuple[str, ...]:
    changed = [
        plain(f"{name.replace('_', ' ')} {option_value(value)}")
        for name, value in changed_options(run).items()
    ]
    return (
        f"[{plain(run.name)}]({quote(run.name)}/{run_folder.CARD})",
        moment(run.began),
        _lines(plain(run.preset), *changed),
        _lines(*headline(run, "validation")) or NOTHING,
        _lines(*headline(run, "test")[:1]) or NOTHING,
        _lines(plain(run.status), plain(short(run.verdict))),
        _lines(best_epoch(run), duration(run.seconds)),
        _lines(millions(run.parameters)),
        _data(run),
    )


def _lines(*texts: str) -> str:
    """One below the other in a cell, none of them broken."""
    return "<br>".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in texts if text)


def _data(run: Run) -> str:
    records = sum(run.data.get("records", {}).values())
    fingerprint = str(run.data.get("fingerprint", ""))[:_SHOWN_OF_FINGERPRINT]
    return _lines(f"{records:,} records", code(fingerprint))
