"""Click parameters: what they take, and what they say of what they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import pytest

from faceprep.extract.options import ExtractOptions
from faceprep.options import option
from faceprep.parameters import Folder, Share, Statuses, given, made, options_of


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("0.05", 0.05), ("100%", 1), ("0", 0)])
def test_a_share_is_written_in_two_ways(text: str, share: float) -> None:
    assert Share().convert(text, None, None) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "%", "5 %%", "101%", "-1%", "1.5", "lots", "nan"])
def test_anything_else_is_no_share(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"write 5% or 0\.05"):
        Share().convert(text, None, None)


def test_statuses_are_separated_by_commas() -> None:
    assert Statuses().convert("timeout,crashed", None, None) == {"timeout", "crashed"}
    assert Statuses().convert("", None, None) == frozenset()


def test_ok_is_no_reject() -> None:
    with pytest.raises(click.BadParameter, match="'ok' is not one of"):
        Statuses().convert("ok", None, None)


def test_each_field_becomes_an_option_with_its_default() -> None:
    @click.command()
    @options_of(ExtractOptions)
    def command(**_: object) -> None: ...

    for parameter in command.params:
        assert parameter.default == getattr(ExtractOptions(), str(parameter.name))


@dataclass(frozen=True)
class Painting:
    """Options with a colour, and one that is on by default."""

    colour: str = option("red", "Of it.", choices=("red", "blue", "green"))
    frame: bool = option(True, "With a frame.")
    width: int = option(3, "Of the frame.", minimum=1)


def asked(*arguments: str, **context: Any) -> dict[str, Any]:
    found = {}

    @click.command()
    @options_of(Painting)
    def command(**options: Any) -> None:
        found.update(given(Painting, options))

    command.main([*arguments], standalone_mode=False, **context)
    return found


def test_what_nobody_asked_for_is_left_to_the_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked() == {}
    assert asked("--colour", "red") == {"colour": "red"}  # the default, and yet asked for
    assert asked(default_map={"width": 7}) == {"width": 7}
    monkeypatch.setenv("PAINT_COLOUR", "green")
    assert asked("--width", "9", auto_envvar_prefix="PAINT") == {"colour": "green", "width": 9}


def test_of_all_values_those_of_the_dataclass_are_taken() -> None:
    values = {"colour": "blue", "frame": False, "width": 2, "shards_dir": "shards"}
    assert made(Painting, values) == Painting("blue", False, 2)


def test_what_is_on_by_default_can_be_put_off() -> None:
    assert asked("--no-frame") == {"frame": False}
    assert asked("--frame") == {"frame": True}


@pytest.mark.parametrize(
    ("arguments", "settings", "environment", "found"),
    [
        ((), {}, "", ("usual",)),
        (("a", "b"), {"folders": "c"}, "d", ("a", "b")),
        ((), {"folders": "one name"}, "", ("one name",)),
        ((), {"folders": "c"}, "two words", ("two words",)),
    ],
)
def test_the_environment_and_the_settings_name_one_folder(
    arguments: tuple[str, ...],
    settings: dict[str, str],
    environment: str,
    found: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if environment:
        monkeypatch.setenv("FOLDERS", environment)
    names = []

    @click.command()
    @click.argument("folders", type=Folder(), nargs=-1, default=("usual",), envvar="FOLDERS")
    def command(folders: tuple[str, ...]) -> None:
        names.append(folders)

    command.main([*arguments], standalone_mode=False, default_map=settings)
    assert names == [found]
