"""Names of folders and files: safe, readable, and never the same twice."""

from __future__ import annotations

import hashlib
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faceprep.export.names import LONGEST, Wish, distinct, escaped, file_wish, folder_names

TEXT = st.text(max_size=30) | st.text("aA./\\ %éÉß-ſ\u202e\n#_", max_size=8)
NAMES = st.lists(TEXT, unique=True, max_size=12)
RLO = "\u202e"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def folded(name: str) -> str:
    """As file systems of macOS and Windows see it."""
    return unicodedata.normalize("NFD", name).casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("George_W_Bush", "George_W_Bush"),
        ("001", "001"),
        ("José 李 עברית", "José 李 עברית"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("", "%"),
        ("%", "%25"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("../x", "%2E.%2Fx"),
        ("a/b", "a%2Fb"),
        ("a\\b:c*?", "a%5Cb%3Ac%2A%3F"),
        ('<"|>', "%3C%22%7C%3E"),
        ("a\x00\nb\x7f", "a%00%0Ab%7F"),
        (f"ann{RLO}gpj", "ann%E2%80%AEgpj"),
        ("Robert Downey Jr.", "Robert Downey Jr%2E"),
        (" a ", "%20a%20"),
        ("con", "%63on"),
        ("NUL.txt", "%4EUL.txt"),
        ("Com1", "%43om1"),
        ("lpt²", "%6Cpt²"),
        ("console", "console"),
        ("poses.csv", "%70oses.csv"),
        ("Export.JSON", "%45xport.JSON"),
        ("poſes.csv", "%70oſes.csv"),
    ],
)
def test_a_text_becomes_one_component_of_a_path(text: str, expected: str) -> None:
    assert escaped(text) == expected


@given(TEXT)
def test_no_text_leaves_its_folder_or_hides_in_it(text: str) -> None:
    name = escaped(text)
    assert name
    assert not set(name) & set('/\\<>:"|?*')
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert name.isprintable()
    assert unquote(name) == (text or "%")


@given(NAMES)
def test_two_texts_never_give_one_name(texts: list[str]) -> None:
    assert len(set(map(escaped, texts))) == len(texts)


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


def test_of_names_that_clash_each_gets_its_hash() -> None:
    wishes = [Wish("1", "ann/1.jpg"), Wish("1", "ann/1.png"), Wish("2", "ann/2.jpg")]
    assert distinct(wishes, 100) == [
        f"1-{sha('ann/1.jpg')[:8]}",
        f"1-{sha('ann/1.png')[:8]}",
        "2",
    ]


def test_a_name_that_looks_like_a_hashed_one_gets_out_of_its_way() -> None:
    taken = f"1-{sha('a')[:8]}"
    wishes = [Wish("1", "a"), Wish("1", "b"), Wish(taken, "c")]
    names = distinct(wishes, 100)
    assert len(set(names)) == 3
    assert names == distinct(wishes[::-1], 100)[::-1]


@given(
    st.lists(
        st.builds(Wish, st.text("aA-0", min_size=1, max_size=3), st.text("xyz", max_size=3)),
        unique_by=lambda wish: wish.key,
        max_size=12,
    ),
    st.randoms(),
)
def test_names_are_distinct_whatever_their_order(wishes: list[Wish], random: object) -> None:
    names = dict(zip((wish.key for wish in wishes), distinct(wishes, 100), strict=True))
    assert len(set(map(str.lower, names.values()))) == len(wishes)
    shuffled = sorted(wishes, key=lambda wish: sha(wish.key + str(random)))
    again = zip((wish.key for wish in shuffled), distinct(shuffled, 100), strict=True)
    assert dict(again) == names
