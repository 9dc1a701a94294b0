"""Cases that somebody should look at: targets, conflicts, and faces that are there twice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep.face_quality import quality
from faceprep.report.contents import Doubt, Doubts
from faceprep.report.text import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.report.chosen import Chosen
    from faceprep.report.contents import Face
    from faceprep.report.rows import Indices, Rows

TURNED = 10.0
"""Degrees: beyond what the mesh errs by (3°), and plain to see."""

UNEVEN = 2.0
"""Quality of one face over that of another: it has twice the pixels along a side, or four times the
sharpness."""

TOGETHER = 4
"""Faces of one case that are shown, at the most."""


@dataclass(frozen=True)
class Case:
    """A `contents.Doubt` whose faces are still indices into `Rows.faces`."""

    title: str
    words: str
    faces: tuple[int, ...]


@dataclass(frozen=True)
class Kind:
    """A `contents.Doubts` of such cases."""

    title: str
    words: str
    count: int
    cases: tuple[Case, ...]

    def shown(self, album: Mapping[int, Face]) -> Doubts:
        """As the page has it; `album` holds the faces."""
        cases = (Doubt(c.title, c.words, tuple(album[f] for f in c.faces)) for c in self.cases)
        return Doubts(self.title, self.words, self.count, tuple(cases))


def find(rows: Rows, chosen: Chosen, crop_side: int, most: int) -> list[Kind]:
    """All kinds that can be told from the rows of everybody; without targets one alone.

    Args:
        rows: of everybody.
        chosen: their targets.
        crop_side: px.
        most: cases of a kind to be shown.
    """
    if chosen.targets is None:
        return [conflicts(rows, most)]
    return [
        turned(rows, chosen, most),
        uneven(rows, chosen, crop_side, most),
        without(rows, chosen, most),
        conflicts(rows, most),
    ]


def turned(rows: Rows, chosen: Chosen, most: int) -> Kind:
    """Targets that are turned away by more than `TURNED`, by the angle that they were chosen by."""
    angle = np.where(chosen.faces >= 0, chosen.angles, np.nan)
    worst = _largest(angle, TURNED)
    cases = (
        Case(rows.title(group), _how_turned(chosen.told(group)), (int(chosen.faces[group]),))
        for group in worst[:most].tolist()
    )
    words = (
        f"People whose most frontal face is still turned away by more than {TURNED:g}°. Looked at: all "
        f"{np.count_nonzero(chosen.faces >= 0):,} targets. A smaller --max-angle of 'faceprep select' "
        "leaves such people without one."
    )
    return Kind("Targets turned away", words, len(worst), tuple(cases))


def uneven(rows: Rows, chosen: Chosen, crop_side: int, most: int) -> Kind:
    """People whose target and runner-up differ in quality by more than `UNEVEN` times."""
    pairs = (chosen.faces >= 0) & (chosen.runners_up >= 0)
    value = np.append(quality(rows.faces, crop_side), np.nan)  # -1 finds NaN
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(pairs, value[chosen.faces] / value[chosen.runners_up], np.nan)
        worst = _largest(np.abs(np.log(ratio)), np.log(UNEVEN))
    cases = (
        Case(
            rows.title(group),
            _how_uneven(float(ratio[group]), chosen.told(group)),
            (int(chosen.faces[group]), int(chosen.runners_up[group])),
        )
        for group in worst[:most].tolist()
    )
    words = (
        f"The target, and the face that would be the target without it, differ in quality (sharpness, "
        f"size, detection score) by more than {UNEVEN:g} times. Where the target is the worse one, it "
        "was taken for its angle; it may be blurred or small. Looked at: all who have both, "
        f"{np.count_nonzero(pairs):,}. Angles in words are those that 'faceprep select' went by."
    )
    return Kind("Two best far apart in quality", words, len(worst), tuple(cases))


def without(rows: Rows, chosen: Chosen, most: int) -> Kind:
    """People without a target, those first whose best face is turned away most."""
    faces = rows.per_group(rows.faces)
    best = chosen.told_of_all("best_angle")[chosen.without]
    order = chosen.without[np.lexsort((-np.nan_to_num(best), faces[chosen.without] == 0))]
    nearest = rows.by_angle(order[:most], TOGETHER)
    cases = (
        Case(rows.title(group), chosen.told(group)["reason"], shown)
        for group, shown in zip(order[:most].tolist(), nearest, strict=True)
    )
    words = (
        "No face of theirs could be the target, so 'faceprep shard pairs' leaves them out. Everybody was "
        "looked at. A larger --max-angle of 'faceprep select' lets more faces be targets."
    )
    return Kind("Without a target", words, len(order), tuple(cases))


def conflicts(rows: Rows, most: int) -> Kind:
    """Pictures, byte for byte the same, that lie under several people."""
    pictures = rows.faces.group_by("picture").aggregate([("identity", "count_distinct")])
    several = pc.greater(pictures["identity_count_distinct"], 1)
    disputed = pictures.filter(pc.and_(several, pc.is_valid(pictures["picture"])))["picture"]
    faces = np.flatnonzero(pc.is_in(rows.faces["picture"], value_set=disputed.combine_chunks()))
    owners = _owners(rows.faces.select(["picture", "identity"]).take(faces), faces, most)
    words = (
        "One picture, byte for byte, lies under several people, so nobody knows whose it is. All faces "
        "were looked at. They are nobody's target, and 'faceprep shard' leaves them out of pairs and "
        "triplets, unless it is told --keep-conflicts; delete the wrong file to settle it."
    )
    cases = (
        Case(
            _listed(list(of)),
            f"the same picture under {len(of)} people",
            tuple(of.values())[:TOGETHER],
        )
        for of in owners
    )
    return Kind("One picture under two names", words, len(disputed), tuple(cases))


def _owners(copies: pa.Table, faces: Indices, most: int) -> list[dict[str, int]]:
    """Of the first pictures each: identity to the first face of theirs that shows it."""
    found: dict[str, dict[str, int]] = {}
    for row, face in zip(copies.to_pylist(), faces.tolist(), strict=True):
        if row["picture"] in found or len(found) < most:
            found.setdefault(row["picture"], {}).setdefault(row["identity"], face)
    return list(found.values())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[: TOGETHER - 1]) if len(names) > TOGETHER else " and ".join(names)
    more = len(names) - TOGETHER + 1
    return f"{shown} and {more:,} more" if len(names) > TOGETHER else shown


def _how_turned(told: Mapping[str, Any]) -> str:
    return f"{number(told['angle'], '°')} off, by the {told['angle_source'] or 'pose'}"


def _how_uneven(ratio: float, told: Mapping[str, Any]) -> str:
    if 0 < ratio < math.inf:
        which = "better" if ratio > 1 else "worse"
        words = f"the target is {number(max(ratio, 1 / ratio))} times {which}"
    else:
        words = f"the {'runner-up' if ratio else 'target'} has no sharpness at all"
    angles = number(told["angle"], "°"), number(told["runner_up_angle"], "°")
    return f"{words}; the target is {angles[0]} off, the runner-up {angles[1]}"


def _largest(values: NDArray[np.float64], limit: float) -> Indices:
    """Where values above a limit are, the largest first; NaN is none."""
    above = np.flatnonzero(values > limit)
    return above[np.argsort(-values[above], kind="stable")]
