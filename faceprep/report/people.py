"""Who is shown, and which of their faces: a sample that is always the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep.report.contents import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from faceprep.report.chosen import Chosen
    from faceprep.report.contents import Face
    from faceprep.report.rows import Rows

MOST_FACES = 24
"""That are shown of one person: of those with more, the target and a spread over the angles."""


@dataclass(frozen=True)
class Shown:
    """A person on the page.

    Attributes:
        group: index into `Rows.groups`.
        faces: indices into `Rows.faces`, the target first if there is one, then by angle.
    """

    group: int
    faces: tuple[int, ...]


def draw(rows: Rows, chosen: Chosen, places: int) -> list[Shown]:
    """Whole people, in the order in which they are drawn: by a hash of the identity.

    Args:
        rows: of everybody.
        chosen: their targets.
        places: for how many faces there is room; a person without any takes one too.
    """
    counts = rows.per_group(rows.faces)
    order = np.array(_by_hash(rows), np.int64)
    taken = np.cumsum(np.clip(counts[order], 1, MOST_FACES))
    drawn = order[taken <= places]
    return [
        Shown(group, _spread(faces, int(chosen.faces[group])))
        for group, faces in zip(drawn.tolist(), rows.by_angle(drawn), strict=True)
    ]


def people(
    shown: Iterable[Shown], rows: Rows, chosen: Chosen, album: Mapping[int, Face]
) -> tuple[Person, ...]:
    """Those shown as the page has them, by name.

    Args:
        shown: in any order.
        rows: of everybody.
        chosen: their targets.
        album: index into `Rows.faces` to the face.
    """
    counts, without = rows.per_group(rows.faces), rows.per_group(rows.rejects)
    angles = chosen.angles
    return tuple(
        Person(
            **rows.groups.slice(each.group, 1).to_pylist()[0],
            count=int(counts[each.group]),
            images=int(without[each.group]),
            has_target=bool(chosen.faces[each.group] >= 0),
            reason=chosen.told(each.group).get("reason", ""),
            faces=tuple(album[face] for face in each.faces),
            angle=float(angles[each.group]),
        )
        for each in sorted(shown, key=lambda each: each.group)
    )


def _by_hash(rows: Rows) -> list[int]:
    identities = rows.groups["identity"].to_pylist()
    hashes = [hashlib.sha256(identity.encode()).digest() for identity in identities]
    return sorted(range(len(hashes)), key=hashes.__getitem__)  # stable: clips stay in order


def _spread(by_angle: tuple[int, ...], target: int) -> tuple[int, ...]:
    """The target, if it is not -1, and others at even distances in the order of their angles."""
    first = (target,) if target >= 0 else ()
    others = [face for face in by_angle if face != target]
    most = MOST_FACES - len(first)
    if len(others) > most:
        others = [
            others[place] for place in np.linspace(0, len(others) - 1, most).round().astype(int)
        ]
    return (*first, *others)
