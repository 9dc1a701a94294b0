"""`examples/recall_by_group.py`: shares and their intervals, on made-up faces and made-up labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from examples.recall_by_group import main, wilson
from tests.inspect.made import face, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [f"{name}/{number}.jpg" for name in ("ann", "bob") for number in range(4)]
FOUND = [True, True, True, False, True, True, False, False]


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Eight images, of which five have a face."""
    rows = [
        face(key, key[:3], number, view="frontal" if number % 2 else "profile")
        if found
        else no_face(key, key[:3])
        for number, (key, found) in enumerate(zip(KEYS, FOUND, strict=True))
    ]
    second = face(KEYS[0], "ann", face_index=1, view="profile")
    return make_faces(tmp_path / "faces", [rows[0], second, *rows[1:]])


def printed(*words: Path | str) -> dict[str, list[str]]:
    """Each line of the tables by its first cell."""
    run = CliRunner().invoke(main, list(map(str, words)))
    assert run.exit_code == 0, run.output
    lines = [line.strip("| ").split(" | ") for line in run.output.splitlines() if line[:1] == "|"]
    return {cells[0]: cells[1:] for cells in lines}


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # as R's prop.test has them without its correction
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (999, 1000, 0.9944, 0.9998),
    ],
)
def test_intervals_are_wilsons(hits: int, count: int, low: float, high: float) -> None:
    assert wilson(hits, count) == pytest.approx((low, high), abs=1e-4)


def test_images_are_counted_once_and_by_what_is_known_of_them(faces: Path) -> None:
    found = printed(faces)
    assert found["all"][:3] == ["8", "5", "62.50%"]
    assert found["view, as labelled: profile"][:2] == ["3", "3"]
    assert found["shorter side of the image: 384 px and more"][:2] == ["5", "5"]
    assert found["shorter side of the image: 000 to 063 px"][:2] == ["3", "0"]


def test_labels_of_your_own_make_groups(faces: Path, tmp_path: Path) -> None:
    labels = pd.DataFrame({"key": KEYS, "group": ["a", "b"] * 4, "decade": ["30"] * 7 + [None]})
    labels.to_csv(tmp_path / "groups.csv", index=False)
    found = printed(faces, "--groups", tmp_path / "groups.csv")
    assert found["group: a"] == ["4", "3", "75.00%", "30.06% to 95.44%"]
    assert found["group: b"][:2] == ["4", "2"]
    assert found["decade: 30"][:2] == ["7", "5"]


def test_pictures_are_measured(faces: Path, tmp_path: Path) -> None:
    for number, key in enumerate(KEYS[:-1]):  # the last is not there, and in no group
        pixels = np.full((40, 40, 3), 30 * number, np.uint8)
        pixels[..., 0] += 20 * (number > 3)
        path = tmp_path / "raw" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), pixels)
    found = printed(faces, "--photos", tmp_path / "raw")
    assert found["colours: grey"][:2] == ["4", "3"]
    assert found["colours: colour"][:2] == ["3", "2"]
    assert found["mean luminance: 000 to 063 of 255"][:2] == ["3", "3"]


def test_boxes_are_held_against_labelled_points(faces: Path, tmp_path: Path) -> None:
    inside, outside = np.full((5, 2), (50.0, 60.0)), np.full((5, 2), (400.0, 60.0))
    stored = tmp_path / "points.npz"
    keys = [key.removesuffix(".jpg") for key in KEYS]
    np.savez(stored, keys=keys, points=np.array([inside, outside] * 4, np.float32))
    run = CliRunner().invoke(main, [str(faces), "--points", str(stored)])
    head, _, covered = run.output.partition("Of the images with a face")
    assert "| all | 8 | 5 |" in head
    assert "| all | 5 | 3 | 60.00% |" in covered
    assert "| angle to the side, as measured: 045 to 059 degrees | 1 | 0 |" in covered


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name\nx\n", "needs the columns key and group"),
        ("key,group\nx,y\n", "are not those of the"),
    ],
)
def test_labels_of_something_else_are_refused(
    faces: Path, tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "g.csv").write_text(content)
    run = CliRunner().invoke(main, [str(faces), "--groups", str(tmp_path / "g.csv")])
    assert run.exit_code == 1
    assert words in run.output
