"""From photographs to shards, all of it in a bucket: the same bytes as on disk."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import open_faces
from faceprep.select.run import ensure_targets
from faceprep.shard.options import PairOptions
from faceprep.shard.run import shard_pairs
from faceprep.shard.write import Job
from faceprep.verify.run import verify
from tests.content import content

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.conftest import Sample

OPTIONS = PairOptions(split="train=1", shards=2)


def pipeline(source: str, root: str, options: PairOptions = OPTIONS, **job: bool) -> None:
    extract(source, f"{root}/faces", ExtractOptions(), workers=1)
    folder = open_faces(f"{root}/faces")
    ensure_targets(folder, workers=1)
    shard_pairs(folder, options, Job(f"{root}/shards", workers=1, **job))


def fetched(url: str, folder: Path) -> dict[str, bytes]:
    """What is in a folder of the bucket."""
    for name, _ in storage.find(url):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(storage.read_bytes(f"{url}/{name}"))
    return content(folder)


def test_a_bucket_holds_the_bytes_of_a_disk(
    sample: Sample, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for path in sample.root.rglob("*.jpg"):
        name = path.relative_to(sample.root).as_posix()
        storage.write_bytes(f"{s3_bucket}/raw/{name}", path.read_bytes())
    pipeline(str(sample.root), str(tmp_path / "near"))
    pipeline(f"{s3_bucket}/raw", s3_bucket)
    for folder in ("faces", "shards"):
        far = fetched(f"{s3_bucket}/{folder}", tmp_path / "far" / folder)
        assert far == content(tmp_path / "near" / folder)
    assert verify(f"{s3_bucket}/shards", workers=1).fault_count == 0
    assert not list(scratch.glob("faceprep.spool*"))


def test_scratch_files_of_other_options_are_not_taken_for_its_own(
    sample: Sample, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed when its scratch files are there leaves them for one with the same options."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    pipeline(str(sample.root), str(tmp_path / "near"), PairOptions(split="train=1", shards=3))
    with monkeypatch.context() as patch:
        patch.setattr("faceprep.shard.write._Writing._remove_spool", lambda _: None)
        pipeline(str(sample.root), s3_bucket)
    assert list(scratch.glob("faceprep.spool*"))
    folder = open_faces(f"{s3_bucket}/faces")
    options = PairOptions(split="train=1", shards=3)
    shard_pairs(folder, options, Job(f"{s3_bucket}/shards", workers=1, overwrite=True))
    far = fetched(f"{s3_bucket}/shards", tmp_path / "far")
    assert far == content(tmp_path / "near" / "shards")
