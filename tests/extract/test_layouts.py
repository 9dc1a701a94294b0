"""Layouts: from the place of an image to who is in it."""

from __future__ import annotations

import pytest

from faceprep.errors import InputError
from faceprep.extract.layouts import LAYOUTS, SourceImage, recognise

LFW = ["George_W_Bush/George_W_Bush_0001.jpg", "Aaron_Eckhart/Aaron_Eckhart_0001.jpg"]
YOUTUBE_FACES = ["Aaron_Eckhart/0/0.555.jpg", "Aaron_Eckhart/1/1.102.jpg", "Zoe_Ball/0/0.1.jpg"]
CFP = [
    f"{n:03d}/{view}/{i:02d}.jpg"
    for n in (1, 500)
    for view in ("frontal", "profile")
    for i in (1, 4)
]
CFP_FROM_ITS_TOP = [f"Data/Images/{key}" for key in CFP]


@pytest.mark.parametrize(
    ("layout", "key", "expected"),
    [
        ("identity", "ann/1.jpg", ("ann", None, None)),
        ("identity", "ann/a/b/1.jpg", ("ann", None, None)),
        ("identity", "Ann Ö. 你/1.jpg", ("Ann Ö. 你", None, None)),
        ("identity", "1.jpg", None),
        ("youtube-faces", "ann/0/0.555.jpg", ("ann", "0", None)),
        ("youtube-faces", "ann/holiday/1.jpg", ("ann", "holiday", None)),
        ("youtube-faces", "ann/0/deeper/1.jpg", ("ann", "0", None)),
        ("youtube-faces", "ann/1.jpg", None),
        ("youtube-faces", "1.jpg", None),
        ("cfp", "001/frontal/01.jpg", ("001", None, "frontal")),
        ("cfp", "Data/Images/001/profile/04.jpg", ("001", None, "profile")),
        ("cfp", "Data/Images/001/frontal/deeper/01.jpg", None),
        ("cfp", "Data/Images/ann/frontal/01.jpg", None),
        ("cfp", "Data/Images/x001/frontal/01.jpg", None),
        ("cfp", "001/left/01.jpg", None),
        ("cfp", "01.jpg", None),
    ],
)
def test_a_key_tells_who_is_in_the_image(
    layout: str, key: str, expected: tuple[str, str | None, str | None] | None
) -> None:
    assert LAYOUTS[layout](key) == (SourceImage(key, *expected) if expected else None)


@pytest.mark.parametrize(
    ("keys", "layout"),
    [
        (LFW, "identity"),
        (YOUTUBE_FACES, "youtube-faces"),
        (CFP, "cfp"),
        (CFP_FROM_ITS_TOP, "cfp"),
        (["ann/holiday/1.jpg", "ann/work/2.jpg"], "identity"),
        (["ann/0/deeper/1.jpg"], "identity"),
        (["a/stray.jpg", *LFW, "stray.jpg"], "identity"),
    ],
    ids=["lfw", "youtube-faces", "cfp", "cfp-top", "named-clips", "too-deep", "with-strays"],
)
def test_a_layout_is_recognised(keys: list[str], layout: str) -> None:
    assert recognise(keys) == layout


@pytest.mark.parametrize(
    ("strays", "layout"), [(0, "cfp"), (10, "cfp"), (11, "identity"), (50, "identity")]
)
def test_one_image_in_ten_may_lie_elsewhere(strays: int, layout: str) -> None:
    regular = [f"001/frontal/{i:02d}.jpg" for i in range(100 - strays)]
    assert recognise([*regular, *(f"mean/{i}.jpg" for i in range(strays))]) == layout


def test_a_flat_folder_is_refused_with_the_remedies() -> None:
    with pytest.raises(InputError, match=r"a folder of their own, or .*--layout list"):
        recognise(["1.jpg", "2.jpg"])
