"""A CSV file of pairs of photographs: read line by line, so that its length does not matter. Light."""

from __future__ import annotations

import csv
import hashlib
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from faceprep import storage
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FACES = ("first", "second")
_LABELS = ("label", "same")
_TRUTH = {
    **dict.fromkeys(("1", "true", "yes", "same"), True),
    **dict.fromkeys(("0", "false", "no", "different"), False),
    "": None,
}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class PhotoPair:
    """A line of the file.

    Attributes:
        first: name of a photograph, as written; `second` likewise.
        same: whether they are of one person; None where the file does not say.
    """

    first: str
    second: str
    same: bool | None


@dataclass(frozen=True)
class PairsFile:
    """A file whose lines are all as they should be.

    Attributes:
        location: of the file.
        count: pairs in it.
        labelled: how many of them say whether they are of one person.
        sha256: of its content, hexadecimal.
    """

    location: str
    count: int
    labelled: int
    sha256: str

    def pairs(self) -> Iterator[PhotoPair]:
        """All of them, in order. Raises InputError: the file has changed meanwhile."""
        return _pairs(self.location)

    def path(self, name: str) -> str:
        """Of a photograph: names are relative to the folder of the file."""
        return posixpath.join(posixpath.dirname(self.location), name)


def read_pairs(location: str) -> PairsFile:
    """Look at each line of a CSV file with the columns first and second, and label (or same) if known.

    Args:
        location: of the file: UTF-8, a line with the columns' names first. Labels are 1, true, yes or
            same for one person, 0, false, no or different for two, or nothing.

    Raises:
        InputError: it is not there, or not such a file; the line is named.
    """
    if not location:
        raise InputError("--pairs is empty; name a CSV file")
    if storage.is_url(location):
        raise InputError(f"{location}: the pairs must be in a local file; copy it first")
    count = labelled = 0
    for pair in _pairs(location):
        count += 1
        labelled += pair.same is not None
    if not count:
        raise InputError(f"{location}: no pairs in it, only the names of the columns")
    return PairsFile(location, count, labelled, _sha256(location))


def _pairs(location: str) -> Iterator[PhotoPair]:
    try:
        with Path(location).open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            label = _label_column(location, list(lines.fieldnames or []))
            for line in lines:
                yield _pair(f"{location}: line {lines.line_num}", line, label)
    except OSError as error:
        raise InputError(f"{location}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InputError(f"{location}: not UTF-8; save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{location}: not a CSV file ({error})") from None


def _label_column(location: str, columns: list[str]) -> str | None:
    if missing := [name for name in _FACES if name not in columns]:
        there = ", ".join(columns)[:200] or "nothing"
        raise InputError(
            f"{location}: no column {' and no column '.join(missing)}; its first line must name the "
            f"columns first,second and, where it is known, label (there is: {there})"
        )
    known = [name for name in _LABELS if name in columns]
    if len(known) > 1:
        raise InputError(f"{location}: has the columns label and same; leave one of them")
    return known[0] if known else None


def _pair(where: str, line: dict[str, str | None], label: str | None) -> PhotoPair:
    first, second = (line[name] or "" for name in _FACES)
    for column, name in zip(_FACES, (first, second), strict=True):
        _check_name(where, column, name)
    said = (line[label] or "") if label else ""
    if said.strip().lower() not in _TRUTH:
        raise InputError(
            f"{where}: {label} is '{said[:40]}'; write 1 for one person, 0 for two, or nothing"
        )
    return PhotoPair(first, second, _TRUTH[said.strip().lower()])


def _check_name(where: str, column: str, name: str) -> None:
    def refuse(why: str) -> NoReturn:
        raise InputError(f"{where}: {why}")

    if not name:
        refuse(f"no photograph in column {column}")
    if storage.is_url(name):
        refuse(f"{name}: photographs must be local files; copy them first")


def _sha256(location: str) -> str:
    found = hashlib.sha256()
    with Path(location).open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
