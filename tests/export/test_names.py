"""Folders and files of an export: each identity and each face has a name of its own."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faceprep.export.names import MARKER, POSES, file_wish, folder_names
from faceprep.file_names import LONGEST

TEXT = st.text(max_size=30) | st.text("aA./\\ %éÉß-ſ\u202e\n#_", max_size=8)
NAMES = st.lists(TEXT, unique=True, max_size=12)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def folded(name: str) -> str:
    """As file systems of macOS and Windows see it."""
    return unicodedata.normalize("NFD", name).casefold()


def test_nobody_gets_the_name_of_a_file_of_the_export() -> None:
    names = folder_names([POSES, MARKER.upper()])
    assert list(names.values()) == ["%45XPORT.JSON", "%70oses.csv"]


@pytest.mark.parametrize(
    ("identities", "expected"),
    [
        (["ann", "bob"], {"ann": "ann", "bob": "bob"}),
        (
            ["ann", "Ann", "bob"],
            {"ann": f"ann-{sha('ann')[:8]}", "Ann": f"Ann-{sha('Ann')[:8]}", "bob": "bob"},
        ),
        (
            ["é", "e\u0301"],
            {"é": f"é-{sha('é')[:8]}", "e\u0301": f"e\u0301-{sha('e' + chr(0x301))[:8]}"},
        ),
        (["x" * 161], {"x" * 161: "x" * 151 + "-" + sha("x" * 161)[:8]}),
        (["x" * 160], {"x" * 160: "x" * 160}),
        (["/" * 60], {"/" * 60: "%2F" * 50 + "-" + sha("/" * 60)[:8]}),
        (["é" * 90], {"é" * 90: "é" * 75 + "-" + sha("é" * 90)[:8]}),
    ],
)
def test_each_identity_has_a_folder_of_its_own(
    identities: list[str], expected: dict[str, str]
) -> None:
    assert folder_names(identities) == expected


@given(NAMES)
@example(["ann", "Ann", f"ann-{sha('ann')[:8]}", f"ANN-{sha('ann')[:8]}"])
@example(["a" * 200, "a" * 201])
def test_folders_differ_on_every_file_system_and_fit(identities: list[str]) -> None:
    names = folder_names(identities)
    assert set(names) == set(identities)
    assert len(set(map(folded, names.values()))) == len(identities)
    assert all(len(name.encode()) <= LONGEST for name in names.values())
    assert folder_names(identities[::-1]) == names


@pytest.mark.parametrize(
    ("key", "identity", "face_index", "expected"),
    [
        ("ann/1.jpg", "ann", 0, "1"),
        ("ann/1.jpg", "ann", 2, "1-face2"),
        ("Data/Images/001/profile/03.jpg", "001", 0, "profile_03"),
        ("person/0/7.12.jpg", "person", 0, "0_7.12"),
        ("photos/a/1.jpg", "Ann", 0, "photos_a_1"),
        ("ann/ann/1.jpg", "ann", 0, "ann_1"),
        ("ann.jpg", "ann.jpg", 0, "ann"),
        ("ann/frame", "ann", 0, "frame"),
        ("ann/.jpg", "ann", 0, "%2Ejpg"),
        ("../x/1.jpg", "ann", 0, "%2E._x_1"),
        ("ann/con.jpg", "ann", 0, "%63on"),
        ("ann/50%.jpg", "ann", 0, "50%25"),
    ],
)
def test_a_file_is_named_by_what_follows_the_identity(
    key: str, identity: str, face_index: int, expected: str
) -> None:
    assert file_wish(key, identity, face_index).name == expected


@given(st.lists(st.tuples(TEXT, st.integers(0, 3)), unique=True, max_size=10))
@example([("a#1", 0), ("a", 1), ("a#1#0", 0), ("a#1", 1)])
def test_each_face_has_a_key_of_its_own(faces: list[tuple[str, int]]) -> None:
    assert len({file_wish(key, "", index).key for key, index in faces}) == len(faces)
