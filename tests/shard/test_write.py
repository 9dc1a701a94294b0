"""Shards on disk: the same bytes whatever happens, and nothing half-written under a final name."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import dataset_folder, example, records, tfrecord
from tests.conftest import ROOT, summary_of
from tests.content import content
from tests.shard.many import multiply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

SHARDS = 4
KINDS = {f.name: f.kind for f in records.features(records.PairExample)}


@pytest.fixture(scope="module")
def faces(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """960 faces of 160 people in 8 parts, with their targets chosen."""
    folder = tmp_path_factory.mktemp("many")
    run("extract", sample.root, "--out", folder / "few", "--quiet")
    many = multiply(folder / "few", folder / "faces", copies=40)
    run("select", many, "--shortlist", "1", "--quiet")
    return many


@pytest.fixture(scope="module")
def undisturbed(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run with two workers makes of them."""
    out = tmp_path_factory.mktemp("undisturbed")
    run(*sharding(faces, out, workers=2))
    return out / "pairs" / "1.0.0"


def sharding(faces: Path, out: Path, workers: int = 1, *more: str) -> tuple[str | Path, ...]:
    options = ("--shards", str(SHARDS), "--workers", str(workers), "--json")
    return ("shard", "pairs", faces, "--out", out, *options, *more)


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start the command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "faceprep", *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(*arguments: str | Path) -> str:
    """What a command that ends well prints."""
    process = start(*arguments)
    out, words = process.communicate(timeout=120)
    assert process.returncode == 0, words
    return out


def examples(folder: Path, split: str, compression: str = "none") -> list[dict[str, Any]]:
    found = []
    for shard in dataset_folder.read_splits(str(folder))[split].shards("pairs"):
        path = folder / shard.name
        with path.open("rb") as raw, tfrecord.decompressed(raw, compression) as file:
            found += [example.decode(r.payload, KINDS) for r in tfrecord.read_records(file)]
    return found


def rows(faces: Path) -> dict[str, dict[str, Any]]:
    table = pa.concat_tables([pq.read_table(p) for p in sorted(faces.glob("part-*.parquet"))])
    return {row["key"]: row for row in table.to_pylist()}


def test_every_face_but_the_target_is_a_feature_once(faces: Path, undisturbed: Path) -> None:
    found = [r for split in ("train", "validation", "test") for r in examples(undisturbed, split)]
    targets = {
        row["identity"]: row["key"] for row in pq.read_table(faces / "targets.parquet").to_pylist()
    }
    assert sorted(r["key"] for r in found) == sorted(rows(faces).keys() - set(targets.values()))
    assert all(r["target/key"] == targets[r["feature/identity"]] for r in found)


def test_images_and_poses_are_those_of_faces(faces: Path, undisturbed: Path) -> None:
    of = rows(faces)
    for record in examples(undisturbed, "validation"):
        for slot in ("feature", "target"):
            row = of[record[f"{slot}/key"]]
            assert record[f"{slot}/image"] == row["crop"]
            assert record[f"{slot}/found"]
            for name in ("identity", "yaw", "pitch", "roll", "frontality"):
                assert record[f"{slot}/{name}"] == row[name]
            assert record[f"{slot}/clip"] == record[f"{slot}/view"] == ""


def test_nobody_is_in_two_splits(undisturbed: Path) -> None:
    people = [
        {record["feature/identity"] for record in examples(undisturbed, split)}
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, people)) == len(set.union(*people)) == 160


def test_shards_of_a_split_are_of_one_size(undisturbed: Path) -> None:
    sizes = [path.stat().st_size for path in undisturbed.glob("pairs-train.tfrecord-*")]
    assert len(sizes) == SHARDS
    assert max(sizes) < 1.05 * min(sizes)


@pytest.mark.parametrize("workers", [1, 4])
def test_the_number_of_workers_does_not_show(
    faces: Path, undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    run(*sharding(faces, tmp_path, workers))
    assert content(tmp_path / "pairs" / "1.0.0") == content(undisturbed)


def test_kills_at_any_moment_do_not_show(faces: Path, undisturbed: Path, tmp_path: Path) -> None:
    expected, folder = content(undisturbed), tmp_path / "pairs" / "1.0.0"
    moments = random.Random(0)
    for _ in range(10):
        process = start(*sharding(faces, tmp_path, 2))
        time.sleep(moments.uniform(0.2, 1.6))
        process.kill()
        process.communicate()
        there = content(folder) if folder.exists() else {}
        for name, data in there.items():
            scratch = ".tmp-" in name or name.startswith(".spool/")
            if not scratch and name != dataset_folder.MANIFEST:
                assert data == expected[name]
    run(*sharding(faces, tmp_path, 2))
    assert content(folder) == expected
    assert not (folder / ".spool").exists()


def test_a_run_goes_on_where_it_was_stopped(faces: Path, undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pairs" / "1.0.0"
    shutil.copytree(undisturbed, folder)
    gone = sorted(folder.glob("pairs-train.tfrecord-*"))[1]
    kept = sorted(folder.glob("pairs-train.tfrecord-*"))[2]
    before = kept.stat().st_mtime_ns
    gone.unlink()
    summary = json.loads(run(*sharding(faces, tmp_path)))["pairs"]
    lengths = dataset_folder.read_splits(str(undisturbed))["train"].lengths
    assert summary["written"] == lengths[1]
    assert kept.stat().st_mtime_ns == before
    assert content(folder) == content(undisturbed)


def test_sigterm_ends_a_run_in_order(faces: Path, tmp_path: Path) -> None:
    process = start(*sharding(faces, tmp_path, 2))
    time.sleep(0.8)
    process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=10)
    assert process.returncode in (143, 0)
    assert "Traceback" not in words


def test_a_finished_data_set_is_left_alone(
    faces: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(undisturbed, tmp_path / "pairs" / "1.0.0")
    again = faceprep(*(a for a in sharding(faces, tmp_path) if a != "--json"))
    assert "nothing was left to do" in again.stdout
    assert content(tmp_path / "pairs" / "1.0.0") == content(undisturbed)


def test_other_options_are_refused_by_name_unless_told_to_overwrite(
    faces: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(undisturbed, tmp_path / "pairs" / "1.0.0")
    other = sharding(faces, tmp_path, 1, "--seed", "5")
    refused = faceprep(*other)
    assert refused.returncode == 2
    assert "--seed was 0 and is now 5" in refused.stderr
    assert content(tmp_path / "pairs" / "1.0.0") == content(undisturbed)
    assert summary_of(faceprep(*other, "--overwrite"))["pairs"]["written"] == 800
    assert content(tmp_path / "pairs" / "1.0.0") != content(undisturbed)


def test_other_targets_are_not_mixed_with_those_it_was_begun_with(
    faces: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(undisturbed, tmp_path / "pairs" / "1.0.0")
    shutil.copytree(faces, tmp_path / "faces")
    run("select", tmp_path / "faces", "--shortlist", "2", "--quiet")
    refused = faceprep(*sharding(tmp_path / "faces", tmp_path))
    assert refused.returncode == 3
    assert "the targets are not those it was begun with" in refused.stderr


def test_a_damaged_shard_is_not_taken_for_finished(
    faces: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    folder = tmp_path / "pairs" / "1.0.0"
    shutil.copytree(undisturbed, folder)
    (folder / dataset_folder.INFO).unlink()
    shard = folder / f"pairs-train.tfrecord-00001-of-{SHARDS:05d}"
    data = bytearray(shard.read_bytes())
    data[100] ^= 1
    shard.write_bytes(data)
    refused = faceprep(*sharding(faces, tmp_path))
    assert refused.returncode == 3
    assert f"{shard.name}: record 0: the checksum of its content is wrong" in refused.stderr


def test_gzip_holds_the_same_records(faces: Path, undisturbed: Path, tmp_path: Path) -> None:
    run(*sharding(faces, tmp_path, 2, "--compression", "GZIP"))
    folder = tmp_path / "pairs" / "1.0.0"
    assert examples(folder, "test", "GZIP") == examples(undisturbed, "test")
    first = content(folder)
    gone = next(folder.glob("pairs-test.tfrecord-*"))
    gone.unlink()
    run(*sharding(faces, tmp_path, 1, "--compression", "GZIP"))
    assert content(folder) == first


@pytest.mark.parametrize("seed", ["0", "1"])
def test_two_runs_at_once_do_not_mix(
    faces: Path, undisturbed: Path, tmp_path: Path, seed: str
) -> None:
    runs = [start(*sharding(faces, tmp_path)), start(*sharding(faces, tmp_path, 1, "--seed", seed))]
    ends = [(process.communicate(timeout=120)[1], process.returncode) for process in runs]
    folder = tmp_path / "pairs" / "1.0.0"
    assert any(code == 0 for _, code in ends)
    for words, code in ends:
        assert code == 0 or "at work in it" in words or "--seed" in words
    if json.loads((folder / "shard.json").read_text())["options"]["seed"] == 0:
        assert content(folder) == content(undisturbed)
    run("verify", folder)


def test_a_shard_that_holds_less_than_planned_is_not_taken_for_finished(
    faces: Path, undisturbed: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    folder = tmp_path / "pairs" / "1.0.0"
    shutil.copytree(undisturbed, folder)
    shard = folder / f"pairs-train.tfrecord-00001-of-{SHARDS:05d}"
    with shard.open("rb") as file:
        first = next(tfrecord.read_records(file))
        end = file.tell()
    assert first.fault is None
    shard.write_bytes(shard.read_bytes()[:end])
    before = content(folder)
    refused = faceprep(*sharding(faces, tmp_path))
    assert refused.returncode == 3
    assert f"{shard.name}: holds other records than were planned" in refused.stderr
    assert content(folder) == before


def test_damaged_crops_do_not_get_into_shards(
    faces: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(faces, tmp_path / "faces")
    part = sorted((tmp_path / "faces").glob("part-*.parquet"))[2]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 4
    part.write_bytes(data)
    refused = faceprep(*sharding(tmp_path / "faces", tmp_path / "out"))
    assert refused.returncode == 3
    assert f"{part.name}: not a readable part (damaged: its checksum is wrong)" in refused.stderr
    assert not list((tmp_path / "out" / "pairs" / "1.0.0").glob("*.tfrecord-*"))
