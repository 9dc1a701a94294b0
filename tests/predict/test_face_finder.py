"""Photographs to faces in workers: as extract finds them, in order, whatever the files do."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from PIL import Image

from faceprep import parts, records
from faceprep.engine import WorkerPool
from faceprep.errors import SetupError, UsageError
from faceprep.extract.catalog import read_catalog
from faceprep.extract.options import ExtractOptions
from faceprep.extract.worker import PartTask, extract_part
from faceprep.predict import face_finder
from faceprep.predict.face_finder import FinderTask, Photograph, find_faces, rounds
from tests.detectors import HANGS, RAISES, SEGFAULTS
from tests.faces.images import encode
from tests.tasks import without_privileges

if TYPE_CHECKING:
    from tests.conftest import Sample

OPTIONS = ExtractOptions(size=64)
TREACHEROUS = ExtractOptions(size=64, detector="tests.detectors:Treacherous")
DEADLY = ExtractOptions(detector="tests.detectors:Deadly")


def paths_of(sample: Sample) -> tuple[str, ...]:
    return tuple(str(sample.root / image.key) for image in sample.images)


def found(task: FinderTask, workers: int = 2) -> list[list[Photograph]]:
    with WorkerPool(workers) as pool:
        return list(rounds(pool, workers, task))


def blank(folder: Path, name: str, width: int) -> str:
    """An image at whose width a treacherous detector fails, or does not."""
    path = folder / name
    path.write_bytes(encode(Image.new("RGB", (width, 50)), "PNG"))
    return str(path)


def test_the_faces_are_those_that_extract_finds(sample: Sample, tmp_path: Path) -> None:
    catalog = read_catalog(str(sample.root), "identity")
    parts.write_catalog(str(tmp_path), 0, "identity", catalog.images)
    part = parts.Part(update=0, index=0, total=1)
    extract_part(PartTask(str(sample.root), str(tmp_path), part, "d1g35t", OPTIONS, timeout=60.0))
    rows = {row["key"]: row for row in pq.read_table(tmp_path / part.name).to_pylist()}
    for photograph in find_faces(FinderTask(paths_of(sample), OPTIONS, 60.0)):
        row = rows[Path(photograph.path).relative_to(sample.root).as_posix()]
        (face,) = photograph.faces
        assert (photograph.status, face.index, face.encoded) == ("ok", 0, row["crop"])
        box = [row[f"box_{name}"] for name in ("x", "y", "width", "height")]
        assert dataclasses.astuple(face.box) == pytest.approx(box, abs=0.01)
        assert photograph.found == row["face_count"]
        pose = [row["yaw"], row["pitch"], row["roll"]]
        assert [face.yaw, face.pitch, face.roll] == pytest.approx(pose, rel=1e-6)


def test_photographs_come_in_order_whatever_the_workers(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_finder, "IMAGES_OF_A_TASK", 2)
    monkeypatch.setattr(face_finder, "_TASKS_OF_A_ROUND", 2)
    task = FinderTask(paths_of(sample)[:11], OPTIONS, 60.0)
    alone, together = found(task, workers=1), found(task, workers=2)
    assert [len(some) for some in alone] == [4, 4, 3]
    assert [len(some) for some in together] == [8, 3]
    photographs = [each for some in alone for each in some]
    assert [each.path for each in photographs] == list(task.paths)
    assert photographs == [each for some in together for each in some]


def test_an_image_that_kills_or_hangs_costs_that_image_alone(
    sample: Sample, tmp_path: Path
) -> None:
    portrait = paths_of(sample)[0]
    bad = [
        blank(tmp_path, "kills.png", SEGFAULTS),
        blank(tmp_path, "hangs.png", HANGS),
        blank(tmp_path, "raises.png", RAISES),
        blank(tmp_path, "fine.png", 90),
    ]
    (photographs,) = found(FinderTask((portrait, *bad), TREACHEROUS, timeout=2.0))
    status = {Path(each.path).name: each.status for each in photographs[1:]}
    assert photographs[0].status == records.OK
    assert status == {
        "kills.png": records.CRASHED,
        "hangs.png": records.TIMEOUT,
        "raises.png": records.CRASHED,
        "fine.png": records.NO_FACE,
    }
    assert photographs[1].reason == "it ended the worker (SIGSEGV), also when tried alone"
    assert photographs[3].reason == "ArithmeticError: a detector's own mistake"


def test_a_machine_that_cannot_run_the_detector_is_blamed(sample: Sample) -> None:
    with pytest.raises(SetupError, match=r"dies on an empty image \(SIGSEGV\): this machine"):
        found(FinderTask(paths_of(sample)[:1], DEADLY, 60.0))


def test_a_detector_that_is_not_there_is_named(sample: Sample) -> None:
    options = ExtractOptions(detector="tests.detectors:Missing")
    with pytest.raises(UsageError, match="has no attribute 'Missing'"):
        found(FinderTask(paths_of(sample)[:1], options, 60.0))


def test_all_faces_of_a_picture(sample: Sample, tmp_path: Path) -> None:
    both = Image.new("RGB", (600, 300))
    for left, portrait in zip((0, 300), (paths_of(sample)[0], paths_of(sample)[6]), strict=True):
        both.paste(Image.open(portrait).resize((300, 300)), (left, 0))
    path = tmp_path / "both.png"
    both.save(path)
    (subject,) = find_faces(FinderTask((str(path),), OPTIONS, 60.0))
    options = dataclasses.replace(OPTIONS, face="all")
    (everybody,) = find_faces(FinderTask((str(path),), options, 60.0))
    assert len(subject.faces) == 1
    assert subject.found == everybody.found == 2
    assert [face.index for face in everybody.faces] == [0, 1]
    assert everybody.faces[0].encoded == subject.faces[0].encoded


def test_files_that_are_no_images_say_why(tmp_path: Path) -> None:
    (tmp_path / "words.jpg").write_text("words")
    (tmp_path / "empty.jpg").touch()
    names = ("words.jpg", "empty.jpg", "gone.jpg", ".")
    task = FinderTask(tuple(str(tmp_path / name) for name in names), OPTIONS, 60.0)
    photographs = find_faces(task)
    assert {each.status for each in photographs} == {records.UNREADABLE}
    assert [each.reason for each in photographs[2:]] == [
        "the file cannot be read: No such file or directory",
        "the file cannot be read: Is a directory",
    ]
    assert all(each.reason for each in photographs)


def test_a_file_one_may_not_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "closed.jpg").write_text("words")
    (tmp_path / "closed.jpg").chmod(0)
    with without_privileges(tmp_path):
        (photograph,) = find_faces(FinderTask(("closed.jpg",), OPTIONS, 60.0))
    assert photograph.reason == "the file cannot be read: Permission denied"


def test_a_truncated_photograph_shows_its_face_and_says_so(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "half.jpg"
    with Image.open(paths_of(sample)[0]) as portrait:
        portrait.convert("RGB").save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-200])
    (photograph,) = find_faces(FinderTask((str(path),), OPTIONS, 60.0))
    assert photograph.status == records.OK
    assert photograph.reason == "the file is damaged; shown as far as it decodes"


def test_a_worker_loads_no_tensorflow() -> None:
    program = (
        "import sys; from faceprep.extract.options import ExtractOptions;"
        "from faceprep.predict.face_finder import FinderTask, find_faces;"
        "from faceprep.face_worker import self_test;"
        "from faceprep.predict import drawing;"
        "self_test(ExtractOptions()); find_faces(FinderTask(('x',), ExtractOptions(), 9.0));"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
