"""The rendered sample laid out as CFP, with a protocol of two folds, and one profile without a face."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample

PEOPLE_PER_FOLD = 2
FRONTAL, PROFILE = 4, 2  # images of each person

FACELESS = "004/profile/02.jpg"


@dataclass(frozen=True)
class SmallCfp:
    """`root` holds Data/Images and Protocol, as CFP does."""

    root: Path

    @property
    def protocol(self) -> Path:
        return self.root / "Protocol"

    def fold(self, protocol: str, fold: int, name: str) -> Path:
        return self.protocol / "Split" / protocol / f"{fold:02d}" / f"{name}.txt"

    def listed(self, letter: str) -> list[str]:
        """The paths of Pair_list_F or Pair_list_P."""
        lines = (self.protocol / f"Pair_list_{letter}.txt").read_text().splitlines()
        return [line.split(" ", 1)[1] for line in lines]


def make_small_cfp(sample: Sample, root: Path) -> SmallCfp:
    """Lay out the sample's people as 001, 002, …, the straightest images as frontal."""
    made = SmallCfp(root)
    people = sorted({image.identity for image in sample.images})
    lists: dict[str, list[str]] = {"F": [], "P": []}
    for number, name in enumerate(people, start=1):
        images = sorted((i for i in sample.images if i.identity == name), key=lambda i: abs(i.yaw))
        for place, image in enumerate(images[: FRONTAL + PROFILE]):
            view, first = ("frontal", 0) if place < FRONTAL else ("profile", FRONTAL)
            path = f"Data/Images/{number:03d}/{view}/{place - first + 1:02d}.jpg"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes((sample.root / image.key).read_bytes())
            lists[view[0].upper()].append(f"../{path}")
    _without_face(root / "Data" / "Images" / FACELESS)
    made.protocol.mkdir()
    for letter, paths in lists.items():
        numbered = [f"{index} {path}" for index, path in enumerate(paths, start=1)]
        (made.protocol / f"Pair_list_{letter}.txt").write_text("\n".join(numbered) + "\n")
    for fold in range(1, len(people) // PEOPLE_PER_FOLD + 1):
        _write_fold(made, fold)
    return made


def _without_face(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    Image.fromarray(noise).save(path, quality=95)


def _write_fold(made: SmallCfp, fold: int) -> None:
    """All pairs of one person, and as many of the fold's two people."""
    first = (fold - 1) * PEOPLE_PER_FOLD
    people = range(first, first + PEOPLE_PER_FOLD)
    for protocol, (count, offset) in {"FF": (FRONTAL, FRONTAL), "FP": (PROFILE, PROFILE)}.items():
        same, diff = [], []
        for one, other in itertools.product(people, people):
            for a, b in itertools.product(range(FRONTAL), range(count)):
                pair = f"{one * FRONTAL + a + 1},{other * offset + b + 1}"
                if one != other:
                    diff.append(pair)
                elif protocol == "FP" or a < b:
                    same.append(pair)
        for name, lines in (("same", same), ("diff", diff[: len(same)])):
            path = made.fold(protocol, fold, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n")
