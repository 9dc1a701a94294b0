"""Markdown as GitHub shows it, and pages on which a person's notes stay. Light."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MARK = "<!-- faceprep keeps what stands below this line when it writes this page anew. -->"
_ROOM = ("## Notes", "", _MARK)
_SPECIAL = re.compile(r"([\\`*\[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_TICKS = re.compile(r"`+")


def write_page(location: str, lines: Iterable[str]) -> None:
    """Store a page that ends in room for notes; those that are in it already stay as they are.

    A page that has no such room is somebody's own: all of it becomes the notes.

    Args:
        location: of the file.
        lines: of the page, the last one empty, without the notes.

    Raises:
        StorageError: the page cannot be written, or the one that is there not be read.
    """
    page = "\n".join([*lines, *_ROOM]).encode()
    storage.write_bytes(location, page + _notes(location))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> Iterator[str]:
    """A table, and the empty line after it.

    Args:
        head: of the columns; Markdown, as are the cells.
        rows: of cells.
        align: `l` or `r` for each column; those it does not reach are left.
    """
    rules = ["---:" if place == "r" else "---" for place in align.ljust(len(head), "l")]
    for cells in (head, rules, *rows):
        yield f"| {' | '.join(cells)} |"
    yield ""


def picture(location: str, caption: str) -> Iterator[str]:
    """A picture, for those too who do not see it, and its caption below.

    Args:
        location: of the file, seen from the page.
        caption: in words; Markdown.
    """
    yield from (f"![{caption}]({location})", "", caption, "")


def folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines that show when one clicks on the summary."""
    text = "\n".join(lines).strip("\n")
    yield from ("<details>", f"<summary>{summary}</summary>", "", text, "", "</details>", "")


def fenced(text: str, language: str = "") -> Iterator[str]:
    """A block of code."""
    fence = "`" * max(3, _longest(text) + 1)
    yield from (f"{fence}{language}", *text.splitlines(), fence, "")


def plain(text: object) -> str:
    """Text, on one line, of which nothing is taken for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Text as code, on one line, fit for a cell of a table."""
    line = " ".join(str(text).split()).replace("|", "\\|")
    if not line:
        return ""
    ticks = "`" * (_longest(line) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{room}{line}{room}{ticks}"


def stacked(*texts: str) -> str:
    """Texts, as Markdown, one below the other in a cell, none of them broken; empty ones are left out."""
    return "<br>".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in texts if text)


def _notes(location: str) -> bytes:
    """What stands below the mark; all of a page without one."""
    try:
        page = storage.read_bytes(location)
    except FileNotFoundError:
        return b"\n\n"
    except OSError as error:
        why = error.strerror or error
        raise StorageError(f"{location}: its notes cannot be kept ({why}); move it away") from None
    _, mark, notes = page.partition(_MARK.encode())
    return notes if mark else b"\n\n" + page


def _longest(text: str) -> int:
    """Length of the longest run of backticks."""
    return max(map(len, _TICKS.findall(text)), default=0)
