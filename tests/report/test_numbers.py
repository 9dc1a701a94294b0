"""Every face counts once in every histogram, however strange its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.report.numbers import density, histogram, histograms
from faceprep.spread import MEASURES
from tests.inspect.made import face
from tests.report.some_faces import rows_of

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("yaw", "pitch", "frontality", "size", "sharpness", "score")


@given(st.lists(st.none() | st.floats(width=32), max_size=20))
def test_no_face_is_lost(values: list[float | None]) -> None:
    faces = pa.table({name: pa.array(values, pa.float32()) for name in COLUMNS})
    for each in histograms(faces):
        assert len(each.edges) == len(each.counts) + 1
        assert each.counts.sum() + each.unknown == len(values)
    known = [value for value in values if value is not None and math.isfinite(value)]
    assert density(faces).counts.sum() == len(known)


def test_names_units_and_bins(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path, face("a", "ann", yaw=12.0, pitch=-200.0, box_width=64.5, box_height=60.0)
    )
    found = {each.name: each for each in histograms(rows.faces)}
    assert {name: each.unit for name, each in found.items()} == {
        "yaw": "°",
        "pitch": "°",
        "frontality": "",
        "face size": "px",
        "sharpness": "",
        "score": "",
    }
    yaw, size = found["yaw"], found["face size"]
    assert yaw.edges[np.flatnonzero(yaw.counts)].tolist() == [10.0]
    assert found["pitch"].counts[0] == 1  # beyond the edge
    assert size.edges[np.flatnonzero(size.counts)[0]] <= 64.5


def test_quantiles_are_those_of_the_values_not_of_their_bins() -> None:
    values = np.array([math.nan, *(0.79 + np.arange(101) / 1000), math.inf])
    found = histogram(MEASURES["score"], values)
    assert found.quantiles == pytest.approx((0.795, 0.84, 0.885))
    assert (found.counts.sum(), found.unknown) == (102, 1)
    assert histogram(MEASURES["score"], values[:1]).quantiles is None


def test_sizes_and_sharpness_are_logarithmic() -> None:
    faces = pa.table({name: pa.array([], pa.float32()) for name in COLUMNS})
    for each in histograms(faces):
        times = each.edges[1:] / np.where(each.edges[:-1] == 0, np.nan, each.edges[:-1])
        assert np.allclose(times, times[0]) == (each.name in ("face size", "sharpness"))


def test_density_counts_yaw_by_pitch(tmp_path: Path) -> None:
    pair = [face("a", "ann", yaw=12.0, pitch=-3.0), face("b", "ann", yaw=13.0, pitch=-4.0)]
    found = density(rows_of(tmp_path, *pair).faces)
    assert found.counts.shape == (len(found.yaw) - 1, len(found.pitch) - 1)
    ((yaw, pitch),) = np.argwhere(found.counts)
    assert (found.yaw[yaw], found.pitch[pitch], found.counts[yaw, pitch]) == (10.0, -5.0, 2)
