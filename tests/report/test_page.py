"""The file: one, whole, the same each time, of any contents, and with nothing in it that it did not mean."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from faceprep.report.contents import Contents, FacesContents
from faceprep.report.page import render
from faceprep.report.text import visible
from tests.report import made

VOID = {"meta", "link", "img", "input", "source", "br"}


class Tree(HTMLParser):
    """Reads a page: what is in its scripts, all its words, and whether each element is closed."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self.words: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            name = self.tags[-1][1].get("type") or "style"
            self.blocks[name] = self.blocks.get(name, "") + data
        elif data.strip():
            self.words.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> bytes:
    return render(without_charts(made.contents(made.HOSTILE)))


def without_charts(contents: Contents) -> Contents:
    """Charts take a second."""
    assert contents.faces
    density = dataclasses.replace(made.density(), counts=np.zeros((36, 24), np.int64))
    return made.quick(
        dataclasses.replace(contents, faces=dataclasses.replace(contents.faces, density=density))
    )


def quick(faces: FacesContents) -> Contents:
    """That, of faces alone."""
    return without_charts(Contents(faces))


def test_the_same_contents_give_the_same_bytes(page: bytes) -> None:
    assert render(without_charts(made.contents(made.HOSTILE))) == page


def test_only_what_stands_in_the_page_may_run_or_be_loaded(page: bytes) -> None:
    tree = Tree(page)
    policy = next(each["content"] for each in tree.all("meta") if "http-equiv" in each) or ""
    assert policy.startswith("default-src 'none'; img-src data:;")
    for kind, name in (("style", "style"), ("script", "module")):
        digest = hashlib.sha256(tree.blocks[name].encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert "unsafe" not in policy
    addresses = [
        value or ""
        for _, attributes in tree.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action")
    ]
    assert {address.split(",")[0] for address in addresses if not address.startswith("#")} <= {
        *("data:", "data:image/jpeg;base64", "data:image/svg+xml;base64")
    }


def test_names_that_mean_harm_are_words_and_nothing_else(page: bytes) -> None:
    tree = Tree(page)
    assert [each["type"] for each in tree.all("script")] == ["application/json", "module"]
    assert not [name for _, attributes in tree.tags for name in attributes if name.startswith("on")]
    for name in made.HOSTILE:
        assert f"{visible(name)}/0.jpg" in tree.words
    people = json.loads(tree.blocks["application/json"])["people"]
    assert [each["identity"] for each in people[6:]] == [visible(name) for name in made.HOSTILE]
    assert b"\xe2\x80\xae" not in page  # U+202E


def test_sections_follow_what_there_is() -> None:
    contents = without_charts(made.contents())
    sections = ["summary", "charts", "people", "rejects", "doubts", "data-sets"]
    for given, expected in (
        (contents, sections),
        (Contents(contents.faces), sections[:-1]),
        (Contents(None, contents.data_sets), sections[-1:]),
        (Contents(None), []),
    ):
        tree = Tree(render(given))
        assert [each["id"] for each in tree.all("section") if "id" in each] == expected
        assert [each["href"] for each in tree.all("a")][1 : len(expected) + 1] == [
            f"#{name}" for name in expected
        ]


def test_a_folder_without_faces() -> None:
    nobody = dataclasses.replace(
        made.faces(()), rejects=(), doubts=(), people_in_all=0, faces_in_all=0, facts={}
    )
    words = Tree(render(quick(nobody))).words
    assert "0 faces of 0 people" in words
    assert "No face has been found, so there is nothing to draw." in words
    assert "Every image gave a face." in words


def test_what_share_is_shown() -> None:
    faces = made.faces()
    whole = " ".join(Tree(render(quick(faces))).words)
    assert "6 of 6 people and 15 of 15 faces are here." in whole
    part = dataclasses.replace(faces, people_in_all=100_000, faces_in_all=150_000)
    words = " ".join(Tree(render(quick(part))).words)
    assert (
        "6 of 100,000 people and 15 of 150,000 faces are here: a sample, always the same" in words
    )
    one = made.faces((made.person("Anna", [2]),))
    assert "1 face of 1 person" in Tree(render(quick(one))).words


def test_tables_tell_rejects_and_splits(page: bytes) -> None:
    words = " ".join(Tree(page).words)
    assert "no_face no face is found 12" in words
    assert "no face is found; none shown" not in words
    assert "it took too long; none shown" in words
    assert "train 1,200 4 12.3 MB 5 genuine, 5 impostor" in words


def test_no_template_or_script_asks_for_a_network() -> None:
    page = render(Contents(None)).decode()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
