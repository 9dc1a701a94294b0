"""The stage end to end, in processes of its own: what it finds at a path, and what is wrong there."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import parts
from faceprep.engine import WorkerPool
from faceprep.errors import InputError
from faceprep.progress import Progress
from faceprep.verify.fault import Fault, FaultLog
from faceprep.verify.keys import KeyList
from faceprep.verify.reading import Report
from faceprep.verify.run import _reports, verify
from tests.verify import build
from tests.verify.build import edit_json, flip

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.records import ShardFace

    People = dict[str, list[ShardFace]]

FLIPS = 200


@pytest.fixture
def shards(people: People, tmp_path: Path) -> Path:
    """One of each data set."""
    for built in (build.pairs(people), build.cfp(people), build.triplets(people)):
        built.write(tmp_path / "shards" / built.name / "1.0.0")
    return tmp_path / "shards"


def test_sound_faces_have_no_fault(extracted: Path) -> None:
    summary = verify(str(extracted), workers=2)
    assert summary.faults == ()
    assert (summary.data_sets, summary.files, summary.workers) == (("faces",), 2, 2)
    assert (summary.records, summary.images) == (24, 24)
    assert summary.bytes == sum(path.stat().st_size for path in extracted.glob("part-*"))


def test_sound_shards_have_no_fault(shards: Path) -> None:
    summary = verify(str(shards), workers=2)
    assert summary.faults == ()
    assert summary.data_sets == ("cfp", "pairs", "triplets")
    assert (summary.files, summary.records) == (9, 24 + 8 + 10)
    assert summary.images == 2 * 24 + 2 * 8 + 3 * 10
    assert summary.bytes == sum(path.stat().st_size for path in shards.rglob("*.tfrecord-*"))


def test_what_the_other_stages_leave_has_no_fault(
    faces: Path, tmp_path: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for name in ("pairs", "triplets"):
        out = ("--out", tmp_path / "shards", "--split", "train=1", "--shards", 2)
        run = faceprep("shard", name, faces, *out)
        assert run.returncode == 0, run.stderr
    assert (faces / "targets.parquet").exists()
    for folder in ("faces", "shards"):
        assert verify(str(tmp_path / folder), workers=1).faults == ()


@pytest.mark.parametrize("below", ["", "/", "/pairs", "/pairs/1.0.0", "/pairs/1.0.0/"])
def test_a_path_may_be_a_version_a_data_set_or_all_of_them(shards: Path, below: str) -> None:
    for name in ("cfp", "triplets"):
        shutil.rmtree(shards / name)
    (shards / "pairs" / "1.0.0" / "features.json").unlink()
    summary = verify(f"{shards}{below}", workers=1)
    name = "pairs/1.0.0/features.json".removeprefix(below.strip("/")).strip("/")
    place = f"{shards}{below}".rstrip("/")
    assert [str(fault) for fault in summary.faults] == [f"{place}/{name}: missing"]


def test_faults_are_named_as_the_path_was_typed(
    shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shards.parent)
    flip(shards / "pairs/1.0.0/pairs-test.tfrecord-00000-of-00001", 99)
    assert [str(fault) for fault in verify("shards", workers=1).faults] == [
        "shards/pairs/1.0.0/pairs-test.tfrecord-00000-of-00001: record 0: "
        "the checksum of its content is wrong"
    ]


def test_a_summary_is_json(shards: Path) -> None:
    (shards / "pairs/1.0.0/features.json").unlink()
    found = json.loads(json.dumps(verify(str(shards / "pairs"), workers=1).as_json()))
    assert found["faults"] == [
        {"file": f"{shards}/pairs/1.0.0/features.json", "record": None, "what": "missing"}
    ]
    assert (found["fault_count"], found["files"], found["data_sets"]) == (1, 3, ["pairs"])
    assert found["images_per_second"] > 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: None, "no such folder; expected a folder of faces"),
        (lambda path: path.mkdir(), "nothing of faceprep's in it; expected a folder of faces"),
        (lambda path: path.write_text("x"), "nothing of faceprep's in it; expected a folder"),
        (lambda path: (path / "ann").mkdir(parents=True), "nothing of faceprep's in it; expec"),
        (lambda path: (path / "pairs" / "1.0.0").mkdir(parents=True), "nothing of faceprep's"),
    ],
)
def test_a_path_with_nothing_of_ours_is_refused(tmp_path: Path, make: Any, words: str) -> None:
    make(tmp_path / "it")
    with pytest.raises(InputError) as caught:
        verify(str(tmp_path / "it"))
    assert str(caught.value).startswith(f"{tmp_path}/it: {words}")


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("shards/pairs/1.0.0/shard.json", Path.unlink, "missing; nothing else in the folder"),
        ("shards/pairs/1.0.0/shard.json", lambda path: path.write_text("{"), "not readable"),
        ("faces/extract.json", lambda path: path.write_text("[]"), "not readable"),
        ("faces/extract.json", lambda path: edit_json(path, format=1), "has format 1, this"),
    ],
)
def test_a_folder_that_does_not_say_what_it_is_is_one_fault(
    shards: Path, faces: Path, name: str, damage: Any, words: str
) -> None:
    path = shards.parent / name
    damage(path)
    summary = verify(str(path.parent), workers=1)
    (fault,) = summary.faults
    assert (fault.file, summary.files, summary.data_sets) == (str(path), 0, ())
    assert fault.what.startswith(words)


def test_any_number_of_workers_finds_the_same_faults(people: People, tmp_path: Path) -> None:
    built = build.pairs(people)
    built.content["train"][1][2] = built.content["train"][0][1]
    built.content["test"][0][0] = built.content["train"][0][3]
    folder = built.write(tmp_path / "1.0.0")
    flip(folder / "pairs-test.tfrecord-00000-of-00001", 100_000)
    (folder / "features.json").unlink()
    one, two = (verify(str(folder), workers=workers) for workers in (1, 2))
    assert one.faults == two.faults
    assert len(one.faults) > 4
    assert one.fault_count == two.fault_count == len(one.faults)


@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_one_flipped_byte_anywhere_in_a_data_set_is_found(
    people: People, tmp_path: Path, compression: str
) -> None:
    draw = random.Random(compression)
    few = {name: of[:2] for name, of in people.items()}
    built = replace(build.pairs(few), compression=compression, hashed=True)
    sound = built.write(tmp_path / "sound")
    files = sorted(path.name for path in sound.iterdir() if path.name != "shard.json")
    damaged = []
    for number in range(FLIPS):
        folder = tmp_path / "pairs" / f"1.0.{number}"
        shutil.copytree(sound, folder, copy_function=os.link)
        path = folder / draw.choice(files)
        content = bytearray(path.read_bytes())
        content[draw.randrange(len(content))] ^= draw.randint(1, 255)
        path.unlink()
        path.write_bytes(content)
        damaged.append(path)
    faults = verify(str(tmp_path / "pairs"), workers=2).faults
    assert {fault.file for fault in faults} >= {str(path) for path in damaged}
    assert {Path(fault.file).parent for fault in faults} == {path.parent for path in damaged}


def test_one_flipped_byte_in_a_part_is_found_by_the_stage(faces: Path) -> None:
    name = parts.Part(1, 0, 1).name
    flip(faces / name, 5_000)
    assert {fault.file for fault in verify(str(faces), workers=2).faults} == {f"{faces}/{name}"}


def test_the_stage_does_not_load_tensorflow(extracted: Path) -> None:
    program = (
        "import sys; from faceprep.verify.run import verify;"
        f"verify({str(extracted)!r}, workers=1);"
        "from faceprep.verify import face_part, shards;"
        "print([m for m in ('tensorflow', 'mediapipe', 'cv2') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@dataclass(frozen=True)
class Ending:
    """A file that ends the process that reads it."""

    location: str


def end_or_report(task: Ending) -> Report:
    if "deadly" in task.location:
        os.kill(os.getpid(), signal.SIGSEGV)
    once = Path(task.location)
    if once.exists():
        once.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return Report(FaultLog(), 1, 1, 1, True, KeyList(task.location).keys())


class Endings:
    """A check whose files are of that kind."""

    name = "endings"
    work = staticmethod(end_or_report)

    def __init__(self, *locations: str) -> None:
        self.tasks = [Ending(location) for location in locations]
        self.taken: list[str] = []

    def take(self, task: Ending, report: Report) -> None:
        assert report.whole
        self.taken.append(task.location)

    def finish(self) -> None: ...


def test_a_file_that_ends_its_process_twice_is_a_fault_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    once = tmp_path / "once"
    once.touch()
    check, faults = Endings("a", "deadly", str(once), "b", "c"), FaultLog()
    with WorkerPool(2) as pool, Progress(5, bar=False, unit="files") as progress:
        reports = list(_reports(check, pool, faults, progress))
    assert check.taken == ["a", str(once), "b", "c"]
    assert len(reports) == 4
    what = "ended the process that read it (SIGSEGV)"
    assert faults.faults() == (Fault("deadly", None, what),)
