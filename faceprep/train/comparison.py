"""Scores of a run as Markdown: a table, and whether the model beats what costs nothing. Light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from faceprep.train.markdown import plain, table
from faceprep.train.words import MEASURES, MODEL, YARDSTICK, figure, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faceprep.train.run_folder import Run

_TITLES = {
    MODEL: "the model",
    YARDSTICK: "always the mean target",
    "feature": "the feature itself",
}
_MEANINGS = {
    YARDSTICK: "*Always the mean target* answers every face with the mean of all training targets.",
    "feature": "*The feature itself* gives the face back as it came.",
}
_LEGEND = (
    "↓ less is better, ↑ more is better; the best is bold. Pixels are 0 to 1, PSNR and SSIM are means "
    "over images."
)


def scores(run: Run) -> Iterator[str]:
    """Lines: all scores of a run, and each baseline's comparison with the model in a sentence."""
    if not run.scores:
        yield from ("None; they are measured when the run ends.", "")
        return
    of_splits = run.scores.values()
    known = {name for of_split in of_splits for each in of_split.values() for name in each}
    measures = [name for name in MEASURES if name in known]
    rows = [row for split in run.scores for row in _rows(run.scores[split], split, measures)]
    yield from table(
        ("split", "predictor", *map(_head, measures)), rows, "ll" + "r" * len(measures)
    )
    baselines = [name for name in next(iter(of_splits)) if name != MODEL]
    for split in run.scores:
        yield from (_comparison(run, split, each, measures) for each in baselines)
    yield from (
        "",
        " ".join([*(_MEANINGS.get(each, "") for each in baselines), _LEGEND]).strip(),
        "",
    )


def _head(measure: str) -> str:
    known = MEASURES[measure]
    return f"{known.title}{' in ' if known.unit else ''}{known.unit} {'↓' if known.less else '↑'}"


def _rows(
    of_split: Mapping[str, Mapping[str, float]], split: str, measures: Sequence[str]
) -> Iterator[list[str]]:
    """A row for each predictor, the best figures in bold."""
    best = {name: _best(name, [each.get(name) for each in of_split.values()]) for name in measures}
    first = f"**{plain(split)}**"
    for predictor, each in of_split.items():
        images = f", {each['images']:,} images" if first and each.get("images") else ""
        cells = (
            f"**{figure(name, value)}**" if value == best[name] else figure(name, value)
            for name, value in ((name, each.get(name)) for name in measures)
        )
        yield [first + images, _title(predictor), *cells]
        first = ""


def _comparison(run: Run, split: str, baseline: str, measures: Sequence[str]) -> str:
    ours, theirs = (run.scores[split].get(name, {}) for name in (MODEL, baseline))
    better = [name for name in measures if _is_better(name, ours.get(name), theirs.get(name))]
    others = [_part(run, split, baseline, name) for name in measures if name not in better]
    ahead = [_part(run, split, baseline, name) for name in better]
    whom = f"*{_title(baseline)}*"
    if not ahead:
        words = f"does **not** beat {whom} in {_listed(others, 'or')}"
    else:
        words = f"beats {whom} in {_listed(ahead, 'and')}"
        words += f", but **not** in {_listed(others, 'or')}" if others else ""
    return f"- On {plain(split)}, the model {words}."


def _part(run: Run, split: str, baseline: str, measure: str) -> str:
    """A measure; an error also as a share of the baseline's."""
    part = share(run, split, measure, baseline) if MEASURES[measure].less else None
    return MEASURES[measure].title + ("" if part is None else f" ({part:.2f} of its)")


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _is_better(measure: str, ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return False
    return ours < theirs if MEASURES[measure].less else ours > theirs


def _best(measure: str, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return (min if MEASURES[measure].less else max)(known, default=math.inf)


def _title(predictor: str) -> str:
    return _TITLES.get(predictor) or plain(predictor)
