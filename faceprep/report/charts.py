"""Charts of a page: each drawn for light and for dark, with the words that say the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from faceprep import plotting
from faceprep.report.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.plotting import Axes, Theme
    from faceprep.report.contents import Density, Histogram

_SMALL = (3.0, 1.9)  # inches: as wide as a column of the page at 96 px to the inch
_WIDE = (6.2, 1.9)
_WORDS = 8  # points
_FEW = 8  # bins
_MANY = 4  # splits; of more, a chart each would be a page of its own


@dataclass(frozen=True)
class Chart:
    """A drawing, and what it says.

    Attributes:
        title: of it.
        words: the figures that matter in it.
        light: SVG, for a light page.
        dark: SVG, for a dark page.
    """

    title: str
    words: str
    light: bytes
    dark: bytes


def histogram_chart(histogram: Histogram) -> Chart | None:
    """How often a value occurs; None where it never does."""
    if not histogram.counts.sum():
        return None
    few = len(histogram.counts) <= _FEW
    draw, words = (_draw_few, _words_of_few) if few else (_draw_many, _words)
    said = words(histogram) + (f"; {histogram.unknown:,} without" if histogram.unknown else "")
    return Chart(_title(histogram), said, *_both(partial(draw, histogram), _SMALL))


def _draw_many(histogram: Histogram, axes: Axes, theme: Theme) -> None:
    low, high = _ends(histogram.edges, histogram.counts)
    axes.stairs(histogram.counts, histogram.edges, fill=True, color=theme.series[0])
    if histogram.quantiles:
        axes.axvline(np.clip(histogram.quantiles[1], low, high), color=theme.ink, linewidth=1)
    if histogram.is_logarithmic:
        axes.set_xscale("log")
        axes.set_xticks(_round_numbers(low, high))
        axes.set_xticks([], minor=True)
        axes.xaxis.set_major_formatter("{x:,g}")
    axes.set_xlim(low, high)
    axes.grid(visible=False, axis="x")


def _draw_few(histogram: Histogram, axes: Axes, theme: Theme) -> None:
    """So few bins say nothing of a median: bars, each for itself."""
    edges = histogram.edges
    widths = 0.92 * np.diff(edges)
    axes.bar((edges[:-1] + edges[1:]) / 2, histogram.counts, widths, color=theme.series[0])
    axes.set_xticks(edges)
    axes.set_xlim(edges[0], edges[-1])
    axes.grid(visible=False, axis="x")


def split_charts(yaw: Mapping[str, Histogram]) -> list[Chart]:
    """A chart for each split, or one for all together where there are many."""
    if len(yaw) > _MANY:
        yaw = {"all": together(list(yaw.values()))}
    named = (replace(each, name=f"{name}, {each.name}") for name, each in yaw.items())
    return [chart for chart in map(histogram_chart, named) if chart]


def together(histograms: Sequence[Histogram]) -> Histogram:
    """The sum of histograms of the same edges."""
    counts = np.sum([each.counts for each in histograms], axis=0)
    unknown = sum(each.unknown for each in histograms)
    return replace(histograms[0], counts=counts, unknown=unknown, quantiles=None)


def density_chart(density: Density) -> Chart | None:
    """How often two angles occur together; None where they never do."""
    if not density.counts.sum():
        return None
    return Chart(
        "Yaw and pitch together",
        _density_words(density),
        *_both(partial(_draw_density, density), _WIDE),
    )


def _draw_density(density: Density, axes: Axes, theme: Theme) -> None:
    counts = np.ma.masked_equal(density.counts.T, 0)
    mesh = axes.pcolormesh(
        *(density.yaw, density.pitch, counts),
        norm="log",
        vmin=0.2 if theme is plotting.DARK else 1,  # the colours begin darker than a dark page
        cmap="cividis",
        edgecolors="face",  # else the page shows between the bins
        linewidth=0.2,
    )
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.01, format="{x:,.0f}")
    bar.ax.yaxis.set_minor_formatter("")  # of few faces it would be 2 × 10⁰
    bar.ax.tick_params(labelsize=_WORDS)
    bar.ax.set_ylim(1, max(2, counts.max()))
    bar.outline.set_visible(False)
    axes.set_xlim(*_ends(density.yaw, density.counts.sum(axis=1)))
    axes.set_ylim(*_ends(density.pitch, density.counts.sum(axis=0)))
    axes.set_xlabel("yaw, °", fontsize=_WORDS)
    axes.set_ylabel("pitch, °", fontsize=_WORDS)


def _ends(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[float, float]:
    """Of the bins that are not empty."""
    filled = np.flatnonzero(counts)
    return float(edges[filled[0]]), float(edges[filled[-1] + 1])


def _round_numbers(low: float, high: float) -> list[float]:
    """Powers of ten that lie between two numbers, and twice and five times them if those are few."""
    powers = [10.0**n for n in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    steps = (1, 2, 5) if high / low < 200 else (1,)
    found = [step * power for power in powers for step in steps if low <= step * power <= high]
    return found or [math.ceil(low), math.floor(high)]


def _title(histogram: Histogram) -> str:
    return histogram.title[:1].upper() + histogram.title[1:]


def _words(histogram: Histogram) -> str:
    if histogram.quantiles is None:
        most = int(histogram.counts.argmax())
        return f"most often {_span(histogram.edges, most, histogram.unit)}"
    low, middle, high = (number(value, histogram.unit) for value in histogram.quantiles)
    return f"median {middle}, nine tenths from {low} to {high}"


def _words_of_few(histogram: Histogram) -> str:
    shares = 100 * histogram.counts / histogram.counts.sum()
    return ", ".join(
        f"{number(low)} to {number(high, histogram.unit)}: {_percent(share)}"
        for low, high, share in zip(histogram.edges, histogram.edges[1:], shares, strict=False)
        if share
    )


def _percent(share: float) -> str:
    return f"{share:.0f}%" if share >= 1 else "under 1%"


def _density_words(density: Density) -> str:
    yaw, pitch = divmod(int(density.counts.argmax()), density.counts.shape[1])
    most = f"yaw {_span(density.yaw, yaw)} and pitch {_span(density.pitch, pitch)}"
    count = int(density.counts.sum())
    return f"{count:,} faces, most often at {most}" if count > 1 else f"1 face, at {most}"


def _span(edges: NDArray[np.float64], bin_: int, unit: str = "°") -> str:
    return f"{number(edges[bin_], unit)} to {number(edges[bin_ + 1], unit)}"


def _both(draw: Callable[[Axes, Theme], None], size: tuple[float, float]) -> list[bytes]:
    """The drawing for light and for dark."""
    return [_drawn(draw, size, theme) for theme in (plotting.LIGHT, plotting.DARK)]


def _drawn(draw: Callable[[Axes, Theme], None], size: tuple[float, float], theme: Theme) -> bytes:
    figure, (axes,) = plotting.new_figure(1, 1, size=size, theme=theme)
    axes.tick_params(labelsize=_WORDS)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="y", integer=True)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    draw(axes, theme)
    return plotting.svg(figure)
