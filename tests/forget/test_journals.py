"""Whether a line of a journal names somebody, and what becomes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from faceprep.forget.journals import mentions, silence

if TYPE_CHECKING:
    from pathlib import Path

NAMED = mentions(["ann", "J. (Jo) Doe", "017"], ["list/0001.jpg"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("raw/ann/1.jpg: gone", True),
        ("raw/annex/1.jpg: gone", False),
        ("joann", False),
        ("of J. (Jo) Doe, twice", True),
        ("of J. (Jo) Doerr", False),
        ("017/frontal/01.jpg", True),
        ("part-00017-of-00304.parquet: died", False),
        ("list/0001.jpg: no permission", True),
        ("", False),
    ],
)
def test_a_name_counts_where_it_stands_alone(text: str, expected: bool) -> None:
    assert NAMED(text) == expected


def test_nobody_is_named_where_nobody_is_asked_for() -> None:
    assert not mentions([], [])("ann")


def test_what_cannot_be_read_is_deleted_and_what_was_cut_is_silenced(tmp_path: Path) -> None:
    (tmp_path / ".runs").mkdir()
    contents = {"a": "no json, of ann", "b": '["ann"]', "c": '{"error": "cut o…", "done": 3}'}
    for name, text in {**contents, "d": '{"error": null}'}.items():
        (tmp_path / f".runs/{name}.json").write_text(text, "utf-8")
    silence(str(tmp_path), ["ann"], [])
    left = {path.name: json.loads(path.read_text()) for path in (tmp_path / ".runs").iterdir()}
    silent = "(left out: it named a person who was forgotten)"
    assert left == {"c.json": {"error": silent, "done": 3}, "d.json": {"error": None}}
