"""What `--help` says is enough: each option with its unit and default, and examples that work."""

from __future__ import annotations

import itertools
import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from faceprep.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = {
    "N": "a count, or a number to draw by",
    "EPOCHS": "times through the training split",
    "STEPS": "batches",
    "PX": "pixels",
    "DEGREES": "0 to 180",
    "SECONDS": "of time",
    "MINUTES": "of time",
    "SHARE": "of a whole, which is 1; rejects also as 5%",
    "0..1": "from nothing to all",
    "1..100": "JPEG's own scale",
    "RATE": "of change in one step",
    "NORM": "length of a gradient",
    "COSINE": "0 to 1",
    "FACTOR": "what something is multiplied by",
}
"""Metavars of numbers, and what they say."""

NARROW, WIDE = 80, 100  # columns


def contexts(
    command: click.Command, parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Of a command and all below it, as they are where their help is shown."""
    name = command.name if parent else "faceprep"
    settings = cli.context_settings if parent is None else {}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from contexts(below, context)


CONTEXTS = list(contexts(cli))
every_command = pytest.mark.parametrize("context", CONTEXTS, ids=lambda c: c.command_path)


def options(context: click.Context) -> list[click.Option]:
    """Of a command, `--help` among them."""
    return [p for p in context.command.get_params(context) if isinstance(p, click.Option)]


def page(context: click.Context, columns: int) -> str:
    """Its help as a terminal of so many columns shows it."""
    context.terminal_width = columns
    return context.command.get_help(context)


@every_command
def test_a_command_says_what_it_does_and_what_its_arguments_are(context: click.Context) -> None:
    text = context.command.help or ""
    assert re.match(r"[A-Z].*?[.:]", text, re.DOTALL)
    for parameter in context.command.params:
        if isinstance(parameter, click.Argument):
            name = parameter.make_metavar(context).strip("[]….")
            assert re.search(rf"\b{name}\b", text), f"{name} is not explained"


@every_command
def test_an_option_says_what_it_is_for(context: click.Context) -> None:
    for option in options(context):
        assert re.fullmatch(r"[a-zA-Z0-9].*\.", option.help or "", re.DOTALL), option.name


@every_command
def test_a_number_says_its_unit(context: click.Context) -> None:
    numbers = click.types.IntParamType | click.types.FloatParamType
    for option in options(context):
        assert option.metavar in UNITS or not isinstance(option.type, numbers), option.name


@every_command
def test_an_option_says_its_default(context: click.Context) -> None:
    for option in options(context):
        shown = (option.get_help_record(context) or ("", ""))[1]
        said = "default:" in shown or "[required]" in shown or option.default == ""
        assert said or option.is_flag or option.name in {"help", "scheduler"}, option.name


@every_command
@pytest.mark.parametrize("columns", [NARROW, WIDE])
def test_a_page_fits_the_terminal(context: click.Context, columns: int) -> None:
    lines = page(context, columns).splitlines()
    assert [line for line in lines if len(line) > columns] == []
    assert [line for line in lines if re.search(r"\w\.\.\.$", line)] == []  # cut short


def examples(context: click.Context) -> list[str]:
    """The command lines at the end of a page, without the remarks beside them."""
    _, _, after = (context.command.epilog or "").partition("Examples")
    lines = itertools.takewhile(str.strip, after.split("\n")[1:])
    return [re.split(r" {2,}| > ", line.strip())[0] for line in lines]


@every_command
def test_a_page_ends_with_examples_of_the_command(context: click.Context) -> None:
    found = examples(context)
    assert len(found) >= 2
    own = context.command_path.removesuffix(" auto")  # which is what 'shard' is without a name
    assert all(line.startswith(own) for line in found)


@pytest.mark.parametrize(
    "line", sorted({line for context in CONTEXTS for line in examples(context)})
)
def test_an_example_is_taken(line: str) -> None:
    _, *words = shlex.split(line)
    command: click.Command = cli
    while isinstance(command, click.Group) and "--help" not in words:
        wanted = words.pop(0) if words and words[0] in command.commands else "auto"
        command = command.commands[wanted]
    if "--help" not in words:
        assert command.make_context(command.name, words).params
