"""The pairs of CFP's protocol as records: all of them, rightly labelled, stand-ins flagged."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from faceprep import dataset_folder, example, records, tfrecord
from tests.conftest import summary_of
from tests.shard.small_cfp import FACELESS, SmallCfp, make_small_cfp

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

KINDS = {f.name: f.kind for f in records.features(records.VerificationExample)}


def read(folder: Path) -> list[dict[str, Any]]:
    """All records of a data set, each with the split it is in."""
    found = []
    for split in dataset_folder.read_splits(str(folder)).values():
        for shard in split.shards("cfp"):
            with (folder / shard.name).open("rb") as file:
                payloads = [record.payload for record in tfrecord.read_records(file)]
            found += [{"split": split.name, **example.decode(p, KINDS)} for p in payloads]
    return found


@pytest.fixture
def small(sample: Sample, tmp_path: Path, faceprep: Faceprep) -> SmallCfp:
    """With its faces extracted into `faces` beside it."""
    made = make_small_cfp(sample, tmp_path / "cfp")
    summary = summary_of(faceprep("extract", made.root, "--out", tmp_path / "faces", "--json"))
    assert summary["layout"] == "cfp"
    assert summary["rejected"] == 1
    return made


def shard(small: SmallCfp, faceprep: Faceprep, *options: str) -> subprocess.CompletedProcess[str]:
    faces = small.root.parent / "faces"
    arguments = ("--faces", faces, "--out", small.root.parent / "shards", *options)
    return faceprep("shard", "cfp", small.protocol, *arguments)


def test_every_pair_is_there_once_with_its_label(small: SmallCfp, faceprep: Faceprep) -> None:
    summary = summary_of(shard(small, faceprep, "--json"))["cfp"]
    found = read(small.root.parent / "shards" / "cfp" / "1.0.0")
    expected = {}
    for path in (small.protocol / "Split").rglob("*.txt"):
        protocol, fold, name = path.parts[-3:]
        for line, text in enumerate(path.read_text().split(), start=1):
            a, b = (int(index) - 1 for index in text.split(","))
            key = f"{protocol.lower()}{fold}/{name[:-4]}/{line}"
            images = small.listed("F")[a], small.listed(protocol[1])[b]
            expected[key] = (int(name == "same.txt"), *(image[3:] for image in images))
    assert {r["key"]: (r["label"], r["first/key"], r["second/key"]) for r in found} == expected
    assert summary["records"] == len(found) == len(expected)
    assert all(r["key"].startswith(r["split"]) for r in found)
    assert all(r["split"] == f"{r['protocol'].lower()}{r['fold']:02d}" for r in found)
    assert all((r["first/identity"] == r["second/identity"]) == r["label"] for r in found)


def test_the_centre_stands_in_where_there_is_no_face(small: SmallCfp, faceprep: Faceprep) -> None:
    run = shard(small, faceprep, "--json")
    summary = summary_of(run)["cfp"]
    found = read(small.root.parent / "shards" / "cfp" / "1.0.0")
    without = [r for r in found if not r["second/found"]]
    assert {r["second/key"] for r in without} == {f"Data/Images/{FACELESS}"}
    assert (summary["stand_ins"], summary["pairs_with_stand_ins"]) == (1, len(without))
    assert all(np.isnan(r["second/yaw"]) and r["first/found"] for r in without)
    crop = cv2.imdecode(np.frombuffer(without[0]["second/image"], np.uint8), cv2.IMREAD_COLOR)
    image = cv2.imread(str(small.root / "Data" / "Images" / FACELESS))
    assert crop is not None
    assert image is not None
    centre = cv2.resize(image[:, 15:105], (160, 160))  # of 120 x 90
    assert np.abs(crop.astype(int) - centre).mean() < 12
    assert "1 images have no face; their centres stand in" in run.stderr


def test_images_are_found_by_name_wherever_the_root_was(
    small: SmallCfp, faceprep: Faceprep, tmp_path: Path
) -> None:
    faceprep("extract", small.root / "Data" / "Images", "--out", tmp_path / "other")
    out = ("--out", tmp_path / "shards", "--json")
    run = faceprep("shard", "cfp", small.protocol, "--faces", tmp_path / "other", *out)
    assert summary_of(run)["cfp"]["stand_ins"] == 1


def test_images_that_are_not_in_faces_are_named(small: SmallCfp, faceprep: Faceprep) -> None:
    shutil.rmtree(small.root / "Data" / "Images" / "003")
    faces = small.root.parent / "faces"
    faceprep("extract", small.root, "--out", faces, "--overwrite")
    run = shard(small, faceprep)
    assert run.returncode == 3
    assert "names 6 images that" in run.stderr
    assert "../Data/Images/003/frontal/01.jpg" in run.stderr
    assert not (small.root.parent / "shards").exists()


def test_a_stand_in_that_is_gone_is_named(small: SmallCfp, faceprep: Faceprep) -> None:
    (small.root / "Data" / "Images" / FACELESS).unlink()
    run = shard(small, faceprep)
    assert run.returncode == 3
    assert f"{FACELESS}: no face was found in it, and it cannot be read" in run.stderr


def test_a_label_against_the_identities_is_named(small: SmallCfp, faceprep: Faceprep) -> None:
    small.fold("FF", 1, "same").write_text("1,2\n1,5\n")
    run = shard(small, faceprep)
    assert run.returncode == 3
    assert "same.txt:2: of identities 001 and 002" in run.stderr


def test_all_published_pairs_at_hand(cfp: Path, faceprep: Faceprep, tmp_path: Path) -> None:
    summary_of(faceprep("extract", cfp, "--out", tmp_path / "faces", "--workers", "2", "--json"))
    out = ("--out", tmp_path / "shards", "--json", "--workers", "2")
    run = faceprep("shard", "cfp", cfp / "Protocol", "--faces", tmp_path / "faces", *out)
    summary = summary_of(run)["cfp"]
    folds = len(list((cfp / "Protocol" / "Split" / "FF").iterdir()))
    assert summary["records"] == 2 * folds * 700
    assert set(summary["splits"].values()) == {700}
    assert summary["stand_ins"] <= 5
    found = read(tmp_path / "shards" / "cfp" / "1.0.0")
    assert all((r["first/identity"] == r["second/identity"]) == r["label"] for r in found)
    assert sum(r["label"] for r in found) == len(found) // 2
