"""Status of what the real commands are doing, have done, or were killed in the middle of."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import records, targets
from faceprep.errors import InputError
from faceprep.status.run import status
from tests.conftest import ROOT, Sample, summary_of
from tests.status.made import age, told

if TYPE_CHECKING:
    from collections.abc import Callable

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

COPIES = 16


@pytest.fixture(scope="module")
def raw(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample sixteen times over, as hard links: 384 images in three parts."""
    root = tmp_path_factory.mktemp("status") / "raw"
    for copy in range(COPIES):
        for image in sample.images:
            target = root / f"{image.identity}_{copy:02d}" / Path(image.key).name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(sample.root / image.key, target)
    return root


@pytest.fixture(scope="module")
def made(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which extract, select and shard are done."""
    home = tmp_path_factory.mktemp("made")
    for words in (["extract", str(sample.root)], ["select"], ["shard", "pairs"]):
        command = [sys.executable, "-m", "faceprep", *words, "--workers", "1", "--quiet"]
        subprocess.run(command, cwd=home, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return home


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "work"))


def extract(raw: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start extract in a process group of its own."""
    command = [sys.executable, "-m", "faceprep", "extract", raw, "--out", out, "--workers", "1"]
    return subprocess.Popen([*map(str, command), *more], cwd=ROOT, start_new_session=True)


@dataclass(frozen=True)
class Story:
    """A folder of faces whose first run was killed, and what status said on the way."""

    folder: Path
    there: int
    at_work: dict[str, Any]
    gone: dict[str, Any]
    done: dict[str, Any]


@pytest.fixture(scope="module")
def story(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Extract until a part is there, be killed, be gone, and go on with the command that status gives."""
    out = tmp_path_factory.mktemp("story") / "faces"
    with extract(raw, out, "--quiet") as run:
        deadline = time.monotonic() + 60
        while not list(out.glob("part-*")):
            assert time.monotonic() < deadline, "no part appeared"
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGSTOP)  # so that it is at work for as long as this looks
        at_work = told(out)
        os.killpg(run.pid, signal.SIGKILL)
    there = len(list(out.glob("part-*")))
    age(out)
    gone = told(out)
    command = shlex.split(gone["next"])
    assert command.pop(0) == "faceprep"
    subprocess.run([sys.executable, "-m", "faceprep", *command], check=True, capture_output=True)
    return Story(out, there, at_work, gone, told(out))


@pytest.fixture
def faces(story: Story, tmp_path: Path) -> Path:
    """A copy of its folder, to be damaged."""
    return Path(shutil.copytree(story.folder, tmp_path / "faces"))


def test_a_run_at_work_is_seen_from_outside(story: Story) -> None:
    found, there = story.at_work, story.there
    assert found["files"] == {"done": there, "planned": 3, "missing": 3 - there}
    assert (found["done"], found["total"], found["unit"]) == (128 * there, 384, "images")
    assert [run["state"] for run in found["runs"]] == ["running"]
    assert (found["finished"], found["next"]) == (False, None)


def test_a_run_that_was_killed_is_gone_and_its_command_goes_on(story: Story, raw: Path) -> None:
    (run,) = story.gone["runs"]
    assert (run["state"], run["ended"]) == ("gone", None)
    expected = f"faceprep extract {raw} --out {story.folder} --workers 1 --quiet"
    assert f"{story.gone['next']} --quiet" == run["command"] == expected


def test_what_was_taken_up_is_finished(story: Story) -> None:
    found = story.done
    assert (found["finished"], found["files"]["missing"], found["done"]) == (True, 0, 384)
    assert [run["state"] for run in found["runs"]] == ["gone", "done"]
    assert (found["counts"], found["counted"]) == ({"faces": 384}, 384)
    assert found["runs"][1]["before"] + found["runs"][1]["done"] == 384
    assert found["next"] == f"faceprep select {story.folder}"


def test_a_task_of_an_array_shows_which_others_are_missing(raw: Path, tmp_path: Path) -> None:
    with extract(raw, tmp_path / "faces", "--quiet", "--task", "1/4") as run:
        assert run.wait(60) == 0
    found = told(tmp_path / "faces")
    assert [(task["state"], task["missing"]) for task in found["tasks"]] == [
        ("not begun", 1),
        ("done", 0),
        ("not begun", 1),
    ]  # there are three parts
    assert "--task" not in found["next"]
    assert (
        "  tasks       2 of 4 to do: 0 (not begun), 2 (not begun)"
        in status(str(tmp_path / "faces")).as_lines()
    )


def test_a_finished_folder_has_its_rates_and_its_targets(made: Path) -> None:
    found = told(made / "faces")
    assert (found["finished"], found["targets"], found["tasks"]) == (True, "chosen", [])
    assert found["so_far"]["processed"] == 24
    assert found["so_far"]["per_second"] > 0
    assert (found["per_second"], found["seconds_left"]) == (0, None)
    assert found["next"] == f"faceprep shard pairs {made}/faces"


def test_what_the_manifest_has_noted_serves_where_runs_have_left_nothing(faces: Path) -> None:
    noted = json.loads((faces / "extract.json").read_text())["run"]
    shutil.rmtree(faces / ".runs")
    found = told(faces)
    assert (found["so_far"], found["runs"], found["counts"]) == (noted, [], {"faces": 384})


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
    assert (exact["counts"], exact["counted"], exact["done"]) == ({"faces": 256}, 256, 256)


def test_a_damaged_part_is_named_where_all_is_looked_at(faces: Path) -> None:
    part = min(faces.glob("part-*"))
    part.write_bytes(b"")
    assert told(faces)["finished"]
    with pytest.raises(InputError, match=f"{part.name}: not a readable part"):
        told(faces, exact=True)


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
    assert less["next"] == "faceprep shard pairs --workers 1"


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
    workspace: Path, faceprep: Faceprep, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = faceprep("status", ".", cwd=workspace)
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert lines[0] == "./faces: faces, finished"
    assert f"./shards/pairs/{records.SHARDS_VERSION}: pairs, finished" in lines
    assert lines[-1] == f"next: faceprep train autoencoder ./shards/pairs/{records.SHARDS_VERSION}"
    assert summary_of(faceprep("status", ".", "--json", cwd=workspace))["finished"] is True
