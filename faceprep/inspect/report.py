"""What `faceprep inspect` found, as text for people and as JSON for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep.inspect.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MORE = "'faceprep verify' tells more"
"""What a note on damage ends with."""

_LISTED = 5  # of a list, in text; JSON has them all


@dataclass(frozen=True)
class Column:
    """One column of a Parquet file, or one feature of an example.

    Attributes:
        name: of the column; path of the feature, for instance `feature/yaw`.
        type: of its values.
        doc: what it means; empty when the file does not say.
    """

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class Shown:
    """One record.

    Attributes:
        where: the file, and which row or record of it, both as in error messages: from 0.
        words: lines that say what it is; what is wrong with it, when it is damaged.
        values: its content by name, ready for JSON; an image by its format and measures.
        saved: the files that its images were written to.
    """

    where: str
    words: tuple[str, ...]
    values: Mapping[str, Any]
    saved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inspection:
    """What a path holds.

    Attributes:
        path: as it was given; for a data set in a root, its folder.
        what: in a few words, for instance `a folder of faces`.
        facts: counts, options and the like; nested at most twice, ready for JSON.
        schema: what rows or records consist of.
        records: the first of them.
        notes: what is missing or damaged, as far as it was met.
        inside: the data sets of a root.
        pictures: files with plots of it, and with the records that were saved side by side.
    """

    path: str
    what: str
    facts: Mapping[str, Any]
    schema: tuple[Column, ...] = ()
    records: tuple[Shown, ...] = ()
    notes: tuple[str, ...] = ()
    inside: tuple[Inspection, ...] = ()
    pictures: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it; a number that is none (a pose without a face) is null."""
        return {
            "path": self.path,
            "what": self.what,
            "facts": dict(self.facts),
            "schema": [dataclasses.asdict(column) for column in self.schema],
            "records": [
                {
                    "where": each.where,
                    "words": " ".join(each.words),
                    "values": dict(each.values),
                    "saved": list(each.saved),
                }
                for each in self.records
            ],
            "notes": list(self.notes),
            "pictures": list(self.pictures),
            "inside": [each.as_json() for each in self.inside],
        }

    def as_text(self) -> str:
        """Lines for a terminal; what would move its cursor is escaped."""
        return "\n".join(map(printable, self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"{self.path}: {self.what}"
        for name, value in self.facts.items():
            yield from _fact_lines(name.replace("_", " "), value)
        yield from self._schema_lines()
        for number, record in enumerate(self.records):
            yield ""
            yield f"{number:03d}  {record.where}"
            yield from (f"     {line}" for line in record.words)
            yield from (f"     saved as {name}" for name in record.saved)
        if self.notes:
            yield ""
            yield from (f"note: {note}" for note in self.notes)
        if self.pictures:
            yield ""
            yield from (f"drawn as {name}" for name in self.pictures)
        for each in self.inside:
            yield ""
            yield from each._lines()

    def _schema_lines(self) -> Iterator[str]:
        if not self.schema:
            return
        columns = _folded(self.schema)
        name_width = max(len(column.name) for column in columns)
        type_width = max(len(column.type) for column in columns)
        yield ""
        for column in columns:
            line = f"  {column.name:<{name_width}}  {column.type:<{type_width}}  {column.doc}"
            yield line.rstrip()


def _folded(schema: Iterable[Column]) -> list[Column]:
    """One line for what several faces of an example have in common: `{feature,target}/yaw`."""
    roles: dict[tuple[str, str, str], list[str]] = {}
    for column in schema:
        role, _, name = column.name.rpartition("/")
        roles.setdefault((name, column.type, column.doc), []).append(role)
    return [
        Column(
            f"{{{','.join(of)}}}/{name}" if len(of) > 1 else f"{of[0]}/{name}".lstrip("/"), *rest
        )
        for (name, *rest), of in roles.items()
    ]


def _fact_lines(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values()):
        yield f"  {name}"
        width = max(len(str(inner)) for inner in value)
        yield from (f"    {inner!s:<{width}}  {_inline(each)}" for inner, each in value.items())
    else:
        yield f"  {name:<16}{_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_inline(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        rest = f", … ({len(value):,} of them)" if len(value) > _LISTED else ""
        return ", ".join(map(_inline, value[:_LISTED])) + rest or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "none" if value is None else str(value)
