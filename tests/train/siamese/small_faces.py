"""Small data sets to verify with: drawn faces of made-up people, written by the project's own code."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from faceprep.dataset_folder import MANIFEST, ImageForm
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.records import (
    LABEL_DIFFERENT,
    LABEL_SAME,
    SHARDS_VERSION,
    ShardFace,
    TripletExample,
    VerificationExample,
)
from tests.train.small_pairs import draw_face
from tests.verify.build import DataSet, edit_json

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 32
OPTIONS = ExtractOptions(size=SIZE, format="jpg")
FRONTAL, PROFILE = (-8.0, 0.0, 8.0), (-50.0, 50.0)
PEOPLE_PER_FOLD = 3
PAIRS = 4
"""Genuine ones, and as many impostors, of each fold and protocol."""


def small_cfp_shards(
    folder: Path,
    *,
    folds: int = 4,
    first_person: int = 0,
    only_genuine: str = "",
    layout: str = "cfp",
) -> Path:
    """Write `folder/shards/cfp/1.0.0` with FF and FP pairs of so many folds.

    Args:
        folder: where the root `shards` goes.
        folds: of three people each.
        first_person: number of the first of them.
        only_genuine: a split that has no impostor pairs.
        layout: that the faces are said to have been extracted with.

    Returns:
        The root, `folder/shards`.
    """
    content = {
        f"{protocol.lower()}{fold:02d}": [list(_fold(protocol, fold, first_person))]
        for protocol in ("FF", "FP")
        for fold in range(1, folds + 1)
    }
    if only_genuine:
        content[only_genuine] = [[e for e in content[only_genuine][0] if e.label == LABEL_SAME]]
    return _write(DataSet("cfp", content, ImageForm(SIZE, "jpeg")), folder, layout)


def small_triplet_shards(folder: Path, *, people: int = 4, first_person: int = 0) -> Path:
    """Write `folder/shards/triplets/1.0.0`: three splits of so many people each; returns the root."""
    content = {
        split: [list(_triplets(range(start, start + people)))]
        for split, start in zip(
            ("train", "validation", "test"), range(first_person, 10**6, people), strict=False
        )
    }
    return _write(DataSet("triplets", content, ImageForm(SIZE, "jpeg")), folder)


def face(number: int, yaw: float, *, found: bool = True) -> ShardFace:
    """One of a person's faces."""
    view = "frontal" if abs(yaw) < 30 else "profile"
    return ShardFace(
        image=encode(draw_face(number, yaw, SIZE), OPTIONS),
        key=f"Data/Images/{number:03d}/{view}/{yaw:+03.0f}.jpg",
        identity=f"{number:03d}",
        clip="",
        view=view,
        yaw=yaw,
        pitch=0.0,
        roll=0.0,
        frontality=float(100 * np.cos(np.radians(yaw)) ** 2),
        found=found,
    )


def _fold(protocol: str, fold: int, first_person: int) -> list[VerificationExample]:
    start = first_person + (fold - 1) * PEOPLE_PER_FOLD
    people = range(start, start + PEOPLE_PER_FOLD)
    yaws = FRONTAL[1:] if protocol == "FF" else PROFILE
    views = list(itertools.product(FRONTAL[:1] if protocol == "FF" else FRONTAL, yaws))
    split = f"{protocol.lower()}{fold:02d}"
    same = [(face(p, a), face(p, b)) for p in people for a, b in views]
    different = [
        (face(p, a), face(q, b)) for p in people for q in people for a, b in views if p != q
    ]
    return [
        VerificationExample(
            key=f"{split}/{name}/{line}",
            first=first,
            second=second,
            label=label,
            protocol=protocol,
            fold=fold,
        )
        for name, label, pairs in (
            ("same", LABEL_SAME, same),
            ("diff", LABEL_DIFFERENT, different),
        )
        for line, (first, second) in enumerate(pairs[:PAIRS], start=1)
    ]


def _triplets(people: range) -> list[TripletExample]:
    found = []
    for place, person in enumerate(people):
        other = people[(place + 1) % len(people)]
        anchor, positive, negative = face(person, -8.0), face(person, 8.0), face(other, 0.0)
        found.append(TripletExample(f"{anchor.key}@0", anchor, positive, negative))
    return found


def _write(data_set: DataSet, folder: Path, layout: str = "identity") -> Path:
    path = data_set.write(folder / "shards" / data_set.name / SHARDS_VERSION)
    edit_json(path / MANIFEST, extract=dataclasses.asdict(OPTIONS) | {"layout": layout})
    return folder / "shards"
