"""Texts with programs in them: the fenced blocks of a Markdown text, run in order as a reader would."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PROGRAMS = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "python": (sys.executable, "-W", "error", "-c"),
}
"""What runs a block in a language; blocks in others are looked at only."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands in it, and the line of the text that it begins at."""

    language: str
    content: str
    line: int

    @property
    def runs(self) -> bool:
        """Whether it is a program."""
        return self.language in _PROGRAMS


def read_blocks(text: str) -> list[Block]:
    """All fenced blocks of a Markdown text, in order."""
    tokens = (token for token in MarkdownIt().parse(text) if token.type == "fence")
    return [Block(t.info, t.content, t.map[0] + 1 if t.map else 0) for t in tokens]


def run_blocks(
    blocks: Iterable[Block], folder: Path, environment: Mapping[str, str] | None = None
) -> list[str]:
    """Run the programs among some blocks in a folder; what each has said on stdout.

    Neighbours in one language are one program, as the cells of a notebook: what one has named or
    imported is there in the next. `faceprep` is that of this interpreter.

    Args:
        blocks: in the order of the text.
        folder: where they run.
        environment: added to that of this process.

    Raises:
        AssertionError: one has failed; it quotes the program and what it said.
    """
    beside = str(Path(sys.executable).parent)
    everything = {**os.environ, "PATH": f"{beside}:{os.environ['PATH']}", **(environment or {})}
    programs = itertools.groupby((b for b in blocks if b.runs), key=lambda block: block.language)
    return [_run(language, list(group), folder, everything) for language, group in programs]


def _run(
    language: str, blocks: Sequence[Block], folder: Path, environment: Mapping[str, str]
) -> str:
    program = "\n".join(block.content for block in blocks)
    run = subprocess.run(
        [*_PROGRAMS[language], program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, f"line {blocks[0].line}:\n{program}\n{run.stdout}{run.stderr}"
    return run.stdout
