"""Faces of one person that look the same, though their files differ: found by a perceptual hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from faceprep.report.doubts import TOGETHER, Case, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.report.people import Shown
    from faceprep.report.pictures import Thumbnail
    from faceprep.report.rows import Rows

ALIKE = 5
"""Bits, of 64, in which the hashes of two pictures may differ for these to count as alike.

Of CFP's pairs of aligned faces of one person, looked at by eye: all that differ in at most 2 bits are
one photograph in two files, of those with 3 to 5 about three of four, with 6 half, with 8 hardly any:
aligned frontal faces resemble each other. Two people come this close in one pair of a hundred thousand.
"""


def near_duplicates(
    rows: Rows, shown: Iterable[Shown], made: Mapping[int, Thumbnail], most: int
) -> Kind:
    """Groups of faces that look the same within a person, those first that are most alike.

    Args:
        rows: of everybody.
        shown: among whom to look.
        made: index into `Rows.faces` to its thumbnail; copies of one file count as one.
        most: groups to be shown.
    """
    found: list[tuple[int, Case]] = []
    looked = 0
    for person in shown:
        faces = _different_files(rows, [face for face in person.faces if made[face].picture])
        looked += len(faces)
        hashes = np.array([made[face].hash for face in faces], np.uint64)
        for group, bits in _groups(hashes):
            title, words = rows.title(person.group), _words(len(group), bits)
            found.append((bits, Case(title, words, tuple(faces[i] for i in group[:TOGETHER]))))
    found.sort(key=lambda each: (each[0], each[1].title))
    words = (
        "These look like one photograph in several files: resized, recoloured or cut otherwise. Some are "
        f"two photographs that merely resemble each other. Looked at were the {looked:,} faces of the people "
        f"on this page that have a crop; byte-identical files count as one. Hashes of 64 bits (pHash) may "
        f"differ in {ALIKE}."
    )
    return Kind(
        "Near-duplicates of one person", words, len(found), tuple(case for _, case in found[:most])
    )


def _different_files(rows: Rows, faces: Sequence[int]) -> list[int]:
    """The faces without those that repeat a file's."""
    seen = (
        rows.faces.select(["picture", "face_index"]).take(pa.array(faces, pa.int64())).to_pylist()
    )
    first: dict[tuple[object, ...], int] = {}
    for face, file in zip(faces, seen, strict=True):
        first.setdefault((file["picture"] or face, file["face_index"]), face)
    return list(first.values())


def _groups(hashes: NDArray[np.uint64]) -> list[tuple[list[int], int]]:
    """Places of hashes that are alike, directly or through others, and the fewest bits between two."""
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None, :]).astype(np.int64)
    np.fill_diagonal(bits, 65)
    left = {int(place) for place in np.flatnonzero((bits <= ALIKE).any(axis=1))}
    found = []
    while left:
        group, new = set(), {min(left)}
        while new:
            group |= new
            near = np.flatnonzero((bits[sorted(new)] <= ALIKE).any(axis=0))
            new = {int(place) for place in near} - group
        left -= group
        places = sorted(group)
        found.append((places, int(bits[np.ix_(places, places)].min())))
    return found


def _words(count: int, bits: int) -> str:
    nearest = "the same hash" if bits == 0 else f"hashes {bits} bit{'s' if bits > 1 else ''} apart"
    return (
        f"2 files with {nearest}"
        if count == 2
        else f"{count} files, the nearest two with {nearest}"
    )
