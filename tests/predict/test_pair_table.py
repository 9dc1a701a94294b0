"""Rows and counts of pairs, judged and not."""

from __future__ import annotations

import pytest

from faceprep.predict.face_finder import FaceBox, FoundFace, Photograph
from faceprep.predict.judging import Verdict
from faceprep.predict.pair_table import PairCounts, pair_row
from faceprep.predict.pairs_file import PhotoPair

FACE = FoundFace(0, 0.0, 0.0, 0.0, FaceBox(1.0, 2.0, 3.0, 4.4), b"crop")
WHOLE = Photograph("a.jpg", "ok", None, (FACE,), 2)
DAMAGED = Photograph("a.jpg", "ok", "the file is damaged", (FACE,), 1)
NONE = Photograph("b.jpg", "no_face", "no face found")
LATE = Photograph("b.jpg", "timeout", "it ended the worker")


@pytest.mark.parametrize(
    ("first", "second", "status", "reason"),
    [
        (WHOLE, WHOLE, "ok", None),
        (WHOLE, DAMAGED, "ok", "second: the file is damaged"),
        (NONE, WHOLE, "no_face", "first: no face found"),
        (DAMAGED, LATE, "timeout", "first: the file is damaged; second: it ended the worker"),
        (LATE, NONE, "timeout", "first: it ended the worker; second: no face found"),
    ],
)
def test_a_row_says_which_photograph_is_to_blame(
    first: Photograph, second: Photograph, status: str, reason: str | None
) -> None:
    verdict = Verdict(0.12345678, False) if status == "ok" else None
    row = pair_row(PhotoPair("x", "y", True), first, second, verdict)
    assert (row.first, row.second, row.label) == ("x", "y", "true")
    assert (row.status, row.reason) == (status, reason)
    assert (row.same, row.right) == (("false", "false") if verdict else ("", ""))
    assert row.score == (0.123457 if verdict else None)
    assert row.first_faces == first.found
    assert row.first_box == ("1,2,3,4" if first.faces else "")


def test_counts() -> None:
    counts = PairCounts()
    assert counts.accuracy is None
    yes, no = Verdict(1.0, True), Verdict(0.0, False)
    for label, verdict in (
        (True, yes),
        (True, no),
        (False, no),
        (False, no),
        (None, yes),
        (True, None),
    ):
        counts.add(PhotoPair("x", "y", label), verdict, "ok" if verdict else "no_face")
    assert counts.as_json() == {
        "pairs": 6,
        "judged": 5,
        "same": 2,
        "different": 3,
        "not_judged": {"no_face": 1},
        "genuine": 2,
        "genuine_right": 1,
        "impostor": 2,
        "impostor_right": 2,
        "accuracy": 0.75,
    }
