"""The stage end to end, on rendered faces, through the real command in processes of its own."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pandas as pd
import psutil
import pytest

from tests import detectors
from tests.conftest import ROOT, Sample, summary_of
from tests.content import content

if TYPE_CHECKING:
    from collections.abc import Callable

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

COPIES = 16


@pytest.fixture(scope="module")
def raw(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample sixteen times over, as hard links: 384 images in three parts."""
    root = tmp_path_factory.mktemp("many") / "raw"
    for copy in range(COPIES):
        for image in sample.images:
            target = root / f"{image.identity}_{copy:02d}" / Path(image.key).name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(sample.root / image.key, target)
    return root


@pytest.fixture(scope="module")
def undisturbed(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run with two workers makes of `raw`."""
    out = tmp_path_factory.mktemp("undisturbed") / "faces"
    ended(start(raw, out, workers=2))
    return out


def start(raw: Path, out: Path, workers: int = 1, *more: str) -> subprocess.Popen[str]:
    """Start extract in a process group of its own."""
    command = [sys.executable, "-m", "faceprep", "extract", raw, "--out", out, "--json"]
    return subprocess.Popen(
        [*map(str, command), "--workers", str(workers), *more],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ended(run: subprocess.Popen[str]) -> dict[str, Any]:
    """The summary of a run that ends well."""
    out, words = run.communicate(timeout=120)
    assert run.returncode == 0, words
    summary: dict[str, Any] = json.loads(out)
    return summary


def table(out: Path) -> pd.DataFrame:
    """All rows of a folder of faces, by key."""
    parts = sorted(out.glob("part-*.parquet"))
    return pd.concat(map(pd.read_parquet, parts)).sort_values("key").set_index("key", drop=False)


def wait_for_parts(out: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(out.glob("part-*"))) < count:
        assert time.monotonic() < deadline, "no part appeared"
        time.sleep(0.02)


def test_every_image_gives_a_row_with_a_face(raw: Path, undisturbed: Path) -> None:
    faces = table(undisturbed)
    assert list(faces.key) == sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*.jpg"))
    assert set(faces.status) == {"ok"}
    crop = cv2.imdecode(np.frombuffer(faces.crop.iloc[0], np.uint8), cv2.IMREAD_COLOR)
    assert crop is not None
    assert crop.shape == (160, 160, 3)


def test_the_manifest_counts_what_is_there(undisturbed: Path) -> None:
    manifest = json.loads((undisturbed / "extract.json").read_text())
    assert manifest["counts"] == {"images": 384, "faces": 384, "rejects": {}}
    assert manifest["options"]["layout"] == "identity"
    assert len(list(undisturbed.glob("part-*-of-00003.parquet"))) == 3


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_same_bytes(
    raw: Path, undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    ended(start(raw, tmp_path / "faces", workers))
    assert content(tmp_path / "faces") == content(undisturbed)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(
    raw: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out, moments = tmp_path / "faces", random.Random(7)
    for _ in range(5):
        run = start(raw, out, 2)
        time.sleep(moments.uniform(0.3, 3.0))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    assert ended(start(raw, out, 2))["images"] == 384
    assert content(out) == content(undisturbed)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_in_seconds_and_the_same_command_goes_on(
    raw: Path, undisturbed: Path, tmp_path: Path, signum: signal.Signals
) -> None:
    out = tmp_path / "faces"
    run = start(raw, out)
    wait_for_parts(out, 1)
    workers = psutil.Process(run.pid).children(recursive=True)
    os.killpg(run.pid, signum)
    _, words = run.communicate(timeout=5)
    assert run.returncode == 128 + signum
    assert "the same command goes on" in words
    assert "Traceback" not in words
    assert not psutil.wait_procs(workers, timeout=5)[1], "workers outlived the run"
    before = len(list(out.glob("part-*")))
    assert 0 < ended(start(raw, out))["processed"] <= 384 - before * 128
    assert content(out) == content(undisturbed)


def test_a_second_run_does_nothing_again(
    raw: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    out = tmp_path / "faces"
    shutil.copytree(undisturbed, out)
    stamps = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert summary_of(faceprep("extract", raw, "--out", out, "--json"))["processed"] == 0
    assert {path: path.stat().st_mtime_ns for path in out.glob("part-*")} == stamps


def test_images_that_are_added_later_are_all_that_is_done(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "faces"
    shutil.copytree(sample.root, raw)
    assert summary_of(faceprep("extract", raw, "--out", out, "--json"))["processed"] == 24
    before = content(out)
    shutil.copytree(raw / "person_01", raw / "a_new_person")
    summary = summary_of(faceprep("extract", raw, "--out", out, "--json"))
    assert (summary["processed"], summary["images"]) == (6, 30)
    assert (out / "part-00000-of-00001.update-001.parquet").exists()
    untouched = [name for name in before if name != "extract.json"]
    assert {name: content(out)[name] for name in untouched} == {n: before[n] for n in untouched}
    assert sorted(table(out).key) == sorted(
        p.relative_to(raw).as_posix() for p in raw.rglob("*.jpg")
    )


def test_images_that_are_gone_are_said_and_their_rows_stay(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "faces"
    shutil.copytree(sample.root, raw)
    faceprep("extract", raw, "--out", out)
    shutil.rmtree(raw / "person_00")
    run = faceprep("extract", raw, "--out", out, "--json")
    assert "6 images of earlier runs are no longer in the source" in run.stderr
    assert summary_of(run)["images"] == 24


def blank(path: Path, width: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((80, width, 3), 200, np.uint8))


@pytest.fixture(scope="module")
def treacherous(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run over images of which some segfault, hang, raise or are no images."""
    folder = tmp_path_factory.mktemp("treacherous")
    shutil.copytree(sample.root, folder / "raw")
    for name, width in [("segv", detectors.SEGFAULTS), ("hang", detectors.HANGS)]:
        blank(folder / f"raw/person_00/{name}.png", width)
        blank(folder / f"raw/person_03/{name}.png", width)
    blank(folder / "raw/person_01/raise.png", detectors.RAISES)
    (folder / "raw/person_02/garbage.jpg").write_bytes(b"\xff\xd8\xffno more than that")
    more = ("--detector", "tests.detectors:Treacherous", "--timeout", "2")
    run = start(folder / "raw", folder / "faces", 2, *more)
    out, words = run.communicate(timeout=120)
    return {
        "returncode": run.returncode,
        "summary": json.loads(out),
        "words": words,
        **vars_of(folder),
    }


def vars_of(folder: Path) -> dict[str, Any]:
    faces = table(folder / "faces")
    return {"status": faces.status.to_dict(), "reason": faces.reason.to_dict()}


def test_images_that_kill_or_hang_their_worker_cost_only_themselves(
    treacherous: dict[str, Any],
) -> None:
    assert treacherous["returncode"] == 0
    status = treacherous["status"]
    assert status.pop("person_00/segv.png") == status.pop("person_03/segv.png") == "crashed"
    assert status.pop("person_00/hang.png") == status.pop("person_03/hang.png") == "timeout"
    assert status.pop("person_01/raise.png") == "crashed"
    assert status.pop("person_02/garbage.jpg") == "unreadable"
    assert set(status.values()) == {"ok"}
    assert len(status) == 24


def test_what_happened_is_said_without_a_traceback(treacherous: dict[str, Any]) -> None:
    assert (
        "person_00/segv.png: ended its worker (SIGSEGV); recorded as crashed"
        in treacherous["words"]
    )
    assert "Traceback" not in treacherous["words"]
    assert (
        treacherous["reason"]["person_01/raise.png"] == "ArithmeticError: a detector's own mistake"
    )


def test_all_rejects_are_accounted_for(treacherous: dict[str, Any]) -> None:
    summary = treacherous["summary"]
    assert summary["rejects"] == {"crashed": 3, "timeout": 2, "unreadable": 1}
    assert summary["images"] == 30 == summary["faces"] + summary["rejected"]


def test_a_machine_that_cannot_run_the_detector_is_told_from_a_bad_image(
    sample: Sample, tmp_path: Path
) -> None:
    run = start(sample.root, tmp_path / "faces", 2, "--detector", "tests.detectors:Deadly")
    _, words = run.communicate(timeout=60)
    assert run.returncode == 5
    assert "faceprep doctor" in words


def test_a_full_disk_is_one_line_and_what_was_finished_stays(
    raw: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small tmpfs needs root")
    try:
        run = faceprep("extract", raw, "--out", small / "faces", "--workers", "1")
        assert run.returncode == 4
        assert "no space left" in run.stderr
        assert "Traceback" not in run.stderr
        finished = sorted(path.name for path in (small / "faces").iterdir())
        assert "part-00000-of-00003.parquet" in finished
        assert [name for name in finished if name.startswith(".")] == [".runs"]
        assert len(pd.read_parquet(small / "faces" / "part-00000-of-00003.parquet")) == 128
    finally:
        subprocess.run(["umount", str(small)], check=True)
