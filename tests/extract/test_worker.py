"""What a worker makes of the images of one part: rows, whatever the files are like."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from faceprep import face_worker, parts, records
from faceprep.engine import WorkerPool
from faceprep.errors import InputError
from faceprep.extract import worker
from faceprep.extract.catalog import read_catalog
from faceprep.extract.layouts import SourceImage
from faceprep.extract.options import ExtractOptions
from faceprep.extract.worker import ImageTask
from faceprep.parts import Counts
from tests.extract.one_part import OPTIONS, Row, extract, plan, task_for
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample


@pytest.fixture(scope="module")
def rows(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Those of the rendered sample, which makes one part."""
    folder = tmp_path_factory.mktemp("faces")
    catalog = read_catalog(str(sample.root), "identity")
    parts.write_catalog(str(folder), 0, "identity", catalog.images)
    counts, rows = extract(task_for(sample.root, folder))
    assert counts == Counts(images=len(sample.images), faces=len(rows))
    return rows


@pytest.fixture
def portrait(sample: Sample) -> Path:
    """A nearly frontal sample image."""
    return sample.root / sample.images[0].key


def test_each_image_gives_one_face(sample: Sample, rows: list[Row]) -> None:
    assert [row["key"] for row in rows] == sorted(image.key for image in sample.images)
    assert {row["status"] for row in rows} == {records.OK}
    assert all(row["identity"] == row["key"].split("/")[0] for row in rows)


def test_poses_are_near_the_true_ones(sample: Sample, rows: list[Row]) -> None:
    found = {row["key"]: row for row in rows}
    errors = [
        [abs(found[image.key][axis] - getattr(image, axis)) for axis in ("yaw", "pitch", "roll")]
        for image in sample.images
        if abs(image.yaw) <= 45 and abs(image.pitch) <= 25
    ]
    assert len(errors) > len(sample.images) / 2
    assert np.mean(errors, axis=0).max() <= 8  # degrees; how fine it is, tests/faces says


def test_the_crop_is_a_picture_of_the_size_asked_for(rows: list[Row]) -> None:
    for row in rows:
        with Image.open(io.BytesIO(row["crop"])) as crop:
            crop.load()
            assert (crop.format, crop.size) == ("JPEG", (OPTIONS.size, OPTIONS.size))


def test_a_row_names_its_source_by_hash_and_size(sample: Sample, rows: list[Row]) -> None:
    for row in rows:
        path = sample.root / row["key"]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        with Image.open(path) as image:
            assert (row["width"], row["height"]) == image.size


def test_a_row_is_consistent_in_itself(rows: list[Row]) -> None:
    for row in rows:
        left, right = np.reshape(row["keypoints"], (6, 2))[:2]
        assert row["eye_distance"] == pytest.approx(np.hypot(*(right - left)), rel=1e-5)
        assert row["frontality"] == pytest.approx(
            100 * np.cos(np.radians(row["yaw"])) ** 2 * np.cos(np.radians(row["pitch"])) ** 2,
            rel=1e-4,
        )
        assert (row["face_index"], row["face_count"], row["damaged"]) == (0, 1, False)
        assert (row["pose_source"], row["reason"]) == ("keypoints", None)


def test_files_that_are_no_images_are_rejected_with_the_reason(tmp_path: Path) -> None:
    root = tmp_path / "raw"
    (root / "p/folder.jpg").mkdir(parents=True)
    (root / "p/garbage.jpg").write_bytes(bytes(range(256)) * 10)
    (root / "p/empty.jpg").touch()
    reasons = {
        "p/empty.jpg": "the file is empty",
        "p/folder.jpg": "the file cannot be read: Is a directory",
        "p/garbage.jpg": "not an image of a supported format",
        "p/missing.jpg": "the file cannot be read: No such file or directory",
    }
    counts, rows = extract(task_for(root, plan(tmp_path / "faces", *reasons)))
    assert counts == Counts(images=4, rejects={records.UNREADABLE: 4})
    assert {row["key"]: row["reason"] for row in rows} == reasons
    assert {(row["identity"], row["clip"], row["crop"]) for row in rows} == {("ann", "0", None)}


def test_a_file_that_may_not_be_read_is_rejected_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "closed.jpg").touch(mode=0)
    plan(tmp_path / "faces", "closed.jpg").chmod(0o777)
    face_worker.self_test(OPTIONS)  # loads the kernel, which the other user might not be able to
    with without_privileges(tmp_path):
        _, (row,) = extract(task_for(".", "faces"))
    assert row["status"] == records.UNREADABLE
    assert row["reason"] == "the file cannot be read: Permission denied"


def test_rejects_of_sound_images_say_what_was_seen(tmp_path: Path) -> None:
    Image.new("RGB", (200, 100), "grey").save(tmp_path / "blank.png")
    folder = plan(tmp_path / "faces", "blank.png")
    _, (row,) = extract(task_for(tmp_path, folder))
    assert (row["status"], row["reason"]) == (records.NO_FACE, "no face found")
    assert (row["width"], row["height"], row["face_count"]) == (200, 100, 0)
    assert row["sha256"] == hashlib.sha256((tmp_path / "blank.png").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (ExtractOptions(max_pixels=100), records.TOO_LARGE),
        (ExtractOptions(min_face=4000), records.TOO_SMALL),
    ],
)
def test_limits_make_rejects(
    tmp_path: Path, portrait: Path, options: ExtractOptions, status: str
) -> None:
    folder = plan(tmp_path / "faces", portrait.name)
    counts, (row,) = extract(task_for(portrait.parent, folder, options=options))
    assert counts == Counts(images=1, rejects={status: 1})
    assert row["status"] == status
    assert "--m" in row["reason"]  # the option that decides


@pytest.mark.parametrize("status", [records.CRASHED, records.TIMEOUT])
def test_a_killer_is_recorded_without_being_opened(
    tmp_path: Path, portrait: Path, status: str
) -> None:
    (tmp_path / "ann.jpg").write_bytes(portrait.read_bytes())
    folder = plan(tmp_path / "faces", "ann.jpg", "missing.jpg")
    killers = {"missing.jpg": status}
    counts, (innocent, killer) = extract(task_for(tmp_path, folder, killers=killers))
    assert counts == Counts(images=2, faces=1, rejects={status: 1})
    assert innocent["status"] == records.OK
    assert killer["status"] == status
    assert "ended the worker" in killer["reason"]


@pytest.mark.parametrize(("rule", "kept"), [("all", 2), ("subject", 1)])
def test_every_kept_face_has_its_row(tmp_path: Path, sample: Sample, rule: str, kept: int) -> None:
    frontal = [image for image in sample.images if image.key.endswith("/00.jpg")][:2]
    pair = [Image.open(sample.root / image.key).resize((300, 300)) for image in frontal]
    together = Image.new("RGB", (600, 300))
    for index, image in enumerate(pair):
        together.paste(image, (300 * index, 0))
    together.save(tmp_path / "pair.png")
    folder = plan(tmp_path / "faces", "pair.png")
    counts, rows = extract(task_for(tmp_path, folder, options=ExtractOptions(face=rule)))
    assert counts == Counts(images=1, faces=kept)
    assert [(row["face_index"], row["face_count"]) for row in rows] == [(0, 2), (1, 2)][:kept]
    assert len({row["crop"] for row in rows}) == kept


def test_an_image_that_takes_too_long_ends_its_worker(tmp_path: Path, portrait: Path) -> None:
    image = SourceImage(portrait.name, "ann")
    patient = task_for(portrait.parent, tmp_path)
    tasks = [
        ImageTask(patient, image),
        ImageTask(task_for(portrait.parent, tmp_path, timeout=1e-5), image),
    ]
    with WorkerPool(1) as pool:
        crashes = [outcome.crash for outcome in pool.run(worker.try_image, tasks)]
    assert crashes == [None, "SIGALRM"]


def test_a_source_that_is_gone_leaves_the_part_undone(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    folder = plan(tmp_path / "faces", "ann/1.jpg")
    (tmp_path / "raw").rmdir()
    with pytest.raises(InputError, match="the source is out of reach"):
        extract(task_for(tmp_path / "raw", folder))
    assert not list(folder.glob("part-*"))


def test_a_file_that_is_gone_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    folder = plan(tmp_path / "faces", "ann/1.jpg")
    _, (row,) = extract(task_for(tmp_path / "raw", folder))
    assert row["status"] == "unreadable"
    assert row["reason"] == "the file cannot be read: No such file or directory"


def test_without_crops_there_is_no_pixel_and_all_else_is_as_ever(
    sample: Sample, rows: list[Row], tmp_path: Path
) -> None:
    catalog = read_catalog(str(sample.root), "identity")
    parts.write_catalog(str(tmp_path), 0, "identity", catalog.images)
    counts, bare = extract(task_for(sample.root, tmp_path, options=ExtractOptions(crops=False)))
    assert counts.faces == len(rows)
    assert bare == [{**row, "crop": None, "crop_bytes": None} for row in rows]
