"""Two photographs in, a verdict out; or one line that says why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from faceprep.commands.predict import predict
from faceprep.errors import InputError, UsageError
from faceprep.predict.face_finder import FinderTask, find_faces
from faceprep.predict.judging import started
from faceprep.predict.trained import TrainedSiamese, open_run
from faceprep.train.run_folder import MODEL, write_run
from tests.predict.small_siamese import EXTRACT, FROM, make_siamese, siamese_run
from tests.predict.test_run import refused

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sample

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose network has its first weights."""
    return make_siamese(tmp_path_factory.mktemp("runs") / "siamese-embed-001")


def portrait(sample: Sample, number: int) -> str:
    return str(sample.root / sample.images[number].key)


def told(*arguments: str | Path) -> dict[str, Any]:
    result = CliRunner().invoke(predict, [*map(str, arguments), "--json"])
    if result.exception:
        raise result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_verdict_is_that_of_the_network_on_the_very_crops(
    sample: Sample, run: Path, tmp_path: Path
) -> None:
    paths = (portrait(sample, 0), portrait(sample, 7))
    trained = open_run(str(run))
    assert isinstance(trained, TrainedSiamese)
    first, second = (each.faces[0].encoded for each in find_faces(FinderTask(paths, EXTRACT, 60.0)))
    (expected,) = started(trained, 1)([first], [second])
    for threshold, same in ((expected.score - 0.01, True), (expected.score + 0.01, False)):
        write_run(str(run), siamese_run(threshold=threshold))
        out = tmp_path / str(same)
        found = told(run, *paths, "--out", out)
        assert found["score"] == pytest.approx(expected.score, abs=1e-6)
        assert (found["same"], found["threshold"]) == (same, threshold)
        assert (found["threshold_from"], found["run"]) == (FROM, "siamese-embed-001")
        assert [found[name]["path"] for name in ("first", "second")] == list(paths)
        assert found["picture"] == f"{out}/verdict.png"
        with Image.open(found["picture"]) as picture:
            assert picture.width > 2 * 256
    pictures = [tmp_path / str(same) / "verdict.png" for same in (True, False)]
    assert pictures[0].read_bytes() != pictures[1].read_bytes()


def test_a_photograph_is_like_itself_and_no_picture_is_made_unasked(
    sample: Sample, run: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    write_run(str(run), siamese_run(threshold=0.999))
    path = portrait(sample, 0)
    done = faceprep("predict", run, path, path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "same person: score 1.0000, above the threshold 0.9990",
        f"threshold 0.9990: {FROM}",
    ]
    assert lines[2].startswith("A: one face (box ")
    assert lines[3].startswith("B: one face (box ")
    assert lines[3].endswith(path)
    assert len(lines) == 4
    assert not list(tmp_path.iterdir())


def test_it_says_which_of_several_faces_was_taken(
    sample: Sample, run: Path, tmp_path: Path
) -> None:
    write_run(str(run), siamese_run(threshold=0.5))
    both = Image.new("RGB", (600, 300))
    for left, number in ((0, 0), (300, 6)):
        both.paste(Image.open(portrait(sample, number)).resize((300, 300)), (left, 0))
    path = tmp_path / "both.png"
    both.save(path)
    (photograph,) = find_faces(FinderTask((str(path),), EXTRACT, 60.0))
    box = photograph.faces[0].box
    result = CliRunner().invoke(predict, [str(run), portrait(sample, 0), str(path)])
    assert result.stdout.splitlines()[3] == (
        "B: 2 faces, the largest near the centre was taken "
        f"(box {box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}): {path}"
    )
    second = told(run, portrait(sample, 0), path, "--face", "center")["second"]
    assert (second["faces"], second["taken"]) == (2, "center")


def test_an_image_without_a_face_is_named(sample: Sample, run: Path, tmp_path: Path) -> None:
    none, words = tmp_path / "none.png", tmp_path / "words.jpg"
    Image.fromarray(np.zeros((80, 80, 3), np.uint8)).save(none)
    words.write_text("words")
    for second, status in ((none, "no_face: no face found"), (words, "unreadable: ")):
        error = refused(run, portrait(sample, 0), second, "--out", tmp_path / "out")
        assert isinstance(error, InputError)
        assert f"{second}: {status}" in str(error)
        assert "give a photograph that shows a face" in str(error)
        assert portrait(sample, 0) not in str(error)
    assert not (tmp_path / "out").exists()


def test_a_damaged_photograph_is_compared_and_told_of(
    sample: Sample, run: Path, tmp_path: Path
) -> None:
    path = tmp_path / "half.jpg"
    with Image.open(portrait(sample, 0)) as whole:
        whole.convert("RGB").save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-200])
    result = CliRunner().invoke(predict, [str(run), str(path), portrait(sample, 0), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["first"]["note"].startswith("the file is damaged")
    assert f"{path}: the file is damaged" in result.stderr


def test_what_is_no_pair_of_photographs(sample: Sample, run: Path, tmp_path: Path) -> None:
    path = portrait(sample, 0)
    for arguments, kind, message in (
        ((path,), UsageError, "not two photographs but 1"),
        ((path, path, path), UsageError, "not two photographs but 3"),
        ((path, sample.root), UsageError, "a folder; a Siamese run compares two photographs"),
        ((path, tmp_path / "gone.jpg"), InputError, "gone.jpg: no such file or folder"),
        ((path, "gs://bucket/a.jpg"), InputError, "images must be local files"),
        ((path, path, "--out", ""), UsageError, "--out is empty"),
        ((path, path, "--latent"), UsageError, "--latent is for autoencoder runs"),
    ):
        error = refused(run, *arguments)
        assert isinstance(error, kind)
        assert message in str(error)


def test_a_model_that_is_none(sample: Sample, run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    write_run(str(folder), siamese_run())
    (folder / MODEL).write_text("words")
    error = refused(folder, portrait(sample, 0), portrait(sample, 1))
    assert isinstance(error, InputError)
    assert f"{folder}/{MODEL}: " in str(error)
