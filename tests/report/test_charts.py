"""Charts: what their words say, and that they are drawn for light and for dark, the same each time."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from faceprep import plotting
from faceprep.report.charts import (
    Chart,
    density_chart,
    histogram_chart,
    split_charts,
    together,
)
from faceprep.report.contents import Histogram
from tests.report import made


@pytest.fixture(scope="module")
def chart() -> Chart:
    found = histogram_chart(made.histogram())
    assert found
    return found


def test_a_chart_is_drawn_in_the_colours_of_light_and_of_dark(chart: Chart) -> None:
    for drawing, theme in ((chart.light, plotting.LIGHT), (chart.dark, plotting.DARK)):
        assert ET.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"
        assert theme.series[0].lower().encode() in drawing.lower()
    assert chart.light != chart.dark


def test_the_same_counts_give_the_same_bytes(chart: Chart) -> None:
    assert histogram_chart(made.histogram()) == chart


def test_its_words_say_what_is_seen(chart: Chart) -> None:
    assert chart.title == "Yaw, °"
    assert chart.words == "median 2.2°, nine tenths from −32.6° to 37.1°"


def test_of_counts_alone_it_says_what_is_most_frequent() -> None:
    found = histogram_chart(dataclasses.replace(made.histogram(), quantiles=None))
    assert found
    assert found.words == "most often 0° to 4.5°"


def test_values_that_are_not_known_are_counted_in_words() -> None:
    found = histogram_chart(dataclasses.replace(made.histogram(), unknown=1200))
    assert found
    assert found.words.endswith("; 1,200 without")


def test_logarithmic_edges_are_drawn_so() -> None:
    edges = np.geomspace(16, 4096, 33)
    counts, exact = np.ones(32, np.int64), (21.1, 256.0, 3104.0)
    found = histogram_chart(Histogram("face size", "px", edges, counts, quantiles=exact))
    assert found
    assert found.title == "Face size, px"
    assert found.words == "median 256 px, nine tenths from 21.1 px to 3,104 px"


def test_two_angles_together() -> None:
    found = density_chart(made.density())
    assert found
    assert found.words.endswith("faces, most often at yaw 0° to 5° and pitch 0° to 5°")


def test_nothing_is_drawn_of_nothing() -> None:
    empty, none = made.histogram(), made.density()
    assert histogram_chart(dataclasses.replace(empty, counts=np.zeros(40, np.int64))) is None
    assert density_chart(dataclasses.replace(none, counts=np.zeros((36, 24)))) is None
    assert split_charts({}) == []


def test_a_single_filled_bin_is_drawn() -> None:
    counts = np.zeros(40, np.int64)
    counts[0] = 7
    beyond = dataclasses.replace(made.histogram(), counts=counts, quantiles=(-99.0,) * 3)
    found = histogram_chart(beyond)
    assert found
    assert found.words == "median −99°, nine tenths from −99° to −99°"


@pytest.mark.parametrize("bin_", [0, 17, 31])
def test_one_face_is_drawn(bin_: int) -> None:
    counts = np.zeros(32, np.int64)
    counts[bin_] = 1
    assert histogram_chart(Histogram("face size", "px", np.geomspace(16, 4096, 33), counts))
    one = np.zeros((36, 24), np.int64)
    one[bin_, 3] = 1
    found = density_chart(dataclasses.replace(made.density(), counts=one))
    assert found
    assert found.words.startswith("1 face, ")


def test_of_few_bins_each_has_its_share() -> None:
    edges, counts = np.arange(0.0, 61.0, 15.0), np.array([30, 0, 60, 10])
    found = histogram_chart(Histogram("|yaw|", "°", edges, counts, unknown=2))
    assert found
    assert found.words == "0 to 15°: 30%, 30 to 45°: 60%, 45 to 60°: 10%; 2 without"


def test_of_many_splits_one_chart_shows_all() -> None:
    few = {name: made.histogram("|yaw|") for name in ("train", "test")}
    assert [chart.title for chart in split_charts(few)] == ["Train, |yaw|, °", "Test, |yaw|, °"]
    many = {f"fold-{n}": made.histogram("|yaw|") for n in range(10)}
    assert [chart.title for chart in split_charts(many)] == ["All, |yaw|, °"]
    assert together(list(many.values())).counts.tolist() == (10 * made.histogram().counts).tolist()
