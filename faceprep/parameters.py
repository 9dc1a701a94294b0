"""Click parameters: made from options dataclasses, and the types that click lacks."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from faceprep import config
from faceprep.array_task import ArrayTask, parse_task
from faceprep.errors import UsageError
from faceprep.faces.options import REJECTS
from faceprep.options import Spec, flag, nearest, spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}


def options_of(declaration: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a command with an option for each field of an options dataclass."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for field in reversed(dataclasses.fields(declaration)):
            declared = spec(field)
            kind = _TYPES[str(field.type)]
            click.option(
                _spelling(field.name, negatable=field.default is True),
                *([declared.alias] if declared.alias else []),
                field.name,
                type=_click_type(declared, kind),
                is_flag=kind is bool,
                default=field.default,
                metavar=declared.metavar,
                help=declared.help,
                show_default=field.default is not False and field.default != "",
            )(command)
        return command

    return decorate


def _spelling(name: str, *, negatable: bool) -> str:
    """What is on by default can be put off: `--flip/--no-flip`."""
    return f"{flag(name)}/--no-{flag(name)[2:]}" if negatable else flag(name)


def made(declaration: type, values: Mapping[str, Any]) -> Any:
    """An options dataclass of those of `values` that are its fields. Raises UsageError."""
    return declaration(**{each.name: values[each.name] for each in dataclasses.fields(declaration)})


def given(declaration: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that somebody asked for, and that are fields of an options dataclass.

    On the command line, in the environment or in the settings file: all but click's own defaults, which
    a preset has better ones for.
    """
    context = click.get_current_context()
    return {
        field.name: values[field.name]
        for field in dataclasses.fields(declaration)
        if context.get_parameter_source(field.name) is not ParameterSource.DEFAULT
    }


def _click_type(declared: Spec, kind: type) -> Any:
    if declared.choices:
        return click.Choice(declared.choices)
    if (declared.minimum, declared.maximum) == (None, None):
        return kind
    limits: type[Any] = click.IntRange if kind is int else click.FloatRange
    return limits(declared.minimum, declared.maximum)


def starting_with(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    """What completes a word, or the last of several with commas between them."""
    done, comma, begun = incomplete.rpartition(",")
    return [CompletionItem(f"{done}{comma}{name}") for name in names if name.startswith(begun)]


class File(click.ParamType[str]):
    """A file, folder or URL; the shell completes those that are on this machine."""

    name = "file"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Whatever the shell finds."""
        return [CompletionItem(incomplete, type=self._found_by_shell)]

    _found_by_shell = "file"


class Folder(File):
    """A folder or URL; where there may be several, the environment and the settings file name one."""

    name = "folder"
    _found_by_shell = "dir"

    def split_envvar_value(self, rv: str) -> list[str]:
        """Not at blanks, as click would."""
        return [rv]


class RunFolder(Folder):
    """A run; those below runs/ are offered, and folders where none of them begins so."""

    name = "run"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Paths of runs on this machine."""
        runs = Path(os.environ.get("FACEPREP_RUNS") or config.WORKSPACE["runs"])
        found = sorted(str(manifest.parent) for manifest in runs.glob("*/run.json"))
        return starting_with(incomplete, found) or super().shell_complete(ctx, param, incomplete)


class Share(click.ParamType[float]):
    """`5%` or `0.05`, as a share of 1."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The share, 0 to 1."""
        text = str(value)
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"'{text}' is not a share; write 5% or 0.05", param, ctx)
        return share


class Statuses(click.ParamType[frozenset[str]]):
    """Reject statuses, separated by commas."""

    name = "statuses"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        """The statuses."""
        if isinstance(value, frozenset):
            return value
        given = frozenset(filter(None, str(value).split(",")))
        if unknown := sorted(given - set(REJECTS)):
            hint = nearest(unknown[0], REJECTS)
            self.fail(f"'{unknown[0]}' is not one of {', '.join(REJECTS)}{hint}", param, ctx)
        return given

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The statuses, after a comma too."""
        return starting_with(incomplete, REJECTS)


class Task(click.ParamType[ArrayTask]):
    """`3/16`, a task of an array job."""

    name = "task"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ArrayTask:
        """The task."""
        try:
            return value if isinstance(value, ArrayTask) else parse_task(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)
