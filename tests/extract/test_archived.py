"""Sources with archives: the keys go through them, the layout is as if they were unpacked."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from faceprep import parts, storage
from faceprep.archives.reading import read_member
from faceprep.errors import InputError
from faceprep.extract.catalog import Catalog, doubt, read_catalog, source_images
from faceprep.extract.layouts import SCHEMA, SCHEMA_WITH_PLACES, SourceImage
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from tests.archives.made import JPEG, MAKERS, tar_of, tgz_of, zip_of
from tests.extract.trees import keys_of, refusal, touch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import Sample
    from tests.object_stores import Gate

LFW = ("lfw/Ann/1.jpg", "lfw/Ann/2.jpg", "lfw/Bob/1.jpg")


def files(*names: str) -> dict[str, bytes]:
    return {name: JPEG + name.encode() for name in names}


def put(folder: Path, archives: Mapping[str, bytes]) -> Path:
    for name, content in archives.items():
        touch(folder, name, content=content)
    return folder


def identities(catalog: Catalog) -> list[str]:
    found: list[str] = catalog.images["identity"].to_pylist()
    return found


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("itself", [True, False], ids=["the archive", "its folder"])
def test_lfw_as_it_is_distributed(
    tmp_path: Path, name: str, itself: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "faceprep")
    put(tmp_path, {name: MAKERS[name](files(*LFW))})
    catalog = read_catalog(str(tmp_path / name if itself else tmp_path), "auto")
    assert catalog.root == str(tmp_path)
    assert keys_of(catalog) == [f"{name}/{path}" for path in LFW]
    assert identities(catalog) == ["Ann", "Ann", "Bob"]
    assert catalog.layout == "identity"
    assert "everything lies in the folder lfw, which is passed over" in caplog.text


def test_youtube_faces_as_it_is_distributed(tmp_path: Path) -> None:
    names = [
        f"frame_images_DB/P_{p}/{clip}/{clip}.{n}.jpg" for p in "ab" for clip in "01" for n in "12"
    ]
    catalog = read_catalog(
        str(put(tmp_path, {"frame_images_DB.tar.gz": tgz_of(files(*names))})), "auto"
    )
    assert catalog.layout == "youtube-faces"
    assert identities(catalog) == ["P_a"] * 4 + ["P_b"] * 4
    assert catalog.images["clip"].to_pylist() == ["0", "0", "1", "1"] * 2


def test_one_archive_for_each_person_beside_folders(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "Ann.tar.gz": tgz_of(files("Ann/1.jpg", "Ann/2.jpg")),
            "Bob.zip": zip_of(files("1.jpg", "2.jpg")),
            "Cem/1.jpg": JPEG,
            "Dan/more.tar": tar_of(files("x/1.jpg")),
        },
    )
    catalog = read_catalog(str(tmp_path), "auto")
    assert identities(catalog) == ["Ann", "Ann", "Bob", "Bob", "Cem", "Dan"]
    assert keys_of(catalog)[-2:] == ["Cem/1.jpg", "Dan/more.tar/x/1.jpg"]


@pytest.mark.parametrize(
    ("names", "layout", "expected"),
    [
        (["Ann/1.jpg", "Ann/2.jpg"], "auto", ["Ann"]),  # no folders in it
        (["Ann/0/1.jpg", "Ann/1/1.jpg"], "youtube-faces", ["Ann"]),  # nothing would be left
        (["db/Ann/0/1.jpg", "db/Bob/1/1.jpg"], "youtube-faces", ["Ann", "Bob"]),
        (["a/x/1.jpg", "b/y/1.jpg"], "auto", ["a", "b"]),  # two folders
        (["a/1.jpg", "a/2.jpg", "a/x/1.jpg"], "auto", ["a"]),  # images in it too
        (["lfw-deep/lfw-deep/P/x.jpg", "lfw-deep/lfw-deep/Q/x.jpg"], "auto", ["P", "Q"]),
        (["d/I/001/frontal/1.jpg", "d/I/002/profile/1.jpg"], "auto", ["001", "002"]),
    ],
)  # fmt: skip
def test_which_folder_is_passed_over(
    tmp_path: Path, names: list[str], layout: str, expected: list[str]
) -> None:
    catalog = read_catalog(str(put(tmp_path, {"a.tar": tar_of(files(*names))})), layout)
    assert sorted(set(identities(catalog))) == expected


def test_a_folder_that_lies_outside_the_archives_is_not_passed_over(tmp_path: Path) -> None:
    catalog = read_catalog(str(put(tmp_path, {"raw/lfw.tar": tar_of(files(*LFW))})), "auto")
    assert set(identities(catalog)) == {"raw"}


def test_an_archive_beside_its_own_folder_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, {"lfw.tar": tar_of(files(*LFW)), **files(*LFW)})
    catalog = read_catalog(str(tmp_path), "auto")
    assert catalog.images.num_rows == 6
    assert set(identities(catalog)) == {"Ann", "Bob"}
    assert "3 images are there more than once, as folders that lie unpacked" in caplog.text
    assert "come out of several archives" not in caplog.text


def test_people_of_several_archives_that_come_out_as_one_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        put(tmp_path, {f"P{number}.zip": zip_of(files("images/001.jpg", f"images/{number}2.jpg"))})
    catalog = read_catalog(str(tmp_path), "auto")
    assert set(identities(catalog)) == {"images"}
    copies, merged = caplog.messages
    assert (
        "1 images are there more than once, as those of two copies of an archive are, or" in copies
    )
    assert "several archives hold folders of one name (such as images/001.jpg)" in copies
    assert merged == (
        f"{tmp_path}: 1 identities come out of several archives each, such as images out of P0.zip and "
        "P1.zip. If those are different people, unpack each archive into a folder of its own"
    )


def test_archives_that_share_nobody_are_not_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, {"a.tar": tar_of(files("Ann/1.jpg")), "b.zip": zip_of(files("Bob/1.jpg"))})
    put(tmp_path, {"Cem/1.tar": tar_of(files("1.jpg")), "Cem/2.tar": tar_of(files("2.jpg"))})
    assert set(identities(read_catalog(str(tmp_path), "auto"))) == {"Ann", "Bob", "Cem"}
    assert not caplog.messages


@pytest.mark.parametrize(
    ("name", "names", "line"),
    [
        ("a.zip", ["x/y/P/1.jpg", "x/y/Q/1.jpg"], "unpack a.zip and name the folder with the people"),
        ("raw/a.zip", ["P/1.jpg", "Q/1.jpg"], "name that level: {}/raw"),
        ("raw/P.zip", ["1.jpg"], "name that level: {}/raw"),
        ("a.zip", ["P/1.jpg", "Q/1.jpg"], None),
        ("a.zip", ["P/P/1.jpg"], None),
        ("P.zip", ["1.jpg"], None),
    ],
)  # fmt: skip
def test_one_folder_with_folders_in_it_may_be_nobody_in_archives_too(
    tmp_path: Path, name: str, names: list[str], line: str | None
) -> None:
    put(tmp_path, {name: zip_of(files(*names))})
    found = doubt(str(tmp_path), read_catalog(str(tmp_path), "identity"))
    if line is None:
        assert found is None
    else:
        assert found
        assert found.startswith(str(tmp_path))
        assert found.endswith(line.format(tmp_path))


def test_of_a_name_that_comes_twice_the_last_counts(tmp_path: Path) -> None:
    first, second = tar_of({"a/1.jpg": JPEG}), tar_of({"./a/1.jpg": JPEG + b"2", "b/1.jpg": JPEG})
    put(tmp_path, {"a.tar": first[:1024] + second})
    catalog = read_catalog(str(tmp_path), "auto")
    image = images_of(catalog)[0]
    assert image.place
    assert read_member(str(tmp_path), image.place, "") == JPEG + b"2"
    (reason,) = catalog.skipped
    assert "come again under the same name" in reason


def images_of(catalog: Catalog) -> list[SourceImage]:
    return [image for batch in catalog.images.to_batches() for image in source_images(batch)]


def test_places_go_with_the_catalogue_and_points_with_the_faces(tmp_path: Path) -> None:
    put(
        tmp_path / "raw",
        {"a.tgz": tgz_of(files(*LFW)), "b.zip": zip_of(files("x/1.jpg")), "c/1.jpg": JPEG},
    )
    catalog = read_catalog(str(tmp_path / "raw"), "auto")
    faces = tmp_path / "faces"
    faces.mkdir()
    catalog.keep_indexes(str(faces))
    parts.write_catalog(str(faces), 0, catalog.layout, catalog.images)
    (part,) = parts.planned_parts(str(faces))
    batch = parts.read_slice(str(faces), part)
    images = source_images(batch)
    assert images == images_of(catalog)
    assert len(parts.fingerprint("options", batch)) == 64
    assert [image.place is None for image in images] == [False] * 4 + [True]
    content = [
        read_member(catalog.root, image.place, str(faces)) for image in images if image.place
    ]
    assert content == list(files(*LFW, "x/1.jpg").values())


def test_without_archives_the_catalogue_is_as_ever(tmp_path: Path) -> None:
    put(tmp_path, {"a/1.jpg": JPEG, "a/x.tar.xz": b"", "a/x.7z": b""})
    catalog = read_catalog(str(tmp_path), "auto")
    assert catalog.images.schema == SCHEMA
    assert catalog.points is None
    assert catalog.skipped == {"archives other than .tar, .tar.gz, .tgz and .zip (unpack them)": 2}
    put(tmp_path, {"a/empty.zip": zip_of({})})
    assert read_catalog(str(tmp_path), "auto").images.schema == SCHEMA_WITH_PLACES


def test_an_archive_without_images_is_refused_with_what_there_is(tmp_path: Path) -> None:
    put(tmp_path, {"a.tar": tar_of({"a/x.txt": b"", "a/../x.jpg": b""})})
    message = refusal(tmp_path / "a.tar")
    assert "no images in it (skipped: 1 members of archives whose names point outside" in message


def test_images_that_do_not_lie_as_the_layout_says_are_refused(tmp_path: Path) -> None:
    put(tmp_path, {"a.tar": tar_of(files("a/1.jpg"))})
    assert "none of its 1 images lies as layout 'cfp' expects" in refusal(tmp_path, "cfp")


def test_a_damaged_archive_ends_it_with_its_name(tmp_path: Path) -> None:
    put(tmp_path, {"a/1.jpg": JPEG, "b/cut.tgz": tgz_of(files(*LFW))[:-9]})
    with pytest.raises(
        InputError, match=r"b/cut\.tgz: ends after .* part of it is missing; fetch or"
    ):
        read_catalog(str(tmp_path), "auto")


def test_archives_and_folders_behind_a_url(tmp_path: Path) -> None:
    put(tmp_path, {"a.tgz": tgz_of(files(*LFW)), "c/photo": JPEG, "c/.x.jpg": JPEG, "c/x": b"text"})
    url = f"file://{tmp_path}"
    catalog = read_catalog(url, "identity")
    assert keys_of(catalog) == [*(f"a.tgz/{name}" for name in LFW), "c/photo"]
    assert catalog.skipped == {"hidden": 1, "not images": 1}
    catalog.keep_indexes(str(tmp_path))
    first = images_of(catalog)[0]
    assert first.place
    assert read_member(url, first.place, str(tmp_path)) == files(*LFW)[LFW[0]]
    assert keys_of(read_catalog(f"{url}/a.tgz", "auto")) == [f"a.tgz/{name}" for name in LFW]


@pytest.mark.parametrize("name", ["raw.tar", "raw.tgz", "raw.zip"])
def test_archives_in_a_bucket_take_few_requests(
    tmp_path: Path, s3_bucket: str, s3_gate: Gate, name: str
) -> None:
    members = files(*(f"raw/p{number % 5}/{number:03d}.jpg" for number in range(60)))
    storage.write_bytes(f"{s3_bucket}/set/{name}", MAKERS[f"a.{name[4:]}"](members))
    before = len(s3_gate.requests)
    catalog = read_catalog(f"{s3_bucket}/set", "auto")
    assert len(s3_gate.requests) - before <= 6
    catalog.keep_indexes(str(tmp_path))
    images = images_of(catalog)
    before = len(s3_gate.requests)
    for image in images:
        assert image.place
        content = read_member(catalog.root, image.place, str(tmp_path))
        assert content == members[image.key.removeprefix(f"{name}/")]
    assert len(s3_gate.requests) - before <= len(images) + 2


def test_the_rows_are_those_of_the_folder(sample: Sample, tmp_path: Path) -> None:
    faces = {}
    shutil.make_archive(str(tmp_path / "raw"), "gztar", sample.root.parent, sample.root.name)
    for name, source in (("folder", sample.root), ("archive", tmp_path / "raw.tar.gz")):
        options = ExtractOptions()
        extract(str(source), str(tmp_path / name), options, workers=1)
        (part,) = parts.planned_parts(str(tmp_path / name))
        faces[name] = pq.read_table(tmp_path / name / part.name)
    keys = [key.removeprefix("raw.tar.gz/raw/") for key in faces["archive"]["key"].to_pylist()]
    assert keys == faces["folder"]["key"].to_pylist()
    assert faces["archive"].drop_columns("key").equals(faces["folder"].drop_columns("key"))
    assert faces["folder"].num_rows == len(sample.images)
