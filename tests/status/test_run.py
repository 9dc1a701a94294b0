"""Status of what the real commands are doing, have done, or were killed in the middle of."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import past_runs, records, targets
from faceprep.errors import InputError
from faceprep.journal import Journal
from faceprep.status.run import status
from tests.conftest import ROOT, Sample, summary_of
from tests.status.made import age, told

if TYPE_CHECKING:
    from collections.abc import Callable

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

PART = 128  # images, in three parts
COUNTS = {"faces": 24, "unreadable": 3 * PART - 24}
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def raw(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parts of images, of which only the last has any that can be read: the sample's 24."""
    root = tmp_path_factory.mktemp("status") / "raw"
    junk = [("a", n) for n in range(2 * PART)] + [("z", n) for n in range(PART - 24)]
    for folder, number in junk:
        path = root / folder / f"{number:03d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no image")
    for image in sample.images:
        target = root / f"m_{image.key}"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(sample.root / image.key, target)
    return root


@pytest.fixture(scope="module")
def made(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which extract, select and shard are done; shard has select done."""
    home = tmp_path_factory.mktemp("made")
    shutil.copytree(story.folder, home / "faces")
    command = [sys.executable, "-m", "faceprep", "shard", "pairs", "--workers", "1", "--quiet"]
    subprocess.run(command, cwd=home, check=True, env=ENVIRONMENT)
    return home


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "work"))


def extract(raw: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start extract in the folder above `out`, in a process group of its own."""
    words = ["extract", str(raw), "--out", out.name, "--workers", "1", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "faceprep", *words],
        cwd=out.parent,
        env=ENVIRONMENT,
        start_new_session=True,
    )


@dataclass(frozen=True)
class Story:
    """A folder of faces whose first run was killed, and what status said on the way."""

    folder: Path
    at_work: dict[str, Any]
    last_line: str
    gone: dict[str, Any]
    done: dict[str, Any]


@pytest.fixture(scope="module")
def story(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A task does a part, is killed in the next, and is gone; the command that status gives goes on."""
    out = tmp_path_factory.mktemp("story") / "faces"
    with extract(raw, out, "--quiet", "--task", "0/2") as run:  # where `faces` is another place
        deadline = time.monotonic() + 60
        while not list(out.glob("part-*")):
            assert time.monotonic() < deadline, "no part appeared"
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGSTOP)  # so that it is at work for as long as this looks
        at_work, last_line = told(out), list(status(str(out)).as_lines())[-1]
        os.killpg(run.pid, signal.SIGKILL)
    age(out)
    gone = told(out)
    command = gone["next"].replace("faceprep", f"{sys.executable} -m faceprep", 1)
    subprocess.run(["bash", "-c", command], cwd="/", env=ENVIRONMENT, check=True)
    return Story(out, at_work, last_line, gone, told(out))


@pytest.fixture
def faces(story: Story, tmp_path: Path) -> Path:
    """A copy of its folder, to be damaged."""
    return Path(shutil.copytree(story.folder, tmp_path / "faces"))


def test_a_run_at_work_is_seen_from_outside(story: Story) -> None:
    found = story.at_work
    assert found["files"] == {"done": 1, "planned": 3, "missing": 2}
    assert (found["done"], found["total"], found["unit"]) == (PART, 3 * PART, "images")
    assert [(run["state"], run["total"]) for run in found["runs"]] == [("running", 2 * PART)]
    assert (found["finished"], found["next"]) == (False, None)


def test_what_the_tasks_at_work_leave_undone_is_to_be_started(story: Story) -> None:
    tasks = [(task["task"], task["state"], task["missing"]) for task in story.at_work["tasks"]]
    assert tasks == [("0/2", "running", 1), ("1/2", "not begun", 1)]
    assert story.last_line.startswith("next: start task 1 of 2, which nobody is at work on")


def test_a_run_that_was_killed_is_gone_and_its_command_goes_on(story: Story, raw: Path) -> None:
    (run,) = story.gone["runs"]
    assert (run["state"], run["ended"], run["cwd"]) == ("gone", None, str(story.folder.parent))
    everything = f"faceprep extract {raw} --out faces --workers 1"
    assert run["command"] == f"{everything} --quiet --task 0/2"
    assert story.gone["next"] == f"cd {story.folder.parent} && {everything}"
    assert [task["state"] for task in story.gone["tasks"]] == ["gone", "not begun"]


def test_what_was_taken_up_is_finished(story: Story) -> None:
    found = story.done
    assert (found["finished"], found["files"]["missing"], found["done"]) == (True, 0, 3 * PART)
    assert [run["state"] for run in found["runs"]] == ["gone", "done"]
    assert found["counts"] == COUNTS
    assert found["counted"] == 3 * PART
    assert found["runs"][1]["before"] + found["runs"][1]["done"] == 3 * PART
    assert found["next"] == f"faceprep select {story.folder}"


def test_a_finished_folder_has_its_rates_and_its_targets(made: Path) -> None:
    found = told(made / "faces")
    assert (found["finished"], found["targets"], found["tasks"]) == (True, "chosen", [])
    done = sum(run["done"] for run in found["runs"])  # one was killed, perhaps before it said so
    assert found["so_far"]["processed"] == done >= 2 * PART
    assert found["so_far"]["per_second"] > 0
    assert (found["per_second"], found["seconds_left"]) == (0, None)
    assert found["next"] == f"faceprep shard pairs {made}/faces"


def test_what_the_manifest_has_noted_serves_where_runs_have_left_nothing(faces: Path) -> None:
    noted = json.loads((faces / "extract.json").read_text())["run"]
    shutil.rmtree(faces / ".runs")
    found = told(faces)
    assert (found["so_far"], found["runs"], found["counts"]) == (noted, [], COUNTS)


def test_without_a_run_s_words_the_command_is_in_general_terms(faces: Path) -> None:
    shutil.rmtree(faces / ".runs")
    min(faces.glob("part-*")).unlink()
    assert told(faces)["next"] == f"faceprep extract SRC --out {faces}"


def test_parts_that_ended_their_worker_are_named_while_they_are_missing(faces: Path) -> None:
    journal = max((faces / ".runs").iterdir())
    names = sorted(path.name for path in faces.glob("part-*"))
    words = [f"{name}: ended its worker (SIGKILL)" for name in names[:2]]
    journal.write_text(json.dumps({**json.loads(journal.read_text()), "failed": words}))
    (faces / names[1]).unlink()
    assert told(faces)["failed"] == [words[1]]


def test_counts_are_what_the_parts_say(faces: Path) -> None:
    shutil.rmtree(faces / ".runs")
    min(faces.glob("part-*")).unlink()
    rough, exact = told(faces), told(faces, exact=True)
    assert (rough["counts"], rough["counted"]) == ({}, 0)
    assert exact["counts"] == COUNTS | {"unreadable": 2 * PART - 24}
    assert exact["counted"] == exact["done"] == 2 * PART


def test_a_damaged_part_is_named_where_all_is_looked_at(faces: Path) -> None:
    part = min(faces.glob("part-*"))
    part.write_bytes(b"")
    assert told(faces)["finished"]
    with pytest.raises(InputError, match=f"{part.name}: not a readable part"):
        told(faces, exact=True)


def test_a_run_that_chooses_targets_is_seen_and_disturbs_nothing(workspace: Path) -> None:
    faces = workspace / "faces"
    extract, (chooser,) = (
        [run for run in past_runs.read(str(faces)) if (run.stage == "select") is wanted]
        for wanted in (False, True)
    )
    assert (chooser.state, chooser.done, chooser.total, chooser.unit) == ("done", 24, 24, "faces")
    assert past_runs.totals(str(faces), "extract") == past_runs.summed(extract)
    assert told(faces)["runs"] == [run.as_json() for run in extract]
    with Journal(str(faces), "select", task=None, workers=2, total=24, unit="faces") as journal:
        journal.advance(7)
        found = told(faces)
    assert (found["finished"], found["targets"], found["next"]) == (True, "being chosen", None)
    assert [run["stage"] for run in found["selecting"]] == ["select"]
    assert found["runs"] == told(faces)["runs"] == [run.as_json() for run in extract]
    assert (told(faces)["targets"], told(faces)["selecting"]) == ("chosen", [])


def test_targets_of_other_faces_are_noticed_where_all_is_looked_at(workspace: Path) -> None:
    faces, place = workspace / "faces", str(workspace / "faces" / targets.NAME)
    assert told(faces, exact=True)["targets"] == "chosen"
    chosen = targets.read_targets(place)
    assert chosen
    targets.write_targets(place, replace(chosen, faces="0" * 64))
    found = told(faces, exact=True)
    assert (found["targets"], found["next"]) == ("of other faces", f"faceprep select {faces}")


def test_a_data_set_is_held_against_what_it_says_of_itself(workspace: Path) -> None:
    folder = workspace / "shards" / "pairs" / records.SHARDS_VERSION
    whole = told(folder)
    assert (whole["finished"], whole["files"]["missing"]) == (True, 0)
    assert whole["done"] == whole["total"] > 0
    assert whole["next"] == f"faceprep train autoencoder {folder}"
    max(folder.glob("*.tfrecord-*"), key=lambda path: path.stat().st_size).unlink()
    less = told(folder)
    assert (less["finished"], less["files"]["missing"]) == (False, 1)
    assert 0 <= less["done"] < less["total"]
    assert less["next"] == f"cd {less['runs'][0]['cwd']} && faceprep shard pairs --workers 1"


def test_a_data_set_under_way_is_as_its_run_has_told(workspace: Path) -> None:
    folder = workspace / "shards" / "pairs" / records.SHARDS_VERSION
    whole = told(folder)
    described = json.loads((folder / "shard.json").read_text())
    (folder / "shard.json").write_text(json.dumps({**described, "counts": None}))
    (folder / "dataset_info.json").unlink()
    found = told(folder)
    assert (found["finished"], found["files"]) == (False, whole["files"])
    assert (found["done"], found["total"]) == (whole["done"], whole["total"])
    assert found["runs"][0]["unit"] == "records"
    shutil.rmtree(folder / ".runs")
    less = told(folder)
    assert (less["files"]["planned"], less["done"], less["total"]) == (None, 0, None)
    assert less["next"] == f"faceprep shard pairs FACES --out {workspace / 'shards'}"


def test_a_workspace_is_all_that_is_in_it(
    made: Path, faceprep: Faceprep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    lines = list(status(".").as_lines())
    assert lines[0] == "./faces: faces, finished"
    assert f"./shards/pairs/{records.SHARDS_VERSION}: pairs, finished" in lines
    assert lines[-1] == f"next: faceprep train autoencoder ./shards/pairs/{records.SHARDS_VERSION}"
    run = faceprep("status", ".", "--json")
    assert run.stderr == ""
    found = summary_of(run)
    assert (found["finished"], found["running"], found["to_start"]) == (True, 0, [])
    assert lines[-1] == f"next: {found['next']}"
