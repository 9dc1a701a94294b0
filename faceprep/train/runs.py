"""All runs in a table for each kind: on the terminal, and as `runs/README.md`. Light."""

from __future__ import annotations

import dataclasses
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from faceprep import storage
from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.train import markdown, overview, run_folder
from faceprep.train.markdown import code, picture, plain, stacked
from faceprep.train.overview import save_overview
from faceprep.train.siamese import table as siamese
from faceprep.train.verdict import short
from faceprep.train.words import (
    AUTOENCODER,
    NOTHING,
    SIAMESE,
    best_epoch,
    changed_options,
    duration,
    headline,
    millions,
    moment,
    option_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faceprep.train.run_folder import Run

WIDTH = 120
"""Columns of a terminal that the tables fit."""

_SHOWN_OF_FINGERPRINT = 8
_DATE = len("2025-11-22")
_GAP = "  "
_NARROW_HEAD = ("run", "began", "params", "epochs", "time", "validation", "overfitting")
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
_CAPTION = "How the runs did on validation, epoch by epoch; in front of each name, its best."
_LEGEND = "A run that is *running* may have been killed; its command goes on with it."


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


@dataclass(frozen=True)
class _Layout:
    """The table of one kind of runs.

    Attributes:
        title: of it, where there are several.
        narrow_head: of the columns on a terminal.
        narrow: a run to the cells of these.
        numbers: which of them are to the right.
        notes: sentences below it on a terminal.
        head: of the columns in Markdown.
        wide: a run to the cells of these.
        align: of them, as `markdown.table` takes it.
        legend: below it in Markdown.
    """

    title: str
    narrow_head: tuple[str, ...]
    narrow: Callable[[Run], tuple[str, ...]]
    numbers: tuple[int, ...]
    notes: tuple[str, ...]
    head: tuple[str, ...]
    wide: Callable[[Run], tuple[str, ...]]
    align: str
    legend: str


def table(runs: Sequence[Run]) -> list[str]:
    """Lines for a terminal, `WIDTH` columns at the most: each kind's table, a run each below its head."""
    lines: list[str] = []
    for kind, of_kind in _by_kind(runs):
        layout = _LAYOUTS[kind]
        lines += ["", *_terminal(layout, of_kind)]
        lines += [line for note in layout.notes for line in textwrap.wrap(note, WIDTH)]
    return lines[1:]


def markdown_tables(runs: Sequence[Run]) -> list[str]:
    """Lines of Markdown: each kind's table with all columns, and what they mean; the last is empty."""
    lines: list[str] = []
    kinds = _by_kind(runs)
    for kind, of_kind in kinds:
        layout = _LAYOUTS[kind]
        lines += [f"## {layout.title}", ""] if len(kinds) > 1 else []
        lines += markdown.table(layout.head, map(layout.wide, of_kind), layout.align)
        lines += [f"{layout.legend} {_LEGEND}", ""]
    return lines


def write_index(runs_dir: str, runs: Sequence[Run]) -> None:
    """Write `README.md` in the folder of runs, and the picture in it; a person's notes in it stay.

    Args:
        runs_dir: the folder.
        runs: that it lists, in this order.

    Raises:
        StorageError: it cannot be written.
    """
    words = "run" if len(runs) == 1 else "runs"
    drawn = save_overview(runs_dir, dict(_by_kind(runs)))
    lines = [
        *("# Runs", ""),
        *(f"{len(runs):,} {words}, the newest first; written by `faceprep runs`.", ""),
        *markdown_tables(runs),
        *(picture(overview.FILE, _CAPTION) if drawn else ()),
    ]
    markdown.write_page(storage.join(runs_dir, run_folder.CARD), lines)


def _by_kind(runs: Sequence[Run]) -> list[tuple[str, list[Run]]]:
    """Those that have runs; a kind without a table of its own is shown with the autoencoders."""
    kinds = [run.kind if run.kind in _LAYOUTS else AUTOENCODER for run in runs]
    found = {
        kind: [run for run, each in zip(runs, kinds, strict=True) if each == kind]
        for kind in _LAYOUTS
    }
    return [(kind, of_kind) for kind, of_kind in found.items() if of_kind] or [(AUTOENCODER, [])]


def _terminal(layout: _Layout, runs: Sequence[Run]) -> Iterator[str]:
    rows = [layout.narrow_head, *map(layout.narrow, runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[0] -= max(0, sum(widths) + len(_GAP) * (len(widths) - 1) - WIDTH)
    for row in rows:
        name, *cells = row
        texts = [_cut(name, widths[0]).ljust(widths[0])]
        for place, (cell, width) in enumerate(zip(cells, widths[1:], strict=True), start=1):
            texts.append(cell.rjust(width) if place in layout.numbers else cell.ljust(width))
        yield _GAP.join(texts).rstrip()


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
        stacked(plain(run.preset), *changed),
        stacked(*headline(run, "validation")) or NOTHING,
        stacked(*headline(run, "test")[:1]) or NOTHING,
        stacked(plain(run.status), plain(short(run.verdict))),
        stacked(best_epoch(run), duration(run.seconds)),
        stacked(millions(run.parameters)),
        _data(run),
    )


def _data(run: Run) -> str:
    records = sum(run.data.get("records", {}).values())
    fingerprint = str(run.data.get("fingerprint", ""))[:_SHOWN_OF_FINGERPRINT]
    return stacked(f"{records:,} records", code(fingerprint))


_LAYOUTS = {
    AUTOENCODER: _Layout(
        title="Autoencoders",
        narrow_head=_NARROW_HEAD,
        narrow=_narrow,
        numbers=(2, 3, 4),
        notes=(),
        head=_HEAD,
        wide=_wide,
        align="lllllllr",
        legend="In brackets behind a score: as a share of what always predicting the mean training target "
        "gets. Changes are those from the preset; of `custom`, from the defaults.",
    ),
    SIAMESE: _Layout(
        title="Siamese networks",
        narrow_head=siamese.NARROW_HEAD,
        narrow=siamese.narrow,
        numbers=siamese.NARROW_NUMBERS,
        notes=siamese.NOTES,
        head=siamese.HEAD,
        wide=siamese.wide,
        align=siamese.ALIGN,
        legend=siamese.LEGEND,
    ),
}
"""Kind of run to its table."""
