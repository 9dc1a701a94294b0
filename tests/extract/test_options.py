"""The options of extract: help, limits, digests, and the registries they name."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from faceprep.errors import UsageError
from faceprep.extract.layouts import LAYOUTS
from faceprep.extract.options import ExtractOptions
from faceprep.faces.detect import DETECTORS, FACE_RULES
from faceprep.faces.options import DETECTOR_NAMES
from faceprep.options import digest, flag, spec

FIELDS = {field.name: field for field in dataclasses.fields(ExtractOptions)}
LIMITED = [
    (name, limit, step)
    for name, field in FIELDS.items()
    for limit, step in ((spec(field).minimum, -1), (spec(field).maximum, 1))
    if limit is not None
]


def with_value(name: str, value: Any) -> ExtractOptions:
    changes: dict[str, Any] = {name: value}
    return ExtractOptions(**changes)


def another_value(field: dataclasses.Field[Any]) -> Any:
    """A value that is allowed and not the default."""
    if field.name == "detector":
        return "package.module:Class"
    if field.type == "bool":
        return not field.default
    choices = [choice for choice in spec(field).choices if choice != field.default]
    return choices[0] if choices else spec(field).minimum


@pytest.mark.parametrize("name", FIELDS)
def test_every_option_has_help(name: str) -> None:
    words = spec(FIELDS[name]).help
    assert words.endswith(".")
    assert len(words) > 10


@pytest.mark.parametrize(
    ("offered", "registry"),
    [
        (spec(FIELDS["layout"]).choices, ["auto", "list", *LAYOUTS]),
        (spec(FIELDS["face"]).choices, list(FACE_RULES)),
        (DETECTOR_NAMES, list(DETECTORS)),
    ],
    ids=["layout", "face", "detector"],
)
def test_an_option_offers_what_its_registry_holds(
    offered: tuple[str, ...], registry: list[str]
) -> None:
    assert sorted(offered) == sorted(registry)


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if spec(field).choices])
def test_an_unknown_choice_is_quoted_with_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_value(name, "casia")
    assert str(caught.value).startswith(f"{flag(name)} is 'casia'")
    assert str(caught.value).endswith(", ".join(spec(FIELDS[name]).choices))


def test_an_unknown_detector_is_quoted_with_what_it_may_be() -> None:
    with pytest.raises(UsageError) as caught:
        ExtractOptions(detector="blazeface2")
    assert str(caught.value) == (
        "--detector is 'blazeface2' (did you mean 'blazeface'?); "
        "it may be blazeface, or package.module:Class"
    )


def test_arcface_needs_the_mesh() -> None:
    ExtractOptions(align="arcface", pose="mesh")
    with pytest.raises(UsageError, match="add --pose mesh"):
        ExtractOptions(align="arcface")


@pytest.mark.parametrize(("name", "limit", "step"), LIMITED)
def test_a_number_may_reach_its_limit_and_not_pass_it(name: str, limit: float, step: int) -> None:
    with_value(name, limit)
    with pytest.raises(UsageError, match=f"{flag(name)} is {limit + step}; it must be"):
        with_value(name, limit + step)


def test_every_number_has_a_least_value() -> None:
    numbers = {name for name, field in FIELDS.items() if field.type in ("int", "float")}
    assert {name for name, _, step in LIMITED if step < 0} == numbers


def test_each_option_that_changes_changes_the_digest() -> None:
    usual = ExtractOptions()
    changed = [
        dataclasses.replace(usual, **{name: another_value(field)}) for name, field in FIELDS.items()
    ]
    digests = {digest(dataclasses.asdict(options)) for options in (usual, *changed)}
    assert len(digests) == len(changed) + 1
