"""The stage end to end: files, poses, runs that were killed, folders that are refused."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from faceprep import storage
from faceprep.errors import FaceprepError, InputError, StorageError, UsageError
from faceprep.export.options import ExportOptions
from faceprep.export.run import ExportSummary, export
from faceprep.face_folder import open_faces
from tests.inspect.made import crop, face, make_faces, no_face

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = ("../x", "a/b", "", "con", "Ann", "ann", "é" * 200, "\x1b[2J\n", "\u202eann", "poses.csv")
SLICES = (
    [
        face("ann/1.jpg", "ann", 1, clip="0"),
        no_face("ann/2.jpg", "ann"),
        face("bob/1.jpg", "bob", 2),
    ],
    [face("bob/2.jpg", "bob", 3), face("bob/2.jpg", "bob", 4, face_index=1)],
)


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Four faces of two people, and a reject, in two parts."""
    return make_faces(tmp_path / "faces", *SLICES)


def run(faces: Path, to: Path, **options: Any) -> ExportSummary:
    """Export with one worker."""
    return export(open_faces(str(faces)), str(to), ExportOptions(**options), workers=1)


def content(folder: Path) -> dict[str, bytes]:
    """Path to bytes of every file, hidden ones included."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def poses(folder: Path) -> list[dict[str, str]]:
    text = (folder / "poses.csv").read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_crops_lie_in_folders_of_their_identity_byte_for_byte(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = run(faces, out)
    found = content(out)
    assert found.pop("poses.csv")
    assert found.pop("export.json")
    expected = {"ann/1.jpg": 1, "bob/1.jpg": 2, "bob/2.jpg": 3, "bob/2-face1.jpg": 4}
    assert found == {name: crop(number) for name, number in expected.items()}
    assert (summary.faces, summary.identities, summary.written) == (4, 2, 4)
    assert summary.bytes == sum(map(len, found.values()))
    assert json.loads(json.dumps(summary.as_json()))["folder"] == str(out)


def test_poses_name_each_file_with_what_is_known_of_it(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(faces, out)
    table = pd.read_csv(out / "poses.csv", keep_default_na=False, dtype={"clip": str})
    assert list(table.file) == ["ann/1.jpg", "bob/1.jpg", "bob/2.jpg", "bob/2-face1.jpg"]
    assert list(table.face_index) == [0, 0, 0, 1]
    assert list(table.yaw) == [-10.0, -20.0, -30.0, -40.0]
    first = poses(out)[0]
    known = {"identity": "ann", "clip": "0", "view": "", "key": "ann/1.jpg", "pitch": "3.25"}
    known |= {"box_width": "100", "box_height": "110", "eye_distance": "40.5", "score": "0.75"}
    assert first.items() >= known.items()


@pytest.mark.parametrize("identity", ["=1+1", "+a", "-a", "@a", 'a,"b"', "a\r\nb", "José", " a "])
def test_an_identity_stands_in_poses_as_it_is(tmp_path: Path, identity: str) -> None:
    out = tmp_path / "out"
    run(make_faces(tmp_path / "faces", [face("x/1.jpg", identity)]), out)
    assert [row["identity"] for row in poses(out)] == [identity]


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_the_ending_is_that_of_the_crops(tmp_path: Path, ending: str) -> None:
    row = face("ann/1.webp", "ann", crop=crop(1, ending))
    run(make_faces(tmp_path / "faces", [row], format=ending), tmp_path / "out")
    assert (tmp_path / "out" / "ann" / f"1.{ending}").read_bytes() == crop(1, ending)


def test_hostile_identities_stay_inside_and_apart(tmp_path: Path) -> None:
    rows = [face(f"x/{n}.jpg", identity, n) for n, identity in enumerate(HOSTILE)]
    out = tmp_path / "deep" / "out"
    summary = run(make_faces(tmp_path / "faces", rows), out)
    assert summary.identities == len(HOSTILE)
    for row, identity in zip(poses(out), HOSTILE, strict=True):
        assert row["identity"] == identity
        assert row["file"].count("/") == 1
        assert (out / row["file"]).read_bytes() == crop(HOSTILE.index(identity))
    folders = [path.name for path in out.iterdir() if path.is_dir()]
    assert len({name.casefold() for name in folders}) == len(HOSTILE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "faces"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_the_longest_names_can_be_written(tmp_path: Path) -> None:
    rows = [face(f"x/{'z' * 300}{n}.jpg", "y" * 300, n) for n in range(2)]
    assert run(make_faces(tmp_path / "faces", rows), tmp_path / "out").written == 2


def test_the_same_faces_give_the_same_bytes_with_any_number_of_workers(
    faces: Path, tmp_path: Path
) -> None:
    run(faces, tmp_path / "one")
    export(open_faces(str(faces)), str(tmp_path / "three"), ExportOptions(), workers=3)
    assert content(tmp_path / "three") == content(tmp_path / "one")


def test_filters_are_part_of_what_an_export_is(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(faces, out, max_angle=25.0).faces == 2
    marker = json.loads((out / "export.json").read_text())
    assert marker["options"] == asdict(ExportOptions(max_angle=25.0))
    with pytest.raises(UsageError, match=r"--max-angle was 25\.0 and is now 180\.0.*--to"):
        run(faces, out)


def test_a_second_run_writes_what_is_missing_or_spoilt(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(faces, out)
    whole = content(out)
    assert run(faces, out).written == 0
    (out / "ann" / "1.jpg").unlink()
    (out / "bob" / "1.jpg").write_bytes(b"")
    (out / "poses.csv").unlink()
    assert run(faces, out).written == 2
    assert content(out) == whole


PROGRAM = """
import sys
from faceprep.export.options import ExportOptions
from faceprep.export.run import export
from faceprep.face_folder import open_faces
export(open_faces(sys.argv[1]), sys.argv[2], ExportOptions(), workers=2)
"""


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_files(tmp_path: Path) -> None:
    slices = [
        [face(f"p{part}/{n:03d}.jpg", f"p{part}", n) for n in range(100)] for part in range(6)
    ]
    faces, out = make_faces(tmp_path / "faces", *slices), tmp_path / "out"
    for target in (1, 200, 400):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, faces, out], start_new_session=True
        )
        deadline = time.monotonic() + 60
        while len(list(out.glob("*/*.jpg"))) < target and process.poll() is None:
            assert time.monotonic() < deadline, "no files appeared"
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL
        assert not (out / "poses.csv").exists()
    run(faces, out)
    run(faces, tmp_path / "undisturbed")
    # Half-written files of a process that nobody has reaped yet are left to the next run.
    whole = {name: data for name, data in content(out).items() if ".tmp-" not in name}
    assert whole == content(tmp_path / "undisturbed")


def test_what_the_dead_have_left_half_written_is_removed(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(faces, out)
    whole = content(out)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in ("ann/.1.jpg", ".poses.csv"):
        (out / f"{name}.tmp-~{socket.gethostname()}~{dead.pid}~0a1b2c3d").touch()
    run(faces, out)
    assert content(out) == whole


def others_file(out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("mine")


def damaged_marker(out: Path) -> None:
    out.mkdir()
    (out / "export.json").write_text("{")


def other_faces(out: Path) -> None:
    run(make_faces(out.parent / "others", [face("x/1.jpg", "x")]), out)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (others_file, "holds other files; choose an empty folder"),
        (damaged_marker, r"export\.json: not readable; choose another folder with --to"),
        (other_faces, "an export with other faces than these; choose another folder with --to"),
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_alone(
    faces: Path, tmp_path: Path, prepare: Callable[[Path], None], message: str
) -> None:
    out = tmp_path / "out"
    prepare(out)
    before = content(out)
    with pytest.raises(InputError, match=message):
        run(faces, out)
    assert content(out) == before


def test_an_empty_folder_is_taken_and_an_empty_name_is_not(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert run(faces, tmp_path / "out").faces == 4
    with pytest.raises(UsageError, match="--to is empty"):
        export(open_faces(str(faces)), "", ExportOptions())


def test_a_file_in_the_way_is_named(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StorageError, match="out: a file stands"):
        run(faces, tmp_path / "out")
    (tmp_path / "out").unlink()
    run(faces, tmp_path / "out")
    (tmp_path / "out" / "ann" / "1.jpg").unlink()
    (tmp_path / "out" / "ann").rmdir()
    (tmp_path / "out" / "ann").write_text("mine")
    with pytest.raises(StorageError, match="ann: a file stands"):
        run(faces, tmp_path / "out")


def test_two_runs_do_not_work_in_one_folder(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with (
        storage.in_use(str(tmp_path / "out"), alone=False),
        pytest.raises(StorageError, match="another run is at work in it"),
    ):
        run(faces, tmp_path / "out")


def test_when_nothing_is_left_nothing_is_made(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(FaceprepError, match="none is left"):
        run(faces, tmp_path / "out", min_size=999)
    assert not (tmp_path / "out").exists()


def test_a_url_is_written_like_a_folder(faces: Path, tmp_path: Path) -> None:
    url = f"file://{tmp_path}/by url"
    export(open_faces(str(faces)), url, ExportOptions(), workers=1)
    run(faces, tmp_path / "by path")
    assert content(tmp_path / "by url") == content(tmp_path / "by path")


KERAS = """
import sys
from keras.utils import image_dataset_from_directory
found = image_dataset_from_directory(sys.argv[1], image_size=(8, 8), batch_size=None)
print([found.class_names, len(found.file_paths), [int(label) for _, label in found]])
"""


def test_keras_reads_an_export(tmp_path: Path) -> None:
    identities = ("ann", "a/b", "..", "con")
    rows = [face(f"x/{n}.jpg", identity, n) for n, identity in enumerate(identities)]
    run(make_faces(tmp_path / "faces", rows), tmp_path / "out")
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    found = subprocess.run(
        [sys.executable, "-c", KERAS, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
        env=quiet,
    )
    classes, files, labels = json.loads(found.stdout.splitlines()[-1].replace("'", '"'))
    assert classes == ["%2E%2E", "%63on", "a%2Fb", "ann"]
    assert files == len(labels) == 4
    assert sorted(labels) == [0, 1, 2, 3]
