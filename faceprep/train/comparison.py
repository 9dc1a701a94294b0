"""Scores of a run as Markdown: a table, and whether the model beats what costs nothing. Light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from faceprep.train.markdown import plain, table
from faceprep.train.words import MEASURES, MODEL, PARTS, PIXELS, SIAMESE, YARDSTICK, figure, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faceprep.train.run_folder import Run

_TITLES = {
    MODEL: "the model",
    YARDSTICK: "always the mean target",
    "feature": "the feature itself",
    PIXELS: "plain pixels",
    **{name: f"the model, {title} alone" for name, title in PARTS.items()},
}
_MEANINGS = {
    YARDSTICK: "*Always the mean target* answers every face with the mean of all training targets.",
    "feature": "*The feature itself* gives the face back as it came.",
    PIXELS: "*Plain pixels* scores two faces by the cosine of their small grey pictures.",
}
_LEGEND = "↓ less is better, ↑ more is better; the best is bold."
_LEGENDS = {
    SIAMESE: "A coin gets an accuracy and an EER of 50 % and an AUC of 0.5. Each accuracy is at the "
    "threshold that is best on the validation pairs, of the model and of plain pixels each its own; on "
    "those very pairs it flatters. EER is the error rate where genuine and impostor pairs are "
    "misjudged equally often; TAR at FAR 1 % the share of genuine pairs known where 1 % of impostors pass."
}
_USUAL_LEGEND = "Pixels are 0 to 1, PSNR and SSIM are means over images."

_OURS = {MODEL, *PARTS}


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
    baselines = [name for name in next(iter(of_splits)) if name not in _OURS]
    for split in run.scores:
        yield from (_comparison(run, split, each, measures) for each in baselines)
    yield from (
        "",
        " ".join(
            [
                *(_MEANINGS.get(each, "") for each in baselines),
                _LEGEND,
                _LEGENDS.get(run.kind, _USUAL_LEGEND),
            ]
        ).strip(),
        "",
    )


def _head(measure: str) -> str:
    known = MEASURES[measure]
    return f"{known.title}{' in ' if known.unit else ''}{known.unit} {'↓' if known.less else '↑'}"


def _rows(
    of_split: Mapping[str, Mapping[str, float]], split: str, measures: Sequence[str]
) -> Iterator[list[str]]:
    """A row for each predictor, the best figures in bold."""
    rivals = [each for name, each in of_split.items() if name not in PARTS]  # of other pairs
    best = {name: _best(name, [each.get(name) for each in rivals]) for name in measures}
    first = f"**{plain(split)}**"
    for predictor, each in of_split.items():
        images = f", {each['images']:,} images" if first and each.get("images") else ""
        bold = {
            name for name in measures if predictor not in PARTS and each.get(name) == best[name]
        }
        texts = {name: figure(name, each.get(name)) for name in measures}
        cells = (f"**{text}**" if name in bold else text for name, text in texts.items())
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
