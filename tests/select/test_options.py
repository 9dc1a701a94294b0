"""The options of select: help, limits, and words for values outside them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from faceprep.errors import UsageError
from faceprep.options import spec
from faceprep.select.options import SelectOptions


@pytest.mark.parametrize("field", dataclasses.fields(SelectOptions), ids=lambda field: field.name)
def test_every_option_has_help(field: dataclasses.Field[Any]) -> None:
    assert spec(field).help.endswith(".")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"per": "person"}, "--per is 'person'; it may be one of identity, clip"),
        ({"max_angle": -1.0}, "--max-angle is -1.0; it must be from 0.0 to 90.0"),
        ({"max_angle": 91.0}, "--max-angle is 91.0; it must be from 0.0 to 90.0"),
        ({"shortlist": 0}, "--shortlist is 0; it must be at least 1"),
    ],
)
def test_a_value_outside_its_limits_is_quoted(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        SelectOptions(**changes)
    assert str(caught.value) == words


def test_the_options_load_nothing_heavy() -> None:
    program = (
        "import sys, faceprep.select.options;"
        "print([m for m in ('numpy', 'pyarrow', 'cv2', 'mediapipe') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
