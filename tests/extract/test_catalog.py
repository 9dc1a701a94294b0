"""A data set's root to its catalogue, or to one line that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.extract.catalog import doubt, read_catalog, source_images
from faceprep.extract.layouts import SCHEMA, SourceImage
from tests.extract.trees import keys_of, refusal, touch

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_root_is_refused(tmp_path: Path) -> None:
    assert "no such folder; name the one with the images" in refusal(tmp_path / "nowhere")


def test_a_name_that_cannot_be_one_is_refused() -> None:
    assert "cannot be read (File name too long)" in refusal("x" * 300)


def test_an_empty_root_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith(": no images in it")


def test_a_root_without_images_is_refused_with_what_there_is(tmp_path: Path) -> None:
    touch(tmp_path, "p/notes.txt", "p/.hidden.jpg")
    assert "skipped: 1 hidden; skipped: 1 not images" in refusal(tmp_path)


def test_images_in_the_root_itself_are_refused_with_the_remedy(tmp_path: Path) -> None:
    assert "a folder of their own" in refusal(touch(tmp_path, "a.jpg"))


def test_images_that_do_not_lie_as_the_layout_says_are_refused(tmp_path: Path) -> None:
    message = refusal(touch(tmp_path, "p/a.jpg", "p/b.jpg"), "cfp")
    assert "none of its 2 images lies as layout 'cfp' expects" in message


@pytest.mark.parametrize("layout", ["identity", "youtube-faces", "cfp"])
def test_a_file_as_root_is_refused_with_the_layout_for_it(tmp_path: Path, layout: str) -> None:
    touch(tmp_path, "list.csv")
    assert "a table goes with --layout list" in refusal(tmp_path / "list.csv", layout)


def test_a_layout_gives_clips_and_views(tmp_path: Path) -> None:
    touch(tmp_path / "yt", "ann/0/1.jpg")
    touch(tmp_path / "cfp", "Data/Images/001/profile/01.jpg")
    (clip,) = read_catalog(str(tmp_path / "yt"), "auto").images.to_pylist()
    (view,) = read_catalog(str(tmp_path / "cfp"), "auto").images.to_pylist()
    assert clip == {"key": "ann/0/1.jpg", "identity": "ann", "clip": "0", "view": None}
    assert (view["identity"], view["clip"], view["view"]) == ("001", None, "profile")


def test_a_slice_becomes_source_images(tmp_path: Path) -> None:
    catalog = read_catalog(str(touch(tmp_path, "ann/0/1.jpg")), "auto")
    assert catalog.images.schema == SCHEMA
    (batch,) = catalog.images.to_batches()
    assert source_images(batch) == [SourceImage("ann/0/1.jpg", "ann", clip="0")]


def test_a_folder_behind_a_url_is_listed(tmp_path: Path) -> None:
    touch(tmp_path, "ann/0/1.jpg", "ann/0/.2.jpg", "ann/0/3.txt", "ann/0/photo")
    catalog = read_catalog(f"file://{tmp_path}", "auto")
    assert keys_of(catalog) == ["ann/0/1.jpg", "ann/0/photo"]
    assert (catalog.root, catalog.layout) == (f"file://{tmp_path}", "youtube-faces")
    assert catalog.images.schema == SCHEMA
    assert catalog.skipped == {"hidden": 1, "not images": 1}


def test_a_table_behind_a_url_is_refused() -> None:
    assert "must lie in a local folder" in refusal("gs://bucket/raw/list.csv")


@pytest.mark.parametrize("layout", ["auto", "list"])
def test_a_folder_behind_a_url_is_no_list(tmp_path: Path, layout: str) -> None:
    message = refusal(f"file://{tmp_path}", layout)
    assert ("no images in it" if layout == "auto" else "a table") in message


@pytest.mark.parametrize(
    ("keys", "level"),
    [
        (["lfw/Ann/1.jpg", "lfw/Bob/1.jpg"], "lfw"),
        (["lfw/lfw/Ann/1.jpg"], "lfw/lfw"),
        (["lfw/1.jpg", "lfw/Ann/1.jpg"], "lfw"),
        (["a/x/1.jpg", "b/1.jpg"], "a"),
        (["Ann/1.jpg", "Bob/1.jpg"], None),
        (["Ann/Ann/1.jpg"], None),
        (["a/x/1.jpg", "b/x/1.jpg", "c/x/1.jpg"], None),
    ],
)
def test_one_or_two_folders_with_folders_in_them_may_be_no_people(
    tmp_path: Path, keys: list[str], level: str | None
) -> None:
    source = str(touch(tmp_path, *keys))
    line = doubt(source, read_catalog(source, "identity"))
    if level is None:
        assert line is None
    else:
        assert line
        assert line.endswith(
            f"with folders in them. If people are a level below, name that level: {source}/{level}"
        )
