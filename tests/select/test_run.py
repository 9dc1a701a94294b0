"""The stage end to end: extracted faces to `targets.parquet`, in processes."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faceprep import storage
from faceprep.errors import FaceprepError, InputError, StorageError, UsageError
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import open_faces
from faceprep.faces.pose import Pose, facing_angle
from faceprep.select.candidates import COLUMNS
from faceprep.select.options import SelectOptions
from faceprep.select.run import SelectSummary, ensure_targets, select
from faceprep.select.worker import MeshTask, StoredFace, fit_part
from faceprep.targets import NAME, read_targets

if TYPE_CHECKING:
    from faceprep.face_folder import FaceFolder
    from tests.conftest import Sample

DEFAULTS = SelectOptions()


def run(folder: Path, workers: int = 1, **options: Any) -> SelectSummary:
    return select(open_faces(str(folder)), SelectOptions(**options), workers=workers)


@pytest.fixture
def frontal(sample: Sample) -> set[str]:
    """Keys of the images that were rendered so."""
    return {image.key for image in sample.images if np.hypot(image.yaw, image.pitch) < 4}


def chosen(folder: Path) -> pd.DataFrame:
    """The table, by identity."""
    return pd.read_parquet(folder / NAME).set_index("identity", drop=False)


def content(folder: Path) -> dict[str, bytes]:
    """Name to bytes of every file but the targets, hidden ones included."""
    files = (path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    return {path.name: path.read_bytes() for path in files}


def made(raw: Path, **options: Any) -> Path:
    """Extract a root into a folder beside it."""
    out = raw.parent / "extracted"
    extract(str(raw), str(out), ExtractOptions(**options), workers=1)
    return out


def test_the_target_of_everybody_is_a_picture_that_was_rendered_frontal(
    faces: Path, frontal: set[str]
) -> None:
    summary = run(faces)
    found = chosen(faces)
    assert list(found.identity) == sorted(found.identity)
    assert len(found) == 24
    assert {key[2:] for key in found.key} <= frontal
    assert (found.angle < 8).all()
    assert (found.angle_source == "mesh").all()
    assert dataclasses.replace(summary, seconds=1.5) == SelectSummary(
        identities=24,
        targets=24,
        faces=144,
        conflicts=0,
        duplicates=0,
        mesh=144,
        refused=0,
        seconds=1.5,
        workers=1,
    )


def test_any_number_of_workers_gives_the_same_bytes(faces: Path) -> None:
    found = []
    for given, at_work in [(1, 1), (2, 2), (16, 2)]:  # there are two parts
        assert run(faces, workers=given, shortlist=3).workers == at_work
        found.append((faces / NAME).read_bytes())
    assert found[0] == found[1] == found[2]


def test_choosing_again_otherwise_changes_the_targets_alone(faces: Path) -> None:
    before = content(faces)
    run(faces, shortlist=1)
    first = (faces / NAME).read_bytes()
    summary = run(faces, max_angle=0.0, shortlist=2)
    assert (summary.targets, summary.without, summary.mesh) == (0, 24, 48)
    assert (faces / NAME).read_bytes() != first
    assert content(faces) == before


def test_the_file_says_of_what_faces_and_how_it_was_chosen(faces: Path) -> None:
    run(faces, shortlist=3)
    found = read_targets(str(faces / NAME))
    assert found is not None
    assert found.options == dataclasses.asdict(SelectOptions(shortlist=3))
    assert found.faces == open_faces(str(faces)).digest


def test_the_summary_is_one_flat_object(faces: Path) -> None:
    shown = run(faces, max_angle=0.0, shortlist=1).as_json()
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["identities"], shown["targets"], shown["without"]) == (24, 0, 24)
    assert all(isinstance(value, int | float) for value in shown.values())


def test_a_few_of_those_without_a_target_are_named(
    faces: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "faceprep"):
        run(faces, max_angle=0.0, shortlist=1)
    [words] = [text for text in caplog.messages if text.startswith("without a target")]
    assert words.startswith("without a target: 24 of 24: 0_person_00 (")
    assert words.endswith("°), …")


@pytest.fixture
def muddle(sample: Sample, tmp_path: Path) -> Path:
    """The sample with pictures under a second name, copies, and somebody without a face."""
    raw = shutil.copytree(sample.root, tmp_path / "raw")
    shutil.copy(raw / "person_00/00.jpg", raw / "person_01/99.jpg")
    shutil.copy(raw / "person_02/03.jpg", raw / "person_02/000.jpg")
    shutil.copytree(raw / "person_03", raw / "person_03_again")
    (raw / "wall").mkdir()
    Image.new("RGB", (200, 200), "grey").save(raw / "wall/1.png")
    return made(raw)


def test_conflicts_copies_and_people_without_a_face(
    muddle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    summary, found = run(muddle), chosen(muddle)
    assert (summary.conflicts, summary.duplicates) == (1 + 6, 1)
    assert (summary.identities, summary.targets, summary.faces) == (6, 2, 5 + 6 + 6)
    assert found.key["person_01"] == "person_01/00.jpg"
    assert found.key["person_02"] == "person_02/000.jpg"
    assert found.reason["person_00"].startswith("no face within 20°")
    assert found.reason["person_03"] == "its pictures are under other identities too"
    assert found.reason["wall"] == "no face found"
    [warning] = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert warning.startswith("left out: 7 pictures that are under several identities")
    assert warning.endswith("for instance person_00/00.jpg and person_01/99.jpg")


def test_clips_have_targets_of_their_own(sample: Sample, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for image in sample.images:
        name = Path(image.key).name
        clip = "even" if int(name[:2]) % 2 == 0 else "odd"
        (raw / image.identity / clip).mkdir(parents=True, exist_ok=True)
        shutil.copy(sample.root / image.key, raw / image.identity / clip / name)
    out = made(raw, layout="youtube-faces")
    summary = run(out, per="clip", max_angle=90.0)
    found = pd.read_parquet(out / NAME)
    assert (summary.identities, summary.targets) == (8, 8)
    assert [key.rsplit("/", 1)[0] for key in found.key] == [
        f"person_{number:02d}/{clip}" for number in range(4) for clip in ("even", "odd")
    ]
    assert list(found["clip"]) == ["even", "odd"] * 4
    assert run(out).identities == 4
    assert chosen(out)["clip"].isna().all()


def test_clips_cannot_be_told_apart_where_there_are_none(faces: Path) -> None:
    with pytest.raises(UsageError, match=r"no face in .* has a clip \(its layout is identity\)"):
        run(faces, per="clip")
    assert not (faces / NAME).exists()


@pytest.mark.parametrize("align", ["eyes", "arcface"])
def test_where_extract_had_the_mesh_its_poses_are_taken(
    sample: Sample, frontal: set[str], tmp_path: Path, align: str
) -> None:
    out = made(shutil.copytree(sample.root, tmp_path / "raw"), pose="mesh", align=align)
    summary, found = run(out, shortlist=2), chosen(out)
    assert (summary.workers, summary.mesh, summary.refused) == (0, 8, 0)
    assert set(found.key) <= frontal
    assert (found.yaw == found.mesh_yaw).all()
    assert (found.pitch == found.mesh_pitch).all()


def test_a_folder_without_a_face_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "raw/wall").mkdir(parents=True)
    Image.new("RGB", (200, 200), "grey").save(tmp_path / "raw/wall/1.png")
    with pytest.raises(FaceprepError) as caught:
        run(made(tmp_path / "raw"))
    assert str(caught.value).endswith("no face to choose from: none of its 1 images has one")


def test_faces_in_conflict_are_nobodys_unless_they_are_kept(sample: Sample, tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        shutil.copytree(sample.root / "person_00", tmp_path / "raw" / name)
    out = made(tmp_path / "raw")
    with pytest.raises(FaceprepError, match="all 6 pictures with a face are under several"):
        run(out)
    ensure_targets(open_faces(str(out)), keep_conflicts=True, workers=1)
    assert chosen(out).key.to_dict() == {"ann": "ann/00.jpg", "bob": "bob/00.jpg"}


def test_nothing_is_chosen_from_faces_that_are_being_deleted(faces: Path) -> None:
    folder = open_faces(str(faces))
    with storage.in_use(str(faces), alone=True), pytest.raises(StorageError, match="another run"):
        select(folder, DEFAULTS)


def test_options_of_another_version_are_said(faces: Path) -> None:
    folder = open_faces(str(faces))
    strange = dataclasses.replace(folder, options={**folder.options, "zoom": 2})
    with pytest.raises(InputError, match=r"extract\.json: its options are not those .*zoom"):
        select(strange, DEFAULTS)


def test_targets_are_chosen_where_there_are_none_and_then_kept(faces: Path) -> None:
    folder = open_faces(str(faces))
    ensure_targets(folder, workers=2)
    assert read_options(faces) == dataclasses.asdict(DEFAULTS)
    run(faces, max_angle=1.0, shortlist=1)
    stamp = (faces / NAME).stat().st_mtime_ns
    ensure_targets(folder, workers=1)
    assert (faces / NAME).stat().st_mtime_ns == stamp


def test_faces_that_were_added_are_chosen_from_with_the_options_of_then(
    sample: Sample, tmp_path: Path
) -> None:
    raw = shutil.copytree(sample.root, tmp_path / "raw")
    out = made(raw)
    run(out, max_angle=30.0, shortlist=2)
    newcomer = raw / "a_new_person"
    newcomer.mkdir()
    (newcomer / "1.jpg").write_bytes((raw / "person_00/00.jpg").read_bytes() + b"!")
    made(raw)
    ensure_targets(open_faces(str(out)), workers=1)
    assert chosen(out).key["a_new_person"] == "a_new_person/1.jpg"
    assert read_options(out) == dataclasses.asdict(SelectOptions(max_angle=30.0, shortlist=2))


def read_options(out: Path) -> dict[str, Any]:
    found = read_targets(str(out / NAME))
    assert found is not None
    return dict(found.options)


@pytest.fixture(scope="module")
def photographs(cfp: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The faces of every tenth identity of CFP."""
    root = tmp_path_factory.mktemp("cfp")
    (root / "raw/Data/Images").mkdir(parents=True)
    for identity in sorted((cfp / "Data/Images").iterdir())[::10]:
        (root / "raw/Data/Images" / identity.name).symlink_to(identity)
    extract(str(root / "raw"), str(root / "faces"), ExtractOptions(), workers=2)
    return root / "faces"


def mesh_angles(folder: FaceFolder) -> pd.DataFrame:
    """The faces of a folder with the mesh's angle of each, NaN where it refuses."""
    rows = folder.rows([*COLUMNS, "view"]).to_pandas()
    rows = rows[rows.status == "ok"].sort_values(["part", "row"])
    options, poses = ExtractOptions(**folder.options), list[Pose | None]()
    for part, of_part in rows.groupby("part"):
        stored = (
            StoredFace(
                face.row,
                face.key,
                face.box_x,
                face.box_y,
                face.box_width,
                face.box_height,
                list(face.keypoints),
            )
            for face in of_part.itertuples()
        )
        poses += fit_part(MeshTask(part, folder.location(part), options, tuple(stored)))
    turned = np.array([(pose.yaw, pose.pitch) if pose else (np.nan, np.nan) for pose in poses])
    return rows.assign(angle=facing_angle(*turned.T))


def test_targets_of_photographs_are_frontal_and_near_the_best_of_all(photographs: Path) -> None:
    folder = open_faces(str(photographs))
    summary = select(folder, DEFAULTS, workers=2)
    assert summary.targets == summary.identities >= 40
    faces = mesh_angles(folder).set_index("key")
    target = chosen(photographs).set_index("key", drop=False)
    assert set(faces["view"][target.index]) == {"frontal"}
    best = faces.groupby("identity").angle.min()
    excess = faces.angle[target.index].to_numpy() - best[target.identity].to_numpy()
    assert (excess <= 3.001).mean() >= 0.99
