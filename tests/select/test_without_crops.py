"""Targets of faces that were extracted without crops: the stored poses decide, and it is said so."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.export.options import ExportOptions
from faceprep.export.plan import plan
from faceprep.extract.options import ExtractOptions
from faceprep.face_folder import open_faces
from faceprep.select.options import SelectOptions
from faceprep.select.run import select
from faceprep.shard.faces import read_faces
from faceprep.targets import NAME, read_targets
from tests.inspect.made import face, make_faces

if TYPE_CHECKING:
    from pathlib import Path

BARE = {"crop": None, "crop_bytes": None}


def bare(folder: Path, *sources: str, **options: object) -> Path:
    """Three faces of ann, at yaws of 0, -10 and -20 degrees, each pose from such a source."""
    rows = [
        face(f"ann/{number}.jpg", "ann", number, pose_source=source, **BARE)
        for number, source in enumerate(sources)
    ]
    settings = dataclasses.asdict(ExtractOptions(layout="identity", crops=False))
    return make_faces(folder, rows, **{**settings, **options})


@pytest.mark.parametrize(
    ("pose", "sources", "looked", "refused", "source", "reason"),
    [
        (*("keypoints", ["keypoints"] * 3, 0, 0, "keypoints"), "there are no crops for the mesh"),
        (*("mesh", ["mesh"] * 3, 3, 0, "mesh"), "most frontal, at 3."),
        (*("mesh", ["keypoints", "mesh", "mesh"], 3, 1, "mesh"), "most frontal, at 10.5"),
        (*("mesh", ["keypoints"] * 3, 3, 3, "keypoints"), "since the mesh refuses all"),
    ],
)
def test_the_stored_poses_decide(
    tmp_path: Path,
    pose: str,
    sources: list[str],
    looked: int,
    refused: int,
    source: str,
    reason: str,
) -> None:
    folder = bare(tmp_path / "faces", *sources, pose=pose)
    summary = select(open_faces(str(folder)), SelectOptions())
    assert (summary.targets, summary.mesh, summary.refused, summary.workers) == (
        1,
        looked,
        refused,
        0,
    )
    chosen = read_targets(str(folder / NAME))
    assert chosen is not None
    (row,) = chosen.rows.to_pylist()
    assert row["angle_source"] == source
    assert reason in row["reason"]


def test_what_is_of_no_use_without_pictures_says_so(tmp_path: Path) -> None:
    folder = open_faces(str(bare(tmp_path / "faces", "keypoints")))
    with pytest.raises(
        InputError, match="extracted with --no-crops, so there are no pictures of them"
    ):
        plan(folder, ExportOptions(), None)
    with pytest.raises(
        InputError, match="extract again without it, with --overwrite or into another"
    ):
        read_faces(folder)
