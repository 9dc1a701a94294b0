"""The options of the autoencoders: help, limits, shapes and filters that fit together."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.errors import UsageError
from faceprep.options import digest, flag, spec
from faceprep.train.options import AutoencoderOptions, Shape, parse_filters, parse_shape

FIELDS = {field.name: field for field in dataclasses.fields(AutoencoderOptions)}
LIMITED = [
    (name, limit, change)
    for name, field in FIELDS.items()
    for limit, change in ((spec(field).minimum, -1), (spec(field).maximum, 1))
    if limit is not None
]
ANOTHER = {
    "input_size": "128x128x1",
    "output_size": "64x64x3",
    "encoder": "64,64,64,64",
    "decoder": "64,64,64,64",
    "noise": 0.5,
    "flip": False,
    "model": "ours:build",
}
"""A value that is allowed and not the default, where no choice and no limit gives one."""


def with_values(**values: Any) -> AutoencoderOptions:
    return AutoencoderOptions(**values)


def another_value(field: dataclasses.Field[Any]) -> Any:
    choices = [choice for choice in spec(field).choices if choice != field.default]
    return choices[0] if choices else ANOTHER.get(field.name, spec(field).minimum)


@pytest.mark.parametrize("name", FIELDS)
def test_every_option_has_help_and_a_type_of_the_command_line(name: str) -> None:
    words = spec(FIELDS[name]).help
    assert words.endswith(".")
    assert len(words) > 10
    assert FIELDS[name].type in ("int", "float", "str", "bool")


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if spec(field).choices])
def test_an_unknown_choice_is_quoted_with_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_values(**{name: "unet"})
    assert str(caught.value).startswith(f"{flag(name)} is 'unet'")
    assert str(caught.value).endswith(", ".join(spec(FIELDS[name]).choices))


@pytest.mark.parametrize(("name", "limit", "change"), LIMITED)
def test_a_number_may_reach_its_limit_and_not_pass_it(name: str, limit: float, change: int) -> None:
    with_values(**{name: limit})
    with pytest.raises(UsageError, match=f"{flag(name)} is {limit + change}; it must be"):
        with_values(**{name: limit + change})


def test_every_number_has_both_limits() -> None:
    numbers = {name for name, field in FIELDS.items() if field.type in ("int", "float")}
    assert {name for name, _, change in LIMITED if change < 0} == numbers
    assert {name for name, _, change in LIMITED if change > 0} == numbers


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.type == "float"])
def test_nan_is_no_number(name: str) -> None:
    with pytest.raises(UsageError, match=f"{flag(name)} is nan"):
        with_values(**{name: float("nan")})


def test_each_option_that_changes_changes_the_digest() -> None:
    usual = AutoencoderOptions()
    changed = [
        dataclasses.replace(usual, **{name: another_value(field)}) for name, field in FIELDS.items()
    ]
    digests = {digest(dataclasses.asdict(options)) for options in (usual, *changed)}
    assert len(digests) == len(changed) + 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"input_size": "64"},
            "--input-size is '64'; write height, width and channels (1 or 3), as 64x64x1",
        ),
        ({"input_size": "64x64"}, "--input-size is '64x64'; write"),
        ({"input_size": "64x64x2"}, "--input-size is '64x64x2'; write"),
        ({"input_size": "0x64x1"}, "--input-size is '0x64x1'; write"),
        ({"input_size": "-64x64x1"}, "--input-size is '-64x64x1'; write"),
        ({"input_size": "same"}, "--input-size is 'same'; write"),
        ({"output_size": "mirrored"}, "--output-size is 'mirrored'; write"),
        ({"output_size": "٦٤x64x1"}, "--output-size is '٦٤x64x1'; write"),
        ({"encoder": ""}, "--encoder is ''; write the filters of each block, as 128,64,32"),
        ({"encoder": "64,,32"}, "--encoder is '64,,32'; write"),
        ({"encoder": "64,0"}, "--encoder is '64,0'; write"),
        ({"encoder": "64;32"}, "--encoder is '64;32'; write"),
        ({"encoder": "64.5"}, "--encoder is '64.5'; write"),
        ({"decoder": "same"}, "--decoder is 'same'; write"),
        (
            {"input_size": "100x64x1", "encoder": "8,8,8"},
            "--input-size is 100x64x1, whose sides 3 blocks of the encoder do not halve evenly; "
            "take multiples of 8, or fewer filters in --encoder",
        ),
        (
            {"encoder": "8,8,8,8,8,8,8"},
            "--input-size is 64x64x1, whose sides 7 blocks of the encoder do not halve evenly; "
            "take multiples of 128, or fewer filters in --encoder",
        ),
        (
            {"encoder": "8,8,8", "decoder": "8,8", "output_size": "64x64x3"},
            "--output-size is 64x64x3, but the decoder, from 8x8, gives 32x32x3; "
            "give --decoder 3 filters, or ask for --output-size 32x32x3",
        ),
        (
            {"encoder": "8,8,8", "decoder": "8,8"},
            "--output-size is 64x64x1, but the decoder, from 8x8, gives 32x32x1; "
            "give --decoder 3 filters, or ask for --output-size 32x32x1",
        ),
        (
            {"output_size": "48x48x1"},
            "--output-size is 48x48x1, but the decoder, from 4x4, gives 64x64x1; "
            "ask for --output-size 64x64x1",
        ),
        (
            {"output_size": "64x32x1"},
            "--output-size is 64x32x1, but the decoder, from 4x4, gives 64x64x1; "
            "ask for --output-size 64x64x1",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(values: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_values(**values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_advice_says_fits() -> None:
    with_values(encoder="8,8,8", decoder="8,8,8", output_size="64x64x3")
    with_values(encoder="8,8,8", decoder="8,8", output_size="32x32x3")


def test_shapes_and_filters_are_parsed() -> None:
    options = with_values(
        input_size="96x64X3", output_size="48x32x1", encoder="32, 16,8", decoder="4,2"
    )
    assert options.input_shape == (96, 64, 3)
    assert options.output_shape == (48, 32, 1)
    assert options.encoder_filters == (32, 16, 8)
    assert options.decoder_filters == (4, 2)
    assert options.map_shape == (12, 8, 8)


def test_same_and_mirrored_follow_the_other_end() -> None:
    options = with_values(input_size="32x64x3", encoder="4,8,16")
    assert options.output_shape == options.input_shape
    assert options.decoder_filters == (16, 8, 4)


@given(st.tuples(st.integers(1, 9999), st.integers(1, 9999), st.sampled_from([1, 3])))
def test_a_shape_is_read_as_it_is_written(sides: tuple[int, int, int]) -> None:
    assert parse_shape("input_size", str(Shape(*sides))) == sides


@given(st.lists(st.integers(1, 99999), min_size=1))
def test_filters_are_read_as_they_are_written(filters: list[int]) -> None:
    assert parse_filters("encoder", ",".join(map(str, filters))) == tuple(filters)


@given(st.text(alphabet="0123456789x,.- ×", max_size=12))
def test_any_text_is_a_shape_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        height, width, channels = parse_shape("input_size", text)
        assert height > 0
        assert width > 0
        assert channels in (1, 3)


def test_options_survive_json() -> None:
    options = with_values(family="pooled", encoder="8,4", latent=7, dropout=0.1)
    assert AutoencoderOptions(**json.loads(json.dumps(dataclasses.asdict(options)))) == options


def test_options_and_presets_are_light() -> None:
    program = (
        "import sys, faceprep.train.presets as p; p.preset('v12');"
        "print([name for name in ('tensorflow', 'keras', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
