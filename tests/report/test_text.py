"""Text of strangers, and numbers in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.report.text import data_uri, number, size, visible
from tests.report.made import picture


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Aaron_Eckhart", "Aaron_Eckhart"),
        ("عائشة", "عائشة"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u202eb", "a\\u202eb"),
        ("\udcff", "\\udcff"),
        ("a\nb\x1b", "a\\nb\\x1b"),
        ("", ""),
    ],
)
def test_what_has_no_shape_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_any_text_can_be_stored(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert "\n" not in shown.encode().decode()


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0, "", "0"),
        (-0.001, "°", "0°"),
        (-52.04, "°", "−52°"),
        (0.914, "", "0.91"),
        (9.96, "px", "10 px"),
        (12.34, "°", "12.3°"),
        (1627.4, "", "1,627"),
        (math.nan, "°", "–"),
    ],
)
def test_numbers(value: float, unit: str, words: str) -> None:
    assert number(value, unit) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (12_345_678, "12.3 MB"),
        (10**16, "10,000 TB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


def test_a_picture_is_told_by_how_it_begins() -> None:
    assert data_uri(picture(1)).startswith("data:image/jpeg;base64,/9j/")
    assert data_uri(b"RIFF....WEBP").startswith("data:image/webp;base64,")
    assert data_uri(b"<?xml").startswith("data:image/svg+xml;base64,")
