"""Options are declared once, as fields of a frozen dataclass beside their stage.

The declaration carries the default, the help text, the unit and the limits. `check` holds a value
against it, `digest` keys finished work with it, and `parameters.py` makes the command line from it.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclasses.dataclass(frozen=True)
class Spec:
    """What is known of one option besides its name, type and default."""

    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    metavar: str | None = None
    alias: str | None = None


def option(default: Any, help: str, **limits: Any) -> Any:  # noqa: A002 - the word click uses too
    """A dataclass field that is an option; `limits` are the other fields of `Spec`."""
    return dataclasses.field(default=default, metadata={"spec": Spec(help, **limits)})


def redefault(declaration: type, name: str, default: Any, **changes: Any) -> Any:
    """An option of another dataclass with another default; `changes` are fields of its `Spec`."""
    (inherited,) = (field for field in dataclasses.fields(declaration) if field.name == name)
    changed = dataclasses.replace(spec(inherited), **changes)
    return dataclasses.field(default=default, metadata={"spec": changed})


def spec(field: dataclasses.Field[Any]) -> Spec:
    """The declaration that `option` left in a field."""
    found: Spec = field.metadata["spec"]
    return found


def flag(name: str) -> str:
    """The spelling on the command line: `min_face` is `--min-face`."""
    return "--" + name.replace("_", "-")


def flags(values: Mapping[str, Any]) -> list[str]:
    """Options, by the names of their fields, as words of the command line."""
    found = []
    for name, value in values.items():
        if isinstance(value, bool):
            found.append(flag(name if value else f"no_{name}"))
        else:
            found += [flag(name), str(value)]
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)`, or nothing when no known word is near."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def check(options: Any) -> None:
    """Hold each value of an options dataclass against its declaration.

    Raises:
        UsageError: names the option, quotes the value, says what it may be.
    """
    for field in dataclasses.fields(options):
        declared, value = spec(field), getattr(options, field.name)
        _refuse_another_type(field, value)
        if declared.choices and value not in declared.choices:
            hint = nearest(str(value), declared.choices)
            allowed = ", ".join(declared.choices)
            raise UsageError(f"{flag(field.name)} is '{value}'{hint}; it may be one of {allowed}")
        low, high = declared.minimum, declared.maximum
        above, below = low is None or value >= low, high is None or value <= high
        if not (above and below):  # nor is nan, which compares as False
            limits = f"at least {low}" if high is None else f"from {low} to {high}"
            raise UsageError(f"{flag(field.name)} is {value}; it must be {limits}")


_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}
"""The types that options have, to what a value may be in Python."""


def _refuse_another_type(field: dataclasses.Field[Any], value: Any) -> None:
    wanted = str(field.type)
    # Python takes True for 1
    if not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "bool"):
        kind = f"{type(value).__name__}, {value!r}"
        raise UsageError(f"{flag(field.name)} is of type {kind}; it must be {wanted}")


def digest(settings: dict[str, Any]) -> str:
    """SHA-256 (hexadecimal) of settings, independent of the order of their keys."""
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
