"""Photographs in, frontal faces out: pictures, a row for every image, latents; whatever the input."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from PIL import Image
from tensorflow import keras

from faceprep.commands.predict import predict
from faceprep.dataset_folder import ImageForm
from faceprep.errors import FaceprepError, InputError, UsageError
from faceprep.extract.options import ExtractOptions
from faceprep.predict.face_finder import FinderTask, find_faces
from faceprep.predict.predict_folder import MARKER
from faceprep.train.autoencoder import build, encoder_of
from faceprep.train.images import decode
from faceprep.train.options import AutoencoderOptions, Shape
from faceprep.train.run_folder import MODEL, write_run
from tests.predict.test_trained import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

OPTIONS = AutoencoderOptions(
    family="pooled",
    input_size="32x32x1",
    output_size="16x16x3",
    encoder="4,8",
    decoder="8",
    latent=5,
)
EXTRACT = ExtractOptions(size=64)


@dataclass(frozen=True)
class Told:
    """What a command said."""

    summary: dict[str, Any]
    rows: list[dict[str, str]]
    log: str


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose model has its first weights."""
    return make_run(tmp_path_factory.mktemp("runs") / "autoencoder-custom-001", OPTIONS)


def make_run(folder: Path, options: AutoencoderOptions) -> Path:
    keras.utils.set_random_seed(0)
    folder.mkdir()
    build(options).save(folder / MODEL)
    data = {"extract": dataclasses.asdict(EXTRACT)}
    write_run(str(folder), run(options=dataclasses.asdict(options), data=data))
    return folder


def tell(*arguments: str | Path) -> Told:
    """What the command says of a run that ends well."""
    result = CliRunner().invoke(predict, [*map(str, arguments), "--json"])
    if result.exception:
        raise result.exception
    folder = Path(arguments[arguments.index("--out") + 1])
    return Told(json.loads(result.stdout), rows_in(folder), result.stderr)


def rows_in(folder: Path) -> list[dict[str, str]]:
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def refused(*arguments: str | Path) -> BaseException:
    """The error that the command ends in."""
    result = CliRunner().invoke(predict, list(map(str, arguments)))
    assert result.exception is not None
    return result.exception


def test_every_face_becomes_a_picture_and_a_row(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    told = tell(trained, sample.root / "person_00", "--out", tmp_path / "out", "--workers", "2")
    images = [image for image in sample.images if image.identity == "person_00"]
    assert told.summary["images"] == told.summary["faces"] == len(images) == 6
    assert told.summary["rejects"] == told.summary["skipped"] == {}
    for row, image in zip(told.rows, images, strict=True):
        assert row["path"] == str(sample.root / image.key)
        assert (row["status"], row["reason"], row["face_index"]) == ("ok", "", "0")
        assert float(row["yaw"]) == pytest.approx(image.yaw, abs=25)
        with Image.open(tmp_path / "out" / row["picture"]) as picture:
            assert picture.height == 128
            assert picture.width > 3 * 128
    assert [row["picture"] for row in told.rows][:2] == ["00.png", "01.png"]
    assert len(list((tmp_path / "out").glob("*.png"))) == 6
    assert (tmp_path / "out" / MARKER).exists()


def test_a_picture_shows_what_the_model_makes_of_the_very_crop(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    path = str(sample.root / sample.images[0].key)
    tell(trained, path, "--out", tmp_path / "out", "--latent")
    (photograph,) = find_faces(FinderTask((path,), EXTRACT, 60.0))
    feature = decode(photograph.faces[0].encoded, Shape(32, 32, 1), ImageForm(64, "jpeg"))[None]
    model = keras.models.load_model(trained / MODEL, compile=False)
    prediction = model(feature, training=False).numpy()[0]
    shown = np.asarray(Image.open(tmp_path / "out" / "00.png"), np.float32) / 255
    np.testing.assert_allclose(shown[4::8, -124::8], prediction, atol=1 / 255)
    middle = shown[2::4, 132 + 2 : 132 + 128 : 4]
    np.testing.assert_allclose(middle, np.repeat(feature[0], 3, axis=2), atol=1 / 255)
    row = pq.read_table(tmp_path / "out" / "latent.parquet").to_pylist()[0]
    latent = encoder_of(model)(feature, training=False).numpy()[0]
    np.testing.assert_allclose(row["latent"], latent, rtol=1e-4, atol=1e-6)
    assert row["path"] == path
    assert row["yaw"] == pytest.approx(photograph.faces[0].yaw, abs=0.01)


def test_the_same_images_give_the_same_bytes(sample: Sample, trained: Path, tmp_path: Path) -> None:
    given: list[str | Path] = [
        trained,
        sample.root / "person_00",
        sample.root / "person_01",
        "--latent",
    ]
    tell(*given, "--out", tmp_path / "one", "--workers", "1")
    tell(*given, "--out", tmp_path / "two", "--workers", "2")
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == 12 + 3


def test_nothing_is_lost_of_a_folder_of_all_sorts(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    for name in ("x/a.jpg", "y/a.jpg"):
        (photos / name).parent.mkdir(parents=True)
        shutil.copy(sample.root / sample.images[0].key, photos / name)
    Image.new("RGB", (80, 80)).save(photos / "none.png")
    (photos / "words.jpg").write_text("words")
    (photos / "notes.txt").write_text("words")
    told = tell(trained, photos, "--out", tmp_path / "out")
    assert [(Path(row["path"]).name, row["status"], row["picture"]) for row in told.rows] == [
        ("none.png", "no_face", ""),
        ("words.jpg", "unreadable", ""),
        ("a.jpg", "ok", "x_a.png"),
        ("a.jpg", "ok", "y_a.png"),
    ]
    assert all(row["reason"] for row in told.rows[:2])
    assert told.summary["rejects"] == {"no_face": 1, "unreadable": 1}
    assert told.summary["skipped"] == {"not images": 1}
    assert f"{photos}/none.png: no_face: no face found" in told.log
    assert told.log.count(f"{photos}/words.jpg: unreadable: ") == 1


def test_all_faces_or_one(sample: Sample, trained: Path, tmp_path: Path) -> None:
    both = Image.new("RGB", (600, 300))
    for left, image in zip((0, 300), (sample.images[0], sample.images[6]), strict=True):
        both.paste(Image.open(sample.root / image.key).resize((300, 300)), (left, 0))
    both.save(tmp_path / "both.png")
    one = tell(trained, tmp_path / "both.png", "--out", tmp_path / "one")
    two = tell(trained, tmp_path / "both.png", "--out", tmp_path / "two", "--face", "all")
    assert [row["picture"] for row in one.rows] == ["both.png"]
    assert [row["picture"] for row in two.rows] == ["both.png", "both-face1.png"]
    assert [row["face_index"] for row in two.rows] == ["0", "1"]
    assert two.summary["faces"] == 2
    first = (tmp_path / "one" / "both.png").read_bytes()
    assert first == (tmp_path / "two" / "both.png").read_bytes()


def test_an_image_without_a_face_is_an_end_of_its_own(trained: Path, tmp_path: Path) -> None:
    Image.new("RGB", (80, 80)).save(tmp_path / "none.png")
    error = refused(trained, tmp_path / "none.png", "--out", tmp_path / "out", "--latent")
    assert isinstance(error, FaceprepError)
    assert (error.exit_code, str(error)) == (1, "none of the 1 images gave a face")
    assert [row["status"] for row in rows_in(tmp_path / "out")] == ["no_face"]
    assert pq.read_table(tmp_path / "out" / "latent.parquet").num_rows == 0


def test_the_same_command_does_it_again_and_another_does_not(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    first, second = (str(sample.root / image.key) for image in sample.images[:2])
    out = tmp_path / "out"
    tell(trained, first, "--out", out)
    whole = {path.name for path in out.iterdir()}
    (out / "predictions.csv").unlink()  # as after a kill
    (out / f".00.png.tmp-~{socket.gethostname()}~{dead_process()}~0123abcd").touch()
    tell(trained, first, "--out", out)
    assert {path.name for path in out.iterdir()} == whole
    error = refused(trained, second, "--out", out)
    assert isinstance(error, UsageError)
    assert "predictions with other images than now; choose another folder" in str(error)
    assert "other options" in str(refused(trained, first, "--out", out, "--latent"))
    (out / MARKER).write_text("{")
    assert "predict.json: not readable" in str(refused(trained, first, "--out", out))


def test_a_folder_of_something_else_is_left_alone(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "00.png").touch()
    error = refused(trained, sample.root / sample.images[0].key, "--out", tmp_path)
    assert isinstance(error, InputError)
    assert "holds other files" in str(error)
    assert [path.name for path in tmp_path.iterdir()] == ["00.png"]


def test_the_folder_may_not_lie_among_the_images(
    sample: Sample, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample.root / "person_00", tmp_path / "photos")
    error = refused(trained, tmp_path / "photos", "--out", tmp_path / "photos" / "out")
    assert isinstance(error, UsageError)
    assert "whose images are taken; choose one beside it" in str(error)
    assert "--out is empty" in str(refused(trained, tmp_path / "photos", "--out", ""))


def test_images_must_be_named(trained: Path) -> None:
    error = refused(trained, "--out", "out")
    assert isinstance(error, UsageError)
    assert "IMAGES… is missing: name files or folders" in str(error)


def test_quiet_says_nothing_when_all_is_well(
    sample: Sample, trained: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    image = sample.root / sample.images[0].key
    run = faceprep("predict", trained, image, "--out", tmp_path / "out", "--quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
