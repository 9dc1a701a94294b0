"""The texts of examples/ do what they say, on rendered faces laid out as the data sets they speak of."""

from __future__ import annotations

import dataclasses
import re
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps

from tests.conftest import ROOT, Sample
from tests.shard.small_cfp import make_small_cfp
from tests.texts import read_blocks, run_blocks
from tests.train.small_pairs import small_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from examples.sample_faces import SampleImage

FOLDER = ROOT / "examples"
TEXTS = sorted(path.stem for path in FOLDER.glob("*.md") if path.name != "README.md")

SMALL = {
    "FACEPREP_WORKERS": "1",
    **{f"FACEPREP_TRAIN_SIAMESE_{name}": value for name, value in {
        "EPOCHS": "1", "WIDTH": "0.05", "INPUT_SIZE": "63x63x1", "EMBEDDING": "4",
        "BACKBONE": "alexnet", "AUGMENT": "0", "MIRROR": "0",
    }.items()},
    **{f"FACEPREP_TRAIN_AUTOENCODER_{name}": value for name, value in {
        "INPUT_SIZE": "32x32x1", "ENCODER": "4,8", "LATENT": "5",
    }.items()},
}  # fmt: skip
"""What makes the work of a text small where it leaves that open; alexnet is the soonest compiled."""

BRIEF = {"--epochs 2 --width 0.25": "", "--epochs 10": "--epochs 1"}
"""What it does not leave open, and what stands there instead."""


def run(name: str, folder: Path) -> list[str]:
    """Run a text; what its programs have said on stdout."""
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    for long, brief in BRIEF.items():
        text = text.replace(long, brief)
    return run_blocks(read_blocks(text), folder, SMALL)


@pytest.fixture(scope="module")
def lfw(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which lfw.md has been done."""
    folder = tmp_path_factory.mktemp("lfw")
    with tarfile.open(folder / "lfw.tgz", "w:gz") as archive:
        for image in sample.images:
            person = image.identity.title()
            name = f"lfw/{person}/{person}_{number_of(image):04d}.jpg"
            archive.add(sample.root / image.key, name)
    run("lfw", folder)
    return folder


def number_of(image: SampleImage) -> int:
    """1 for the first image of a person."""
    return int(image.key[-6:-4]) + 1


def of_people(sample: Sample, count: int) -> Iterator[SampleImage]:
    """The images of the first so many."""
    return (image for image in sample.images if image.identity < f"person_{count:02d}")


def raw_folder(sample: Sample, folder: Path, people: int) -> None:
    for image in of_people(sample, people):
        (folder / "raw" / image.key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample.root / image.key, folder / "raw" / image.key)


def test_lfw(lfw: Path) -> None:
    assert sum(1 for _ in lfw.glob("crops/Person_*/*.jpg")) >= 8
    assert (lfw / "shards" / "pairs" / "1.0.0" / "dataset_info.json").exists()


def test_reading_faces(lfw: Path) -> None:
    (said,) = run("read_faces", lfw)
    assert re.search(r"ok\s+24\b", said)
    for person in ("Person_00", "Person_03"):
        with Image.open(lfw / "targets" / f"{person}.jpg") as picture:
            assert picture.size == (160, 160)
        assert said.count(person) == 2


def test_reading_shards(lfw: Path) -> None:
    (said,) = run("read_shards", lfw)
    assert "(8, 64, 64, 1) (8, 64, 64, 1)" in said
    assert len(re.findall(r"Person_\d\d \(160, 160, 3\) -?\d+\.", said)) == 3


def test_cfp_end_to_end(sample: Sample, tmp_path: Path) -> None:
    make_small_cfp(with_mirrored(sample, tmp_path / "more"), tmp_path / "cfp-dataset")
    *_, said = run("cfp", tmp_path)
    assert "accuracy, %" in said
    for page in ("README.md", "evaluation/README.md"):
        assert (tmp_path / "runs" / "cfp" / page).exists()


def with_mirrored(sample: Sample, root: Path) -> Sample:
    """Two people more, for a third fold: mirror images of the first two."""
    more = []
    for image in of_people(sample, 2):
        other = f"person_{int(image.identity[-2:]) + 4:02d}"
        key = image.key.replace(image.identity, other)
        more.append(dataclasses.replace(image, key=key, identity=other, yaw=-image.yaw))
    shutil.copytree(sample.root, root)
    for image, mirrored in zip(of_people(sample, 2), more, strict=True):
        (root / mirrored.key).parent.mkdir(exist_ok=True)
        with Image.open(sample.root / image.key) as picture:
            ImageOps.mirror(picture).save(root / mirrored.key)
    return Sample(root, (*sample.images, *more))


def test_youtube_faces(sample: Sample, tmp_path: Path) -> None:
    for image in of_people(sample, 3):
        number = number_of(image)
        person = tmp_path / "frame_images_DB" / image.identity
        frame = person / str(number % 2) / f"{number % 2}.{number + 554}.jpg"
        frame.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample.root / image.key, frame)
        person.with_suffix(".labeled_faces.txt").write_text("no image")
    *_, said = run("youtube_faces", tmp_path)
    assert len(re.findall(r"person_\d\d +[01] ", said)) == 6


def test_a_table_of_ones_own(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    names = {"person_00": "anna", "person_01": "ben", "person_02": "çelik"}
    for image in of_people(sample, 3):
        photo = f"{names[image.identity]}_2019_{number_of(image):03d}.jpg"
        shutil.copyfile(sample.root / image.key, tmp_path / "photos" / photo)
    run("own_csv", tmp_path)
    assert (tmp_path / "people.csv").read_text("utf-8").splitlines()[1] == (
        "photos/anna_2019_001.jpg,anna,2019"
    )
    assert (tmp_path / "shards" / "pairs").exists()


def test_a_detector_of_ones_own(sample: Sample, tmp_path: Path) -> None:
    raw_folder(sample, tmp_path, people=2)
    shutil.copyfile(FOLDER / "custom_detector.py", tmp_path / "custom_detector.py")
    (said,) = run("custom_detector", tmp_path)
    (found,) = set(re.findall(r"^faces +(\d+)", said, re.MULTILINE))
    assert 4 <= int(found) < 12


def test_a_model_of_ones_own(sample: Sample, tmp_path: Path) -> None:
    small_pairs(tmp_path, identities=3)
    raw_folder(sample, tmp_path, people=1)
    shutil.copyfile(FOLDER / "custom_model.py", tmp_path / "custom_model.py")
    run("custom_model", tmp_path)
    assert len(list((tmp_path / "frontal").glob("*.png"))) == 6


def test_a_cluster(sample: Sample, tmp_path: Path) -> None:
    raw_folder(sample, tmp_path, people=2)
    run("cluster", tmp_path)
    assert (tmp_path / "shards" / "pairs" / "1.0.0" / "dataset_info.json").exists()


@pytest.mark.parametrize("name", TEXTS)
def test_each_text_stands_in_the_index_and_has_nothing_that_cannot_be_run(name: str) -> None:
    assert f"({name}.md)" in (FOLDER / "README.md").read_text("utf-8")
    blocks = read_blocks((FOLDER / f"{name}.md").read_text("utf-8"))
    assert {block.language for block in blocks} <= {"sh", "python", "toml", "text"}
    assert any(block.runs for block in blocks)


def test_each_program_stands_in_the_index() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    for path in FOLDER.glob("[!_]*.py"):
        assert f"({path.name})" in index
