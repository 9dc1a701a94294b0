"""Folders as people have them: odd names, hidden files, links, closed doors; all listed or counted."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from faceprep import storage
from faceprep.extract.catalog import read_catalog
from faceprep.image_files import IMAGE_SUFFIXES
from faceprep.image_folder import image_keys, url_keys
from tests.extract.trees import JPEG, keys_of, refusal, touch
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from tests.object_stores import Gate

LOOPS = "links that lead back to a folder above"
SPECIAL = "broken links and special files"

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=20
).filter(lambda name: not name.startswith("."))
IMAGES = st.builds(str.__add__, NAMES, st.sampled_from(sorted(IMAGE_SUFFIXES)))
OTHERS = st.builds(str.__add__, NAMES, st.sampled_from([".txt", ".mat", ".jpg.part"]))
TREES = st.sets(st.tuples(NAMES, IMAGES) | st.tuples(NAMES, NAMES, IMAGES), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(TREES, st.sets(st.tuples(NAMES, OTHERS), max_size=5))
def test_every_image_of_any_tree_appears_once_and_sorted(
    tree: set[tuple[str, ...]], others: set[tuple[str, str]]
) -> None:
    folders = {path[:2] for path in tree if len(path) == 3}
    assume(not folders & (tree | others))
    with TemporaryDirectory() as root:
        touch(Path(root), *map("/".join, tree), *map("/".join, others))
        catalog = read_catalog(root, "identity")
    assert keys_of(catalog) == sorted(map("/".join, tree))
    assert sum(catalog.skipped.values()) == len(others)


def test_the_order_is_that_of_the_keys_and_not_of_the_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a/b.jpg", "a-b/a.jpg", "a/a.jpg", "A/z.jpg", "a b/a.jpg", "é/a.jpg", "z/a.jpg")
    assert keys_of(read_catalog(str(tmp_path), "auto")) == [
        "A/z.jpg",
        "a b/a.jpg",
        "a-b/a.jpg",
        "a/a.jpg",
        "a/b.jpg",
        "z/a.jpg",
        "é/a.jpg",
    ]


@pytest.mark.parametrize(
    "name",
    ["a b.jpg", " .jpg", "é.jpg", "你好.png", "😀.webp", "A.JPG", "a.JpEg", "a.tar.jpg", "a.jpg.",
     "photo", "photo...", "Mr. Smith 3", "a\nb.jpg", "a;b&c.jpg", "a.heic", "a.jxl"],
)  # fmt: skip
def test_odd_names_are_images_too(tmp_path: Path, name: str) -> None:
    assert keys_of(read_catalog(str(touch(tmp_path, f"p/{name}")), "auto")) == [f"p/{name}"]


@pytest.mark.parametrize(
    ("content", "is_image"),
    [
        (JPEG, True),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", True),
        (b"GIF89a", True),
        (b"BM\0\0\0\0", True),
        (b"II*\0\x08\0\0\0", True),
        (b"MM\0*\0\0\0\x08", True),
        (b"\0\0\0\x20ftypavif", True),
        (b"RIFF\0\0\0\0WAVEfmt ", False),
        (b"a page of text", False),
        (b"", False),
    ],
)
def test_without_an_extension_the_content_decides(
    tmp_path: Path, content: bytes, is_image: bool
) -> None:
    touch(touch(tmp_path, "p/a.jpg"), "p/unnamed", content=content)
    catalog = read_catalog(str(tmp_path), "auto")
    assert ("p/unnamed" in keys_of(catalog)) is is_image
    assert catalog.skipped == ({} if is_image else {"not images": 1})


def test_what_is_passed_over_is_counted(tmp_path: Path) -> None:
    touch(
        tmp_path, "p/a.jpg", "p/.hidden.jpg", ".git/a.jpg", "p/._a.jpg", "p/notes.txt", "stray.jpg"
    )
    os.mkfifo(tmp_path / "p/pipe.jpg")
    (tmp_path / "p/broken.jpg").symlink_to("nowhere")
    (tmp_path / "p/self.jpg").symlink_to("self.jpg")
    (tmp_path / "p/through-a-file").symlink_to("a.jpg/b")
    (tmp_path / os.fsdecode(b"p/\xff.jpg")).touch()
    catalog = read_catalog(str(tmp_path), "identity")
    assert keys_of(catalog) == ["p/a.jpg"]
    assert catalog.skipped == {
        "hidden": 3,
        "not images": 1,
        SPECIAL: 4,
        "names that are not UTF-8 (rename them)": 1,
        "images outside the layout 'identity'": 1,
    }


def test_linked_folders_and_images_are_followed(tmp_path: Path) -> None:
    outside = touch(tmp_path / "outside", "a.jpg", "deep/b.jpg")
    root = touch(tmp_path / "root", "p/c.jpg")
    (root / "q").symlink_to(outside)
    (root / "p/d.jpg").symlink_to(outside / "a.jpg")
    catalog = read_catalog(str(root), "auto")
    assert keys_of(catalog) == ["p/c.jpg", "p/d.jpg", "q/a.jpg", "q/deep/b.jpg"]


@pytest.mark.parametrize("target", [".", "..", "../..", "../../..", "/"])
def test_a_link_that_leads_back_up_is_not_followed(tmp_path: Path, target: str) -> None:
    root = touch(tmp_path / "root", "p/a.jpg")
    (root / "p/up").symlink_to(target)
    catalog = read_catalog(str(root), "auto")
    assert keys_of(catalog) == ["p/a.jpg"]
    assert catalog.skipped == {LOOPS: 1}


def test_two_folders_that_lead_to_each_other_are_listed_once_each_way(tmp_path: Path) -> None:
    ann, bob = touch(tmp_path / "ann", "1.jpg"), touch(tmp_path / "bob", "2.jpg")
    (ann / "friend").symlink_to(bob)
    (bob / "friend").symlink_to(ann)
    root = touch(tmp_path / "root", "carl/3.jpg")
    (root / "ann").symlink_to(ann)
    catalog = read_catalog(str(root), "auto")
    assert keys_of(catalog) == ["ann/1.jpg", "ann/friend/2.jpg", "carl/3.jpg"]
    assert catalog.skipped == {LOOPS: 1}


def test_a_linked_root_is_a_root(tmp_path: Path) -> None:
    touch(tmp_path / "real", "p/a.jpg")
    (tmp_path / "link").symlink_to("real")
    assert keys_of(read_catalog(str(tmp_path / "link"), "auto")) == ["p/a.jpg"]


def test_a_folder_that_may_not_be_read_is_counted(tmp_path: Path) -> None:
    touch(tmp_path, "raw/p/a.jpg", "raw/closed/b.jpg")
    (tmp_path / "raw/p/into").symlink_to("../closed/b.jpg")
    (tmp_path / "raw/closed").chmod(0)
    with without_privileges(tmp_path):
        catalog = read_catalog("raw", "auto")
    assert keys_of(catalog) == ["p/a.jpg"]
    assert catalog.skipped == {"folders that cannot be read": 1, SPECIAL: 1}


@pytest.mark.parametrize("root", ["closed", "closed/below"])
def test_a_root_that_may_not_be_read_is_refused(tmp_path: Path, root: str) -> None:
    touch(tmp_path, "closed/below/p/a.jpg")
    (tmp_path / "closed").chmod(0)
    with without_privileges(tmp_path):
        assert "cannot be read (Permission denied); name the one" in refusal(root)


def test_twenty_thousand_images_are_all_there(tmp_path: Path) -> None:
    source = touch(tmp_path / "source", "a.jpg") / "a.jpg"
    expected = [f"person_{n:03d}/{i:03d}.jpg" for n in range(200) for i in range(100)]
    for key in expected:
        if key.endswith("/000.jpg"):
            (tmp_path / "raw" / key).parent.mkdir(parents=True)
        os.link(source, tmp_path / "raw" / key)
    catalog = read_catalog(str(tmp_path / "raw"), "auto")
    assert keys_of(catalog) == expected
    assert (catalog.layout, catalog.identities) == ("identity", 200)


def test_archives_are_images_of_their_own_to_those_who_ask(tmp_path: Path) -> None:
    touch(tmp_path, "p/a.jpg", "lfw.tgz", "p/B.ZIP", "p/c.tar.gz/d.jpg", "p/e.rar", ".f.tar")
    archives: list[str] = []
    skipped = Counter[str]()
    assert sorted(image_keys(tmp_path, skipped, archives)) == ["p/a.jpg", "p/c.tar.gz/d.jpg"]
    assert sorted(archives) == ["lfw.tgz", "p/B.ZIP"]
    others = "archives other than .tar, .tar.gz, .tgz and .zip (unpack them)"
    assert skipped == {others: 1, "hidden": 1}


def test_archives_are_no_images_to_those_who_do_not(tmp_path: Path) -> None:
    touch(tmp_path, "p/a.jpg", "lfw.tgz", "p/b.zip", "p/e.rar", content=b"no image")
    skipped = Counter[str]()
    assert list(image_keys(tmp_path, skipped)) == ["p/a.jpg"]
    assert skipped == {"not images": 3}


def test_the_same_is_found_behind_a_url(tmp_path: Path) -> None:
    touch(tmp_path, "p/a.jpg", "p/photo", "lfw.tgz", "p/.b/c.jpg", "p/B.PNG")
    touch(tmp_path, "p/text", "p/t.txt", content=b"no image")
    here, there = list[str](), list[str]()
    local, remote = Counter[str](), Counter[str]()
    keys = sorted(image_keys(tmp_path, local, here))
    assert sorted(url_keys(f"file://{tmp_path}", remote, there)) == keys
    assert keys == ["p/B.PNG", "p/a.jpg", "p/photo"]
    assert here == there == ["lfw.tgz"]
    assert local == remote == {"hidden": 1, "not images": 2}


def test_a_listing_that_is_given_up_asks_for_nothing_more(
    s3_bucket: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceprep.image_folder._CHUNK", 16)
    with ThreadPoolExecutor(8) as pool:
        pool.map(lambda n: storage.write_bytes(f"{s3_bucket}/raw/p/{n:03d}", JPEG), range(64))
    s3_gate.requests.clear()
    keys = url_keys(f"{s3_bucket}/raw", Counter[str](), [])
    assert next(keys).startswith("p/")
    keys.close()  # type: ignore[attr-defined]
    asked = {request for request in s3_gate.requests if "/raw/p/" in request.partition("?")[0]}
    assert 0 < len({request.split()[1] for request in asked}) <= 16
    assert len(list(url_keys(f"{s3_bucket}/raw", Counter[str](), []))) == 64
