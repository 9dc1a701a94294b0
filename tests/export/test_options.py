"""The options of export: help, and limits."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from faceprep.errors import UsageError
from faceprep.export.options import ExportOptions
from faceprep.options import spec


@pytest.mark.parametrize("field", dataclasses.fields(ExportOptions), ids=lambda field: field.name)
def test_every_option_has_help(field: dataclasses.Field[Any]) -> None:
    assert spec(field).help.endswith(".")


@pytest.mark.parametrize(
    "values",
    [{"max_angle": -0.1}, {"max_angle": 180.1}, {"max_angle": float("nan")}, {"min_size": -1}],
)
def test_a_value_outside_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="it must be"):
        ExportOptions(**values)


def test_options_are_light() -> None:
    program = (
        "import sys, faceprep.export.options;"
        "print([m for m in ('numpy', 'pyarrow', 'joblib') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
