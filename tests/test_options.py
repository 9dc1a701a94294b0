"""Declared options: limits, hints, digests."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.errors import UsageError
from faceprep.options import check, digest, flag, nearest, option, redefault, spec

SETTINGS = st.dictionaries(
    st.text(max_size=8), st.integers() | st.text(max_size=8) | st.booleans() | st.none()
)


@dataclass(frozen=True)
class Oven:
    """Options of something that is not faceprep."""

    top_heat: int = option(180, "Degrees.", minimum=50, maximum=250)
    minutes: float = option(20.0, "How long.", minimum=0.5)
    mode: str = option("fan", "What blows.", choices=("fan", "grill"))
    light: bool = option(True, "Whether one sees it.")

    def __post_init__(self) -> None:
        check(self)


@pytest.mark.parametrize(
    "values",
    [
        {"top_heat": 50},
        {"top_heat": 250},
        {"minutes": 0.5},
        {"minutes": 1e9},
        {"mode": "grill"},
    ],
)
def test_values_on_their_limits_are_taken(values: dict[str, Any]) -> None:
    assert dataclasses.asdict(Oven(**values)).items() >= values.items()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"top_heat": 49}, "--top-heat is 49; it must be from 50 to 250"),
        ({"top_heat": 251}, "--top-heat is 251; it must be from 50 to 250"),
        ({"minutes": 0.25}, "--minutes is 0.25; it must be at least 0.5"),
        ({"minutes": float("nan")}, "--minutes is nan; it must be at least 0.5"),
        ({"mode": "grll"}, "--mode is 'grll' (did you mean 'grill'?); it may be one of fan, grill"),
        ({"mode": "xyz"}, "--mode is 'xyz'; it may be one of fan, grill"),
    ],
)
def test_a_value_outside_is_quoted_with_its_option_and_what_it_may_be(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        Oven(**values)
    assert str(caught.value) == message


@given(st.integers(50, 250))
def test_every_value_within_the_limits_is_taken(heat: int) -> None:
    assert Oven(top_heat=heat).top_heat == heat


@given(st.integers(max_value=49) | st.integers(min_value=251))
def test_no_value_beyond_the_limits_is_taken(heat: int) -> None:
    with pytest.raises(UsageError, match="--top-heat"):
        Oven(top_heat=heat)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"top_heat": 180.0}, "--top-heat is of type float, 180.0; it must be int"),
        ({"top_heat": "180"}, "--top-heat is of type str, '180'; it must be int"),
        ({"minutes": True}, "--minutes is of type bool, True; it must be float"),
        ({"light": "no"}, "--light is of type str, 'no'; it must be bool"),
        ({"mode": None}, "--mode is of type NoneType, None; it must be str"),
    ],
)
def test_a_value_of_another_type_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Oven(**values)
    assert str(caught.value) == words


def test_a_whole_number_is_a_number() -> None:
    assert Oven(minutes=3).minutes == 3


def test_a_declaration_can_be_read_back_from_the_field() -> None:
    declared = spec(dataclasses.fields(Oven)[0])
    assert (declared.help, declared.minimum, declared.maximum) == ("Degrees.", 50, 250)


def test_an_option_can_have_another_default_where_it_comes_again() -> None:
    first, *_ = dataclasses.fields(Oven)

    @dataclasses.dataclass(frozen=True)
    class Kiln(Oven):
        top_heat: int = redefault(Oven, first.name, 240, help="Of the kiln.")

    inherited = dataclasses.fields(Kiln)[0]
    assert (inherited.name, inherited.default) == (first.name, 240)
    assert spec(inherited) == dataclasses.replace(spec(first), help="Of the kiln.")
    with pytest.raises(UsageError, match="--top-heat is 251"):
        Kiln(top_heat=251)


@pytest.mark.parametrize(("name", "spelt"), [("size", "--size"), ("min_face", "--min-face")])
def test_a_flag_is_spelt_with_dashes(name: str, spelt: str) -> None:
    assert flag(name) == spelt


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("sise", " (did you mean 'size'?)"),
        ("margn", " (did you mean 'margin'?)"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_word_is_suggested(word: str, hint: str) -> None:
    assert nearest(word, ["size", "margin"]) == hint


@given(SETTINGS)
def test_a_digest_does_not_depend_on_the_order_of_the_keys(settings: dict[str, Any]) -> None:
    assert digest(dict(reversed(settings.items()))) == digest(settings)


@given(SETTINGS, SETTINGS)
def test_different_settings_have_different_digests(
    some: dict[str, Any], others: dict[str, Any]
) -> None:
    same = sorted(map(repr, some.items())) == sorted(map(repr, others.items()))
    assert (digest(some) == digest(others)) is same
