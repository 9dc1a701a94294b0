"""What a worker makes of images in a bucket, and of a bucket that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep import face_worker, parts, records, storage
from faceprep.engine import WorkerPool
from faceprep.errors import InputError
from faceprep.extract import worker
from faceprep.extract.catalog import read_catalog
from tests.extract.one_part import OPTIONS, PART, extract, plan, task_for
from tests.object_stores import Fault, s3_error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample
    from tests.object_stores import Gate


@pytest.fixture
def in_bucket(s3_bucket: str, sample: Sample) -> str:
    """The sample's images behind a URL."""
    for image in sample.images:
        storage.write_bytes(f"{s3_bucket}/raw/{image.key}", (sample.root / image.key).read_bytes())
    return s3_bucket


def test_a_part_of_a_bucket_has_the_bytes_of_one_of_a_folder(
    in_bucket: str, sample: Sample, tmp_path: Path
) -> None:
    """In a worker process, with the faces going to the bucket too."""
    images = read_catalog(str(sample.root), "identity").images
    tasks = []
    for root, folder in (
        (str(sample.root), str(tmp_path)),
        (f"{in_bucket}/raw", f"{in_bucket}/faces"),
    ):
        parts.write_catalog(folder, 0, "identity", images)
        tasks.append(task_for(root, folder))
    with WorkerPool(1) as pool:
        counts = {str(outcome.result) for outcome in pool.run(worker.extract_part, tasks)}
    assert len(counts) == 1
    assert (
        storage.read_bytes(f"{in_bucket}/faces/{PART.name}") == (tmp_path / PART.name).read_bytes()
    )
    assert storage.names(f"{in_bucket}/faces") == ["catalog.arrow", PART.name]


def test_what_cannot_be_read_in_a_bucket_is_a_row(bucket: str, tmp_path: Path) -> None:
    storage.write_bytes(f"{bucket}/raw/p/garbage.jpg", bytes(range(256)) * 10)
    storage.write_bytes(f"{bucket}/raw/p/empty.jpg", b"")
    reasons = {
        "p/empty.jpg": "the file is empty",
        "p/garbage.jpg": "not an image of a supported format",
        "p/missing.jpg": "the file cannot be read: No such file or directory",
    }
    _, rows = extract(task_for(f"{bucket}/raw", plan(tmp_path / "faces", *reasons)))
    assert {row["key"]: row["reason"] for row in rows} == reasons


def test_a_closed_file_in_a_bucket_is_a_row(s3_bucket: str, s3_gate: Gate, tmp_path: Path) -> None:
    folder = plan(tmp_path / "faces", "p/closed.jpg")
    s3_gate.faults.extend([Fault(403, s3_error("AccessDenied"))] * 2)  # both ways to it
    _, (row,) = extract(task_for(f"{s3_bucket}/raw", folder))
    assert row["status"] == records.UNREADABLE
    assert row["reason"].startswith("the file cannot be read: no permission (AccessDenied)")


def test_a_bucket_that_is_gone_leaves_the_part_undone(bucket: str, tmp_path: Path) -> None:
    folder = plan(tmp_path / "faces", "p/a.jpg")
    with pytest.raises(InputError, match="there is no such bucket"):
        extract(task_for(f"{bucket}-gone/raw", folder))
    assert not list(folder.glob("part-*"))


def test_a_bucket_that_may_not_be_read_any_more_leaves_the_part_undone(
    s3_bucket: str, s3_gate: Gate, tmp_path: Path
) -> None:
    folder = plan(tmp_path / "faces", "p/a.jpg")
    s3_gate.faults.extend([Fault(403, s3_error("AccessDenied"))] * 9)
    with pytest.raises(InputError, match=r"no permission \(AccessDenied\)"):
        extract(task_for(f"{s3_bucket}/raw", folder))
    assert not list(folder.glob("part-*"))


def test_fetching_takes_nothing_of_the_time_for_an_image(
    s3_bucket: str, s3_gate: Gate, sample: Sample, tmp_path: Path
) -> None:
    """A slow server is not the image's fault."""
    storage.write_bytes(
        f"{s3_bucket}/raw/ann.jpg", (sample.root / sample.images[0].key).read_bytes()
    )
    folder = plan(tmp_path / "faces", "ann.jpg")
    face_worker.self_test(OPTIONS)
    s3_gate.delay = 2.5
    _, (row,) = extract(task_for(f"{s3_bucket}/raw", folder, timeout=2.0))
    assert row["status"] == records.OK
