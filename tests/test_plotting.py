"""Figures that look alike, in colours that can be told apart, written the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from faceprep import plotting
from faceprep.errors import StorageError
from faceprep.plotting import DARK, LIGHT, Theme, legible, new_figure, save_png, svg

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.plotting import Figure

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def drawn(theme: Theme) -> Figure:
    """A curve, a histogram, and a map with a colour bar."""
    figure, (curve, histogram, faces) = new_figure(1, 3, size=(9, 3), theme=theme)
    curve.plot([0, 1], [0, 1], label="genuine")
    curve.legend()
    curve.set_title("scores")
    histogram.hist([1.0, 2.0, 2.0], bins=4)
    histogram.set_xlabel("yaw")
    figure.colorbar(faces.imshow([[1, 2], [3, 4]], cmap="cividis"), ax=faces, label="faces")
    return figure


@pytest.fixture(scope="module")
def dark() -> str:
    return svg(drawn(DARK)).decode()


def luminance(colour: str) -> float:
    """Relative, as WCAG 2 defines it; of `#RRGGBB`."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@THEMES
def test_words_and_data_stand_out_from_the_paper(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) > 7
    assert contrast(theme.pale, theme.paper) > 4.5
    assert min(contrast(colour, theme.paper) for colour in theme.series) > 3
    assert contrast(theme.grid, theme.paper) < 2


@THEMES
def test_the_colours_of_a_theme_are_of_the_palette_and_differ(theme: Theme) -> None:
    palette = {plotting.BLUE, plotting.VERMILION, plotting.GREEN, plotting.PURPLE}
    palette |= {plotting.ORANGE, plotting.SKY}
    assert set(theme.series) <= palette
    assert all(one != other for one, other in combinations(theme.series, 2))


def test_both_themes_have_a_colour_for_the_same_data() -> None:
    assert len(LIGHT.series) == len(DARK.series)


def test_axes_come_row_by_row() -> None:
    figure, axes = new_figure(2, 3, size=(6, 4))
    figure.canvas.draw()
    corners = [
        (-round(each.get_position().y0, 2), round(each.get_position().x0, 2)) for each in axes
    ]
    assert len(set(corners)) == 6
    assert corners == sorted(corners)


@THEMES
def test_a_picture_has_the_paper_and_the_ink_of_its_theme(tmp_path: Path, theme: Theme) -> None:
    path = tmp_path / "plot.png"
    save_png(str(path), drawn(theme))
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    found = {
        f"#{bytes(colour).hex().upper()}" for colour in np.unique(pixels.reshape(-1, 3), axis=0)
    }
    assert pixels.shape == (360, 1080, 3)
    assert f"#{bytes(pixels[0, 0]).hex().upper()}" == theme.paper
    assert {theme.series[0], theme.pale} <= found


@THEMES
def test_an_svg_is_the_same_every_time(theme: Theme) -> None:
    assert svg(drawn(theme)) == svg(drawn(theme))


def test_an_svg_is_in_its_theme_and_nothing_else(dark: str) -> None:
    assert f"fill: {DARK.ink.lower()}" in dark
    assert not re.search(f"{LIGHT.ink}|#000000|black", dark, re.IGNORECASE)


def test_the_page_shows_through_an_svg(dark: str) -> None:
    assert DARK.paper.lower() not in dark


def test_an_svg_needs_no_font_and_does_not_say_when_and_by_what(dark: str) -> None:
    assert dark.rstrip().endswith("</svg>")
    assert not re.search(r"<text|font-family|<dc:date|matplotlib\.org", dark)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Zoë −3°", "Zoë −3°"),
        ("李", "·"),
        ("a\nb\x1b", "a·b·"),
        ("\u202eevil\ud800", "·evil·"),
        ("Αθήνα Москва", "Αθήνα Москва"),
    ],
)
def test_names_lose_what_the_font_cannot_show(words: str, shown: str) -> None:
    assert legible(words) == shown


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file/plot.png: a file stands"):
        save_png(f"{tmp_path}/file/plot.png", drawn(LIGHT))


def test_it_is_light_and_leaves_pyplot_alone() -> None:
    program = (
        "import sys; from faceprep import plotting; before = 'matplotlib' in sys.modules;"
        "plotting.svg(plotting.new_figure(1, 1, size=(1, 1))[0]);"
        "print(before, 'matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False False"
