"""From faces and shards to a page: what is on it, how large it is, and what is refused."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from faceprep import storage
from faceprep.errors import FaceprepError, InputError, StorageError, UsageError
from faceprep.face_folder import FaceFolder, open_faces
from faceprep.report.run import report
from tests.inspect.made import crop, damage, face, make_data_set, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> FaceFolder:
    """Two people with a face each, one of whom has a hostile name, and an image without."""
    root = tmp_path_factory.mktemp("made")
    (root / "raw").mkdir()
    (root / "raw" / "x.jpg").write_bytes(crop(3))
    reject = replace(no_face("x.jpg", "ann"), sha256=hashlib.sha256(crop(3)).hexdigest())
    rows = [face("ann/1.jpg", "ann", 1), face("<b>/1.jpg", "<b>bob</b>", 2), reject]
    return open_faces(str(make_faces(root / "faces", rows)))


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two small data sets."""
    root = tmp_path_factory.mktemp("made") / "shards"
    make_data_set(root, "pairs", {"train": (3,), "test": (2,)})
    make_data_set(root, "cfp", {"ff01": (4,)}, label=[0, 1])
    return root


def test_a_page_shows_faces_and_data_sets(faces: FaceFolder, shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder" / "page.html"
    raw = faces.path.replace("faces", "raw")
    made = report(faces, str(shards), str(out), raw=raw)
    page = out.read_bytes()
    assert (made.path, made.bytes) == (str(out), len(page))
    assert (made.people, made.people_in_all, made.faces, made.faces_in_all) == (2, 2, 2, 2)
    assert (made.data_sets, made.notes) == (("pairs", "cfp"), ())
    for words in (b"ann", b"pairs/1.0.0", b"impostor", b"no_face"):
        assert words in page
    assert b"<b>bob" not in page
    assert b"shown without a picture" not in page
    assert page.count(b"made of other faces than those above") == 2
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]


def test_shards_alone_will_do_and_give_the_same_page_behind_a_url(
    shards: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    made = report(None, str(shards / "cfp"), str(out))
    assert (made.people, made.faces_in_all, made.data_sets) == (0, 0, ("cfp",))
    assert made.notes == ("no faces are shown, for there is no folder of them",)
    assert made.as_json()["seconds"] == round(made.seconds, 3)
    url = f"memory://{uuid4().hex}/page.html"
    report(None, str(shards / "cfp"), url)
    assert storage.read_bytes(url) == out.read_bytes()


def test_shards_that_nobody_named_may_be_missing(tmp_path: Path) -> None:
    made = report(None, "nowhere", str(tmp_path / "page.html"), tolerant=True)
    assert "nowhere: no shards there, so none are shown" in made.notes


def test_one_data_set_does_not_hide_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "shards"
    make_data_set(root, "pairs", {"train": (1,)}, finished=False)
    make_data_set(root, "triplets", {"train": (1,)})
    out = tmp_path / "page.html"
    with caplog.at_level(logging.WARNING, "faceprep"):
        made = report(None, str(root), str(out), tolerant=True)
    assert made.data_sets == ("triplets",)
    assert [record.getMessage() for record in caplog.records] == [
        f"{root}/pairs/1.0.0: unfinished; go on with the 'faceprep shard' command that began it; "
        "the page tells no more of it"
    ]
    assert b"unfinished" in out.read_bytes()
    with pytest.raises(InputError, match="unfinished"):
        report(None, str(root), str(out))


def test_damage_ends_it_before_a_page_is_written(tmp_path: Path) -> None:
    made = make_data_set(tmp_path / "shards", "pairs", {"train": (1,)})
    damage(made.folder / "pairs-train.tfrecord-00000-of-00001", 100)
    out = tmp_path / "page.html"
    out.write_text("the page of yesterday")
    with pytest.raises(InputError, match="record 0: the checksum of its content is wrong"):
        report(None, str(tmp_path / "shards"), str(out))
    assert out.read_text() == "the page of yesterday"


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ("", UsageError, "--out is ''; name a file that ends in .html"),
        ("faces", UsageError, "--out is 'faces'; name a file that ends in .html"),
        ("folder.html", UsageError, "folder.html is a folder; name a file"),
        ("file/page.html", StorageError, "file: a file stands where a folder is needed"),
        ("/dev/null/page.html", StorageError, "a file stands where a folder is needed"),
        ("nowhere://bucket/page.html", UsageError, "nowhere://bucket"),
    ],
)
def test_a_page_that_could_not_be_written_is_refused_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    out: str,
    error: type[FaceprepError],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(error, match=re.escape(message)):
        report(None, "shards that are never looked for", out)


def test_shards_that_are_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no shards there; make them with"):
        report(None, "nowhere", str(tmp_path / "page.html"))
