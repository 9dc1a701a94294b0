"""Quality grows with sharpness, size and score, each as far as it shows in a crop."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from faceprep.face_quality import quality

CROP = 160
FACE = {"sharpness": 100.0, "box_width": 100.0, "box_height": 100.0, "score": 1.0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 10 * 100),
        ({"sharpness": 400.0}, 20 * 100),
        ({"sharpness": -1e-9}, 0),
        ({"box_height": 120.0}, 10 * 120),
        ({"box_width": 1000.0}, 10 * CROP),
        ({"score": 0.5}, 0.5 * 10 * 100),
    ],
)
def test_quality(changes: dict[str, float], expected: float) -> None:
    assert quality(pa.Table.from_pylist([FACE | changes]), CROP) == pytest.approx([expected])


def test_what_is_not_known_has_none() -> None:
    faces = pa.table({name: pa.array([None, value]) for name, value in FACE.items()})
    assert np.isnan(quality(faces, CROP)).tolist() == [True, False]
