"""Files and folders to images and the names of what is made of them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from faceprep.errors import InputError
from faceprep.predict.image_list import picture_name, read_images
from tests.faces.images import encoded_upright
from tests.tasks import without_privileges

JPEG = encoded_upright("JPEG")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(*names: str, content: bytes = JPEG) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def stems(*locations: str) -> dict[str, str]:
    images = read_images(locations)
    return dict(zip(images.paths, images.stems, strict=True))


def test_a_folder_is_searched_to_its_depths_and_sorted() -> None:
    make("photos/b.jpg", "photos/ann/2.jpg", "photos/ann/1.jpg", "photos/a/b/c.PNG")
    images = read_images(["photos"])
    expected = ["photos/a/b/c.PNG", "photos/ann/1.jpg", "photos/ann/2.jpg", "photos/b.jpg"]
    assert list(images.paths) == expected
    assert images.stems == ("a_b_c", "ann_1", "ann_2", "b")
    assert images.folders == ("photos",)
    assert images.skipped == {}


def test_what_is_no_image_in_a_folder_is_passed_over_and_counted() -> None:
    make("photos/a.jpg", "photos/.hidden.jpg")
    make("photos/notes.txt", "photos/list.csv", "photos/no_ending", content=b"words")
    images = read_images(["photos"])
    assert images.paths == ("photos/a.jpg",)
    assert images.skipped == {"not images": 3, "hidden": 1}


def test_a_file_that_is_named_is_taken_whatever_it_is() -> None:
    make("notes.txt", content=b"words")
    assert read_images(["notes.txt"]).paths == ("notes.txt",)


def test_files_stay_in_the_order_they_were_named() -> None:
    make("b.jpg", "a.jpg", "more/c.jpg")
    assert read_images(["b.jpg", "more", "a.jpg"]).paths == ("b.jpg", "more/c.jpg", "a.jpg")


def test_an_image_named_twice_is_there_once() -> None:
    make("photos/a.jpg", "photos/b.jpg")
    images = read_images(["photos/b.jpg", "photos", "./photos/../photos/a.jpg", "photos/b.jpg"])
    assert images.paths == ("photos/b.jpg", "photos/a.jpg")
    assert images.skipped == {"named more than once": 3}


def test_images_of_one_name_in_different_folders_get_different_names() -> None:
    make("x/ann/01.jpg", "x/bob/01.jpg", "y/01.jpg")
    assert stems("x/ann/01.jpg", "x/bob/01.jpg") == {
        "x/ann/01.jpg": "ann_01",
        "x/bob/01.jpg": "bob_01",
    }
    assert stems("x", "y/01.jpg") == {
        "x/ann/01.jpg": "x_ann_01",
        "x/bob/01.jpg": "x_bob_01",
        "y/01.jpg": "y_01",
    }


def test_names_that_would_clash_carry_a_hash() -> None:
    make("a.jpg", "a.png", "A.jpg", "b_c.jpg", "b/c.jpg")
    found = stems("a.jpg", "a.png", "A.jpg", "b_c.jpg", "b/c.jpg")
    assert len({name.lower() for name in found.values()}) == 5
    assert all(len(name.rpartition("-")[2]) == 8 for name in found.values())


def test_names_do_not_depend_on_where_the_command_runs(tmp_path: Path) -> None:
    make("in/photos/a.jpg", "in/photos/a.png")
    here = list(stems("in/photos").values())
    os.chdir("in")
    assert list(stems("photos").values()) == here
    assert list(stems(str(tmp_path / "in/photos")).values()) == here


def test_no_picture_is_called_as_another() -> None:
    names = ["a", "a-face1", "a-face1_", "a-face01", "A-FACE1", "a-ｆace1", "b"]
    make(*(f"all/{folder}/{name}.jpg" for folder in ("x", "y") for name in names))
    pictures = [picture_name(stem, face) for stem in stems("all").values() for face in range(3)]
    folded = {unicodedata.normalize("NFKC", picture).casefold() for picture in pictures}
    assert len(folded) == len(pictures) == 2 * 7 * 3


def test_names_are_safe() -> None:
    make("odd/a:b|c?.jpg", "odd/-rf.jpg", "odd/con.jpg", "odd/" + "ü" * 120 + ".jpg")
    found = stems("odd")
    assert found["odd/a:b|c?.jpg"] == "a%3Ab%7Cc%3F"
    assert found["odd/con.jpg"] == "%63on"
    assert all(len(picture_name(stem, 9999).encode()) <= 160 for stem in found.values())


def test_picture_names() -> None:
    assert [picture_name("ann_1", face) for face in (0, 1, 12)] == [
        "ann_1.png",
        "ann_1-face1.png",
        "ann_1-face12.png",
    ]


@pytest.mark.parametrize(
    ("locations", "message"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["photos", "nowhere.jpg"], "nowhere.jpg: no such file or folder"),
        ([""], "one of IMAGES is empty"),
        (["empty"], "empty: no images in it$"),
        (["empty", "texts"], r"empty, texts: no images in it \(1 not images\)"),
        (["s3://bucket/a.jpg"], "s3://bucket/a.jpg: images must be local files; copy them first"),
        (["a\udce4.jpg"], "its name is not UTF-8; rename it"),
        (["photos/a.jpg/more"], r"photos/a.jpg/more: cannot be read \(Not a directory\)"),
    ],
)
def test_what_cannot_be_a_list(locations: list[str], message: str) -> None:
    make("photos/a.jpg")
    make("texts/a.txt", content=b"words")
    Path("empty").mkdir()
    with pytest.raises(InputError, match=message):
        read_images(locations)


def test_a_closed_folder_is_named(tmp_path: Path) -> None:
    make("closed/a.jpg")
    Path("closed").chmod(0)
    with without_privileges(tmp_path), pytest.raises(InputError, match="closed: cannot be read"):
        read_images(["closed"])
    Path("closed").chmod(0o755)
