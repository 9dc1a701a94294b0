"""What plots and sheets of faces look like: colours, and figures in them.

Colours are of the palette of M. Okabe and K. Ito, "Color Universal Design" (2008), which the colour-blind
tell apart. Light: matplotlib is loaded when a figure is made.
"""

from __future__ import annotations

import functools
import gc
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY = "#E69F00", "#56B4E9"

_DPI = 120
_SALT = "faceprep"  # of the names of an SVG's parts, which are random without


@dataclass(frozen=True)
class Theme:
    """Colours that go together, each as `#RRGGBB`.

    Attributes:
        ink: of words and of what must be seen.
        pale: of what is said by the way, still legible: 4.5:1 or more against `paper`.
        paper: the background.
        grid: of lines behind the data.
        series: of data; those in the same place of two themes stand for the same. 3:1 or more against
            `paper`.
    """

    ink: str
    pale: str
    paper: str
    grid: str
    series: tuple[str, ...]


LIGHT = Theme("#333333", "#6E6E6E", "#FFFFFF", "#E4E4E4", (BLUE, VERMILION, GREEN, PURPLE))
DARK = Theme("#E3E6EA", "#9AA0A8", "#16181D", "#363A42", (SKY, ORANGE, GREEN, PURPLE))


def new_figure(
    rows: int, columns: int, *, size: tuple[float, float], theme: Theme = LIGHT
) -> tuple[Figure, list[Axes]]:
    """Axes to draw on, in the style of the project. Nothing of pyplot, so no window and no global state.

    Legends and colour bars get theirs when the figure is written. A map of colours wants
    `axes.grid(visible=False)`.

    Args:
        rows: of axes.
        columns: of axes.
        size: width and height, inches; a PNG has 120 px to the inch.
        theme: its colours. What is drawn takes those of its `series` in turn.

    Returns:
        The figure, and its axes row by row.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=_DPI, layout="constrained", facecolor=theme.paper)
    places = range(1, rows * columns + 1)
    found = [figure.add_subplot(rows, columns, place) for place in places]
    for axes in found:
        _dress(axes, theme)
    return figure, found


def svg(figure: Figure) -> bytes:
    """A figure as an SVG file; what was drawn alike gives the same bytes.

    Words are outlines, which need no font where they are looked at. There is no background, so that the
    page shows through. To be called once for a figure: the layout of a second time starts from the first.
    """
    from matplotlib import rc_context

    _finish(figure)
    file = io.BytesIO()
    nothing = {"Date": None, "Creator": None}
    with rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path"}):
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return file.getvalue()


def save_png(path: str, figure: Figure) -> None:
    """Write a figure as a PNG. Raises StorageError."""
    _finish(figure)
    with storage.atomic_output(path) as file:
        figure.savefig(file, format="png")
    gc.collect()  # a figure is a ring of references; a thousand epochs are a gigabyte of them


def font_file() -> str:
    """Where the font of the plots is, for pictures that are drawn otherwise."""
    from matplotlib import get_data_path

    return f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def legible(words: str) -> str:
    """Names that others gave, with a dot for each character that the font of the plots cannot show."""
    return "".join(char if char.isprintable() and ord(char) in _glyphs() else "·" for char in words)


@functools.cache
def _glyphs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(font_file()).get_charmap())


def _dress(axes: Axes, theme: Theme) -> None:
    axes.set_prop_cycle(color=theme.series)
    axes.set_facecolor(theme.paper)
    axes.set_axisbelow(True)
    axes.grid(color=theme.grid, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[:].set_color(theme.pale)
    axes.tick_params(which="both", color=theme.pale, labelcolor=theme.ink)
    for words in (axes.title, axes.xaxis.label, axes.yaxis.label):
        words.set_color(theme.ink)


def _finish(figure: Figure) -> None:
    """What came after `new_figure`, legends and colour bars, takes the colours of the first axes."""
    ink = figure.axes[0].title.get_color()
    pale = figure.axes[0].spines["left"].get_edgecolor()
    for axes in figure.axes:
        axes.tick_params(which="both", color=pale, labelcolor=ink)
        axes.spines[:].set_color(pale)
        for words in (axes.xaxis.label, axes.yaxis.label):
            words.set_color(ink)
        if legend := axes.get_legend():
            legend.set_frame_on(False)
            for words in legend.get_texts():
                words.set_color(ink)
                words.set_parse_math(False)  # which `$` would begin
