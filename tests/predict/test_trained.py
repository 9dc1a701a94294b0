"""Whether a folder is a run that can predict, and how its faces were cut out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from faceprep import storage
from faceprep.dataset_folder import ImageForm
from faceprep.errors import InputError, UsageError
from faceprep.faces.options import FaceOptions, made_with
from faceprep.predict.options import AS_TRAINED
from faceprep.predict.trained import TrainedSiamese, open_run
from faceprep.train.options import AutoencoderOptions
from faceprep.train.run_folder import MANIFEST, MODEL, Run, write_run
from tests.predict.small_siamese import EXTRACT as SIAMESE_EXTRACT
from tests.predict.small_siamese import OPTIONS as SIAMESE_OPTIONS
from tests.predict.small_siamese import siamese_run

if TYPE_CHECKING:
    from pathlib import Path

EXTRACT = FaceOptions(size=96, face="largest")
OPTIONS = AutoencoderOptions(input_size="32x32x1")


def run(**changes: Any) -> Run:
    made = Run(
        kind="autoencoder",
        name="autoencoder-custom-001",
        preset="custom",
        options=dataclasses.asdict(OPTIONS),
        fit={},
        data={"extract": dataclasses.asdict(EXTRACT)},
        parameters=0,
        summary="",
        versions={},
        machine={},
        began="2026-01-01T00:00:00+00:00",
        status="finished",
    )
    return dataclasses.replace(made, **changes)


def make(folder: Path, **changes: Any) -> str:
    write_run(str(folder), run(**changes))
    (folder / MODEL).touch()
    return str(folder)


def test_a_run_says_how_its_faces_were_cut_out(tmp_path: Path) -> None:
    trained = open_run(make(tmp_path))
    assert trained.extract == trained.finding(AS_TRAINED) == EXTRACT
    assert trained.finding("all") == dataclasses.replace(EXTRACT, face="all")
    assert trained.options == OPTIONS
    assert trained.model == str(tmp_path / MODEL)


def test_a_run_that_goes_on_can_predict_already(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faceprep.log import LOG

    monkeypatch.setattr(LOG, "propagate", True)
    with caplog.at_level("INFO", logger="faceprep"):
        open_run(make(tmp_path, status="running"))
    assert "autoencoder-custom-001 is running; this is its best model so far" in caplog.text


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"kind": "gan"},
            UsageError,
            "a run of kind 'gan'; faceprep predict takes autoencoder and siam",
        ),
        (
            {"data": {}},
            InputError,
            "its shards were made before faceprep recorded that; shard again",
        ),
        (
            {"data": {"extract": {}}},
            InputError,
            "run.json: how the faces were cut out is not in it",
        ),
        (
            {"data": {"extract": {"colour": 1}}},
            InputError,
            r"data\.extract is not of this faceprep",
        ),
        ({"data": {"extract": {"size": 2}}}, InputError, "--size is 2"),
        ({"options": {"colour": 1}}, InputError, r"run\.json: options is not of this faceprep"),
        ({"options": {"input_size": "3"}}, InputError, "--input-size is '3'"),
    ],
)
def test_what_cannot_predict(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        open_run(make(tmp_path, **changes))


def make_judging(folder: Path, **changes: Any) -> str:
    write_run(str(folder), siamese_run(**changes))
    (folder / MODEL).touch()
    return str(folder)


def test_a_siamese_run_has_a_threshold_and_one_face_of_each_photograph(tmp_path: Path) -> None:
    extract = dataclasses.replace(SIAMESE_EXTRACT, face="all")
    data = {"extract": dataclasses.asdict(extract)}
    trained = open_run(make_judging(tmp_path, threshold=-0.25, data=data))
    assert isinstance(trained, TrainedSiamese)
    assert trained.threshold == -0.25
    assert trained.options == SIAMESE_OPTIONS
    assert trained.extract == made_with(data["extract"])
    assert trained.finding(AS_TRAINED) == dataclasses.replace(trained.extract, face="subject")
    assert trained.finding("best") == dataclasses.replace(trained.extract, face="best")
    assert trained.image == ImageForm(64, "jpeg")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": None}, r"run\.json: no threshold in it, which a run gets at its end; go on"),
        ({"threshold": float("nan")}, "no threshold in it"),
        ({"options": {"hue": 1}}, r"run\.json: options is not of this faceprep"),
        ({"data": {"extract": {}}}, "how the faces were cut out is not in it"),
    ],
)
def test_a_siamese_run_that_cannot_judge(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_run(make_judging(tmp_path, **changes))


def test_no_run(tmp_path: Path) -> None:
    for folder in (str(tmp_path), str(tmp_path / "nowhere")):
        with pytest.raises(InputError, match=r"no run \(it has no run\.json\); name the folder of"):
            open_run(folder)
    with pytest.raises(InputError, match="RUN: no run"):
        open_run("")
    with pytest.raises(InputError, match=r"memory://nowhere: no run \(it has no run\.json\)"):
        open_run("memory://nowhere")


def test_a_run_behind_a_url(tmp_path: Path) -> None:
    make(tmp_path)
    url = f"memory://{tmp_path.name}-{uuid4().hex}"
    storage.write_bytes(f"{url}/{MANIFEST}", (tmp_path / MANIFEST).read_bytes())
    with pytest.raises(InputError, match=r"memory://.*/model\.keras: not there"):
        open_run(url)
    storage.write_bytes(f"{url}/{MODEL}", b"")
    trained = open_run(url)
    assert (trained.options, trained.model) == (OPTIONS, f"{url}/{MODEL}")


def test_a_run_without_a_model(tmp_path: Path) -> None:
    write_run(str(tmp_path), run())
    with pytest.raises(InputError, match=r"model\.keras: not there; a model is kept at the end of"):
        open_run(str(tmp_path))


def test_a_broken_run(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(InputError, match=r"run\.json: not readable"):
        open_run(str(tmp_path))
