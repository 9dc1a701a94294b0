"""Near-duplicates are found within a person, and copies of one file are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from faceprep.report.alike import ALIKE, near_duplicates
from faceprep.report.people import Shown
from faceprep.report.pictures import Thumbnail, thumbnails
from faceprep.report.rows import read_rows
from tests.inspect.made import face
from tests.report.some_faces import folder_of, names, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from faceprep.report.doubts import Kind

APART = (1 << ALIKE) - 1
"""As many bits as two that are alike may differ in."""


def look(path: Path, hashes: Sequence[int | None], identical: Sequence[int] = ()) -> Kind:
    """Among faces `0`, `1`, … of one person, some of which have the same file."""
    rows = rows_of(
        path,
        *(face(str(n), "ann", 99 if n in identical else n) for n in range(len(hashes))),
    )
    made = {n: Thumbnail(b"" if bits is None else b"x", bits) for n, bits in enumerate(hashes)}
    found = near_duplicates(rows, [Shown(0, tuple(made))], made, most=2)
    assert all(case.title == "ann" for case in found.cases)
    assert all(names(rows, case.faces) == [str(f) for f in case.faces] for case in found.cases)
    return found


@pytest.mark.parametrize(
    ("hashes", "identical", "groups"),
    [
        pytest.param([0, APART], (), [(0, 1)], id="just alike"),
        pytest.param([0, 2 * APART + 1], (), [], id="one bit too many"),
        pytest.param([0, APART, APART << ALIKE | APART], (), [(0, 1, 2)], id="a chain"),
        pytest.param([(1 << 64) - 1, (1 << 64) - 1], (), [(0, 1)], id="all bits"),
        pytest.param([5, 5], (0, 1), [], id="one file twice"),
        pytest.param([5, 5, 5], (0, 1), [(0, 2)], id="one file twice, and another"),
        pytest.param([None, 0, None, 0], (), [(1, 3)], id="some without a picture"),
        pytest.param([None, None], (), [], id="no picture at all"),
        pytest.param([], (), [], id="nobody"),
        pytest.param([0] * 9, (), [(0, 1, 2, 3)], id="four are shown"),
        pytest.param(
            [0, APART, -1 & (1 << 64) - 1, -1 & (1 << 64) - 1],
            (),
            [(2, 3), (0, 1)],
            id="worst first",
        ),
    ],
)
def test_groups(
    tmp_path: Path,
    hashes: Sequence[int | None],
    identical: Sequence[int],
    groups: list[tuple[int, ...]],
) -> None:
    found = look(tmp_path, hashes or [None], identical)
    assert [case.faces for case in found.cases] == groups
    assert found.count == len(groups)


def test_what_is_said(tmp_path: Path) -> None:
    found = look(tmp_path, [0, 1, 1 << 40, 255 << 48, 255 << 48, 0xFFF << 20, 0xFFE << 20, None])
    assert (found.count, len(found.cases)) == (3, 2)
    assert [case.words for case in found.cases] == [
        "2 files with the same hash",
        "3 files, the nearest two with hashes 1 bit apart",
    ]
    assert "the 7 faces of the people on this page" in found.words


def test_a_photograph_is_known_again(cfp: Path, tmp_path: Path) -> None:
    """Half as large, brighter and packed harder it is alike; another one of the person is not."""
    for person in ("001", "100", "200"):
        one, other = (
            cv2.resize(_read(cfp / f"Data/Images/{person}/frontal/{n}.jpg"), (160, 160))
            for n in ("01", "02")
        )
        changed = cv2.convertScaleAbs(cv2.resize(one, (80, 80)), alpha=1.1, beta=10)
        crops = [_file(one, 95), _file(changed, 40), _file(other, 95)]
        faces = (face(str(n), person, n, crop=crop, crop_bytes=9) for n, crop in enumerate(crops))
        folder = folder_of(tmp_path / person, *faces)
        rows = read_rows(folder, clips=False)
        made = thumbnails(folder, rows.faces, range(3))
        found = near_duplicates(rows, [Shown(0, (0, 1, 2))], made, most=9)
        assert [case.faces for case in found.cases] == [(0, 1)]


def _read(path: Path) -> NDArray[np.uint8]:
    found = cv2.imread(str(path))
    assert found is not None
    return np.asarray(found, np.uint8)


def _file(pixels: cv2.typing.MatLike, quality: int) -> bytes:
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def test_two_people_are_not_compared(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, face("a", "ann", 1), face("b", "bob", 2))
    made = {n: Thumbnail(b"x", 0) for n in range(2)}
    assert near_duplicates(rows, [Shown(0, (0,)), Shown(1, (1,))], made, most=2).count == 0
