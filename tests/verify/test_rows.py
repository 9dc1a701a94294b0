"""The rows of a part against the catalogue's images: one table of what may be wrong with a row."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import simplejpeg

from faceprep.dataset_folder import ImageForm
from faceprep.parts import Counts
from faceprep.records import FaceRow
from faceprep.verify.images import ImageCheck
from faceprep.verify.rows import COLUMNS, RowCheck

CROP = simplejpeg.encode_jpeg(np.zeros((32, 32, 3), np.uint8))
FACE = FaceRow(
    "ann/1.jpg",
    "ann",
    "ok",
    clip="0",
    view="frontal",
    face_index=0,
    yaw=1.0,
    pitch=2.0,
    roll=3.0,
    frontality=99.0,
    crop_bytes=len(CROP),
    crop=CROP,
)
SECOND = replace(FACE, face_index=1)
NONE = FaceRow("ann/2.jpg", "ann", "no_face", clip="0", reason="no face found")
LAST = replace(FACE, key="bob/1.jpg", identity="bob", clip=None, view=None)
CATALOGUE = [
    {name: getattr(row, name) for name in ("key", "identity", "clip", "view")}
    for row in (FACE, NONE, LAST)
]
SOUND = [FACE, SECOND, NONE, LAST]


def check_of(rows: list[FaceRow], catalogue: Any = CATALOGUE) -> tuple[RowCheck, dict[int, str]]:
    check = RowCheck(catalogue, ImageCheck(ImageForm(32, "jpeg")))
    told = {n: "; ".join(check.broken(_columns(row))) for n, row in enumerate(rows)}
    return check, {number: what for number, what in told.items() if what}


def _columns(row: FaceRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name in COLUMNS}


def test_without_crops_a_crop_is_the_fault() -> None:
    check = RowCheck(CATALOGUE, None)
    bare = [replace(row, crop=None, crop_bytes=None) for row in SOUND]
    told = [list(check.broken(_columns(row))) for row in (bare[0], SECOND, *bare[2:])]
    assert told == [[], ["there is a crop, where extract was told --no-crops"], [], []]


@pytest.mark.parametrize("catalogue", [CATALOGUE, None])
def test_sound_rows_have_no_fault(catalogue: Any) -> None:
    check, told = check_of(SOUND, catalogue)
    assert told == {}
    assert list(check.missing()) == []
    assert check.counts == Counts(images=3, faces=3, rejects={"no_face": 1})


@pytest.mark.parametrize(
    ("number", "row", "words"),
    [
        (0, replace(FACE, identity="bob"), "identity is 'bob'; the catalogue says 'ann'"),
        (0, replace(FACE, clip=None), "clip is None; the catalogue says '0'"),
        (2, replace(NONE, view="profile"), "view is 'profile'; the catalogue says None"),
        (0, replace(FACE, key="x"), "'x' is not among the images that the catalogue gives"),
        (1, replace(SECOND, face_index=2), "face_index is 2; it should be 1"),
        (0, replace(FACE, face_index=None), "face_index is None; it should be 0"),
        (2, replace(NONE, face_index=0), "face_index is 0; it should be None"),
        (1, replace(NONE, key=FACE.key, view="frontal"), "face_index is None; it should be None"),
        (2, replace(NONE, status="fine"), "status is 'fine', which is none of ok, no_face,"),
        (2, replace(NONE, reason=None), "status is no_face, without a reason"),
        (2, replace(NONE, crop=CROP), "status is no_face, and there is a crop"),
        (3, replace(LAST, crop=None), "status is ok, and there is no crop"),
        (3, replace(LAST, crop=b"no"), "crop_bytes is"),
        (3, replace(LAST, crop=b"no", crop_bytes=2), "crop: not a jpeg image"),
        (3, replace(LAST, crop_bytes=7), f"crop_bytes is 7; the crop has {len(CROP)} bytes"),
        (3, replace(LAST, yaw=None), "yaw is None; it should be a number"),
        (3, replace(LAST, frontality=float("nan")), "frontality is nan; it should be a number"),
    ],
)
def test_a_wrong_row_is_told_by_its_number(number: int, row: FaceRow, words: str) -> None:
    _, told = check_of([*SOUND[:number], row, *SOUND[number + 1 :]])
    assert told[number].startswith(words)


@pytest.mark.parametrize(
    ("rows", "number"), [([NONE, FACE, SECOND, LAST], 1), ([FACE, NONE, FACE, LAST], 2)]
)
def test_rows_out_of_order_are_told(rows: list[FaceRow], number: int) -> None:
    _, told = check_of(rows)
    assert told == {number: "'ann/1.jpg' is not in the order of the catalogue"}


def test_images_without_a_row_are_counted_and_the_first_is_named() -> None:
    check, told = check_of([NONE])
    assert told == {}
    assert list(check.missing()) == [
        "has no row for 2 images of the catalogue; the first is 'ann/1.jpg'"
    ]
