"""What was found, as text and as JSON."""

from __future__ import annotations

import json

import pytest

from faceprep.inspect.report import Column, Inspection, Shown

FACE = ("yaw", "float", "degrees")
INSPECTION = Inspection(
    "x/pairs",
    "a data set",
    {
        "finished": True,
        "examples": 12_345,
        "targets": None,
        "image_size": {"width": 160, "format": "jpeg"},
        "splits": {"train": {"examples": 3000}, "validation": {"examples": 1}},
        "sharing": [1, 2, 3, 4, 5, 6, 7],
        "empty": {},
    },
    (
        Column("key", "str", "unique"),
        Column("feature/yaw", *FACE[1:]),
        Column("target/yaw", *FACE[1:]),
        Column("target/only", "int", ""),
    ),
    (Shown("file record 0", ("one \x1b", "two"), {"key": "a"}, ("out/000-feature.jpg",)),),
    ("something is missing",),
)
TEXT = """\
x/pairs: a data set
  finished        yes
  examples        12,345
  targets         none
  image size      width 160, format jpeg
  splits
    train       examples 3,000
    validation  examples 1
  sharing         1, 2, 3, 4, 5, … (7 of them)
  empty           none

  key                   str    unique
  {feature,target}/yaw  float  degrees
  target/only           int

000  file record 0
     one \\x1b
     two
     saved as out/000-feature.jpg

note: something is missing"""


def test_the_text_shows_everything_in_order() -> None:
    assert INSPECTION.as_text() == TEXT


def test_several_follow_each_other() -> None:
    root = Inspection("x", "a folder of 2 data sets", {}, inside=(INSPECTION, INSPECTION))
    assert root.as_text() == f"x: a folder of 2 data sets\n\n{TEXT}\n\n{TEXT}"
    assert root.as_json()["inside"] == [INSPECTION.as_json()] * 2


def test_json_carries_the_same() -> None:
    content = json.loads(json.dumps(INSPECTION.as_json(), allow_nan=False))
    assert content["facts"]["splits"]["train"] == {"examples": 3000}
    assert content["facts"]["sharing"] == [1, 2, 3, 4, 5, 6, 7]
    assert content["schema"][1] == {"name": "feature/yaw", "type": "float", "doc": "degrees"}
    assert content["records"] == [
        {
            "where": "file record 0",
            "words": "one \x1b two",
            "values": {"key": "a"},
            "saved": ["out/000-feature.jpg"],
        }
    ]
    assert content["notes"] == ["something is missing"]


@pytest.mark.parametrize("path", ["", "x\ny"])
def test_nothing_but_a_path_is_one_line(path: str) -> None:
    assert len(Inspection(path, "nothing", {}).as_text().splitlines()) == 1
