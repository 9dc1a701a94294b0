"""How measures are counted: every face with a value once, whatever the value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.spread import MEASURES, TURNED, Measure

ALL = (*MEASURES.values(), TURNED)


@pytest.mark.parametrize("measure", ALL, ids=lambda each: each.name)
def test_bins_rise_and_are_even_on_their_scale(measure: Measure) -> None:
    edges = np.log(measure.edges) if measure.is_logarithmic else measure.edges
    steps = np.diff(edges)
    assert steps.min() > 0
    np.testing.assert_allclose(steps, steps[0])
    assert len(measure.nothing()) == len(steps)


@given(
    st.sampled_from(ALL),
    st.lists(st.floats(width=32, allow_nan=True, allow_infinity=True), max_size=30),
)
def test_each_value_is_in_one_bin_and_nan_in_none(measure: Measure, values: list[float]) -> None:
    counts = measure.count(np.array(values, np.float64))
    assert counts.shape == measure.nothing().shape
    assert counts.sum() == sum(not np.isnan(value) for value in values)


def test_what_lies_outside_is_in_the_outer_bins() -> None:
    counts = MEASURES["yaw"].count(np.array([-120.0, -1.0, 91.0, 500.0]))
    assert (counts[0], counts[17], counts[-1]) == (1, 1, 2)


def test_a_title_has_the_unit_if_there_is_one() -> None:
    assert MEASURES["size"].title == "face size, px"
    assert MEASURES["sharpness"].title == "sharpness"
