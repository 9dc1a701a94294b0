"""What a worker says of stored faces: the mesh on a crop sees what it sees on the photograph."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pyarrow as pa
import pytest

from faceprep import part_file, parts, records
from faceprep.errors import InputError
from faceprep.extract.layouts import SCHEMA
from faceprep.extract.options import ExtractOptions
from faceprep.face_folder import open_faces, read_crops
from faceprep.faces.decode import decode
from faceprep.faces.detect import Box
from faceprep.faces.mesh import fit_mesh
from faceprep.faces.pose import CANONICAL_KEYPOINTS, facing_angle, rotation_matrix
from faceprep.select.candidates import COLUMNS
from faceprep.select.worker import MeshTask, StoredFace, box_in_crop, fit_part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from examples.sample_faces import SampleImage
    from tests.conftest import Sample

    Row = dict[str, Any]

OPTIONS = ExtractOptions()


def stored(row: Row) -> StoredFace:
    box = {name: row[name] for name in ("box_x", "box_y", "box_width", "box_height")}
    return StoredFace(row["row"], row["key"], keypoints=row["keypoints"], **box)


@pytest.fixture(scope="module")
def rows(extracted: Path) -> list[Row]:
    """Of the first part."""
    found = open_faces(str(extracted)).rows(COLUMNS).to_pylist()
    return [row for row in found if row["part"] == 0]


@pytest.fixture
def location(extracted: Path) -> str:
    return open_faces(str(extracted)).location(0)


@pytest.fixture
def truth(sample: Sample) -> dict[str, SampleImage]:
    """By the key in the crowd, whose first two letters say which copy it is."""
    return {image.key: image for image in sample.images}


def task_for(location: str, rows: Sequence[Row]) -> MeshTask:
    return MeshTask(0, location, OPTIONS, tuple(map(stored, rows)))


def test_poses_are_near_the_true_ones(
    location: str, rows: list[Row], truth: dict[str, SampleImage]
) -> None:
    poses = fit_part(task_for(location, rows[:24]))
    errors = []
    for row, pose in zip(rows, poses, strict=False):
        true = truth[row["key"][2:]]
        if abs(true.yaw) <= 45 and abs(true.pitch) <= 25:
            assert pose is not None, row["key"]
            errors.append([abs(pose.yaw - true.yaw), abs(pose.pitch - true.pitch)])
    assert len(errors) > 12
    assert np.mean(errors, axis=0).max() < 5  # degrees; how fine it is, tests/faces says
    assert np.max(errors) < 12


def test_the_mesh_sees_in_the_crop_what_it_sees_in_the_photograph(
    location: str, rows: list[Row], truth: dict[str, SampleImage], sample: Sample
) -> None:
    frontal = [row for row in rows if row["key"].endswith("/00.jpg")]
    for row, pose in zip(frontal, fit_part(task_for(location, frontal)), strict=True):
        photograph = decode((sample.root / row["key"][2:]).read_bytes(), 10**8).pixels
        box = Box(row["box_x"], row["box_y"], row["box_width"], row["box_height"])
        fit = fit_mesh(photograph, box)
        assert fit is not None
        assert pose is not None
        turned = np.array([[pose.yaw, fit.pose.yaw], [pose.pitch, fit.pose.pitch]])
        assert np.ptp(facing_angle(*turned)) < 1.5


def test_faces_that_are_asked_for_are_those_that_are_answered(
    location: str, rows: list[Row]
) -> None:
    all_of_them = fit_part(task_for(location, rows))
    some = [3, 17, len(rows) - 1]
    assert fit_part(task_for(location, [rows[i] for i in some])) == [all_of_them[i] for i in some]


def head(roll: float, scale: float, origin: tuple[float, float]) -> list[float]:
    """Keypoints of an upright or tilted frontal head, `scale` pixels per centimetre."""
    points = scale * (CANONICAL_KEYPOINTS @ rotation_matrix(0, 0, roll).T)[:, :2] + origin
    found: list[float] = points.ravel().tolist()
    return found


def in_crop(roll: float = 0.0, scale: float = 10.0, **options: Any) -> Box:
    """Of a face at (500, 400) whose box is 150 x 170 pixels and ends where its crop does not."""
    keypoints = head(roll, scale, (500.0, 400.0))
    face = StoredFace(0, "ann/1", 425.0, 315.0, 150.0, 170.0, keypoints)
    return box_in_crop(face, ExtractOptions(**options))


@pytest.mark.parametrize(("size", "margin"), [(160, 0.0), (100, 0.0), (180, 0.25)])
def test_a_box_crop_shows_the_box_in_its_middle(size: int, margin: float) -> None:
    box, inner = in_crop(align="box", size=size, margin=margin), size / (1 + 2 * margin)
    assert (box.width, box.height) == pytest.approx((inner, inner))
    assert box.center == pytest.approx([size / 2, size / 2])


@pytest.mark.parametrize("align", ["eyes", "arcface"])
@pytest.mark.parametrize("roll", [0.0, -35.0, 90.0])
def test_the_box_keeps_its_place_on_the_head_however_that_is_tilted(
    align: str, roll: float
) -> None:
    pose = "mesh" if align == "arcface" else "keypoints"
    upright, tilted = in_crop(0.0, align=align, pose=pose), in_crop(roll, align=align, pose=pose)
    assert tilted.center == pytest.approx(upright.center)
    assert tilted.side == pytest.approx(upright.side)
    assert in_crop(roll, 20.0, align=align, pose=pose).side == pytest.approx(upright.side / 2)


def test_the_box_of_an_eyes_crop_is_scaled_with_the_head() -> None:
    assert in_crop(size=160, margin=0.0).side == pytest.approx(170 * 160 / (17.0 * 10.0), rel=1e-4)


@pytest.fixture
def crop(location: str) -> bytes:
    return next(read_crops(location, [0]))


def one_face(folder: Path, crop: bytes) -> MeshTask:
    """A part with one face, whose crop is these bytes."""
    columns = {"key": ["ann/1"], "identity": ["ann"], "clip": ["0"], "view": [None]}
    folder.mkdir()
    parts.write_catalog(str(folder), 0, "identity", pa.Table.from_pydict(columns, SCHEMA))
    [part] = parts.planned_parts(str(folder))
    row = records.FaceRow("ann/1", "ann", records.OK, face_index=0, crop=crop)
    part_file.write_part(str(folder), part, "made up", [[row]])
    face = StoredFace(0, "ann/1", 30.0, 30.0, 100.0, 100.0, head(0.0, 8.0, (80.0, 80.0)))
    return MeshTask(0, str(folder / part.name), OPTIONS, (face,))


@pytest.mark.parametrize("damage", ["no image", "cut off", "empty", "too large"])
def test_a_damaged_crop_is_named_with_its_part(tmp_path: Path, crop: bytes, damage: str) -> None:
    large = png(np.repeat(decode(crop, 10**6).pixels, 2, axis=1))
    content = {"no image": b"nonsense", "cut off": crop[:-900], "empty": b"", "too large": large}
    task = one_face(tmp_path / "faces", content[damage])
    with pytest.raises(InputError) as caught:
        fit_part(task)
    assert str(caught.value).startswith(f"{task.location}: the crop of ann/1 does not decode (")
    assert str(caught.value).endswith("; run 'faceprep verify'")


def png(pixels: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def test_a_crop_without_a_face_is_refused(tmp_path: Path) -> None:
    grey = png(np.full((160, 160, 3), 128, np.uint8))
    assert fit_part(one_face(tmp_path / "faces", grey)) == [None]


def test_a_part_that_is_gone_is_named(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "part-00000-of-00001.parquet")
    with pytest.raises(InputError, match=f"{re.escape(nowhere)}: not a readable part"):
        fit_part(MeshTask(0, nowhere, OPTIONS, ()))


def test_the_workers_code_does_not_load_tensorflow(location: str, rows: list[Row]) -> None:
    program = (
        "import pickle, sys; from faceprep.select.worker import fit_part;"
        "fit_part(pickle.load(sys.stdin.buffer)); print('tensorflow' in sys.modules)"
    )
    task = pickle.dumps(task_for(location, rows[:1]))
    run = subprocess.run(
        [sys.executable, "-c", program], input=task, capture_output=True, check=True
    )
    assert run.stdout.strip() == b"False"
