"""What `faceprep evaluate` can be told."""

from __future__ import annotations

import pytest

from faceprep.errors import UsageError
from faceprep.evaluate.options import EvaluateOptions


def test_auto_names_none() -> None:
    assert EvaluateOptions().wanted == ()
    assert EvaluateOptions(folds="1-2,8").wanted == (1, 2, 8)


def test_what_is_no_fold() -> None:
    with pytest.raises(UsageError, match="--folds is '0'; write folds as"):
        EvaluateOptions(folds="0")
