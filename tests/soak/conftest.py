"""A small data set that went through the real stages."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import open_faces
from faceprep.select.options import SelectOptions
from faceprep.select.run import select
from faceprep.shard.options import PairOptions
from faceprep.shard.run import shard_pairs
from faceprep.shard.write import Job
from faceprep.verify.run import verify
from tests.soak.build import build
from tests.soak.catalogue import scaled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import Sample

SMALL = scaled(240)


@dataclasses.dataclass(frozen=True)
class Done:
    """A folder through which everything went, and what the stages said."""

    folder: Path
    pictures: int
    said: Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="session")
def done(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Of the pictures one shows nobody."""
    folder = tmp_path_factory.mktemp("soak")
    source = shutil.copytree(sample.root, folder / "source")
    (source / "nobody.jpg").write_bytes(b"no image")
    pictures = build(folder, SMALL, source)
    faces, shards = str(folder / "faces"), str(folder / "shards")
    said = {"extract": extract(str(folder / "raw"), faces, ExtractOptions(), workers=1).as_json()}
    opened = open_faces(faces)
    said["select"] = select(opened, SelectOptions(keep_conflicts=True), workers=1).as_json()
    options = PairOptions(keep_conflicts=True)
    said["shard"] = shard_pairs(opened, options, Job(shards, workers=1)).as_json()
    said["verify faces"] = verify(faces, workers=1).as_json()
    said["verify shards"] = verify(shards, workers=1).as_json()
    return Done(folder, pictures, said)
