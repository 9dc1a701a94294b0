"""Names of folders and files: safe, readable, and never the same twice."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.file_names import Wish, distinct, escaped

TEXT = st.text(max_size=30) | st.text("aA./\\ %éÉß-ſ\u202e\n#_", max_size=8)
NAMES = st.lists(TEXT, unique=True, max_size=12)
RLO = "\u202e"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
    ],
)
def test_a_text_becomes_one_component_of_a_path(text: str, expected: str) -> None:
    assert escaped(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("poses.csv", "%70oses.csv"), ("POSES.csv", "%50OSES.csv"), ("poſes.csv", "%70oſes.csv")],
)
def test_a_name_that_is_taken_is_not_given(text: str, expected: str) -> None:
    assert escaped(text, ["poses.csv"]) == expected


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
