"""A Siamese run with its first weights, and shards of a protocol with drawn faces."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from faceprep.dataset_folder import MANIFEST, ImageForm
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.records import ShardFace, TripletExample, VerificationExample
from faceprep.train.run_folder import MODEL, Run, write_run
from faceprep.train.siamese.options import SiameseOptions
from tests.train.small_pairs import draw_face
from tests.verify.build import DataSet, edit_json

if TYPE_CHECKING:
    from pathlib import Path

EXTRACT = ExtractOptions(size=64)
OPTIONS = SiameseOptions(input_size="32x32x3", width=0.05, embedding=4)
FROM = "highest accuracy on the 8 validation pairs (ff07)"
PAIRS = 6
"""Of each kind in each split."""


def siamese_run(**changes: Any) -> Run:
    """A finished run as `run.json` tells of it; `data` is added to what it says else."""
    data = {
        "folder": "shards",
        "fingerprint": "0" * 64,
        "extract": dataclasses.asdict(EXTRACT),
        "splits": {"train": ["ff01"], "validation": ["ff07"], "test": ["ff08", "fp08"]},
        **changes.pop("data", {}),
    }
    run = Run(
        kind="siamese",
        name="siamese-embed-001",
        preset="embed",
        options=dataclasses.asdict(OPTIONS),
        fit={},
        data=data,
        parameters=0,
        summary="",
        versions={},
        machine={},
        began="2026-01-01T00:00:00+00:00",
        status="finished",
        threshold=0.5,
        threshold_from=FROM,
    )
    return dataclasses.replace(run, **changes)


def make_siamese(folder: Path, **changes: Any) -> Path:
    """The folder of a run whose model has its first weights."""
    from tensorflow import keras

    from faceprep.train.siamese.network import build

    keras.utils.set_random_seed(0)
    folder.mkdir()
    build(OPTIONS, 3).save(folder / MODEL)
    write_run(str(folder), siamese_run(**changes))
    return folder


def make_protocol(folder: Path, *, size: int = 64) -> Path:
    """Shards of a protocol: folds 7 and 8, `PAIRS` genuine and as many impostor pairs in each split."""
    content = {
        f"{protocol.lower()}{fold:02d}": [_pairs(protocol, fold, size)]
        for fold in (7, 8)
        for protocol in ("FF", "FP")
    }
    return _written(DataSet("cfp", dict(content), ImageForm(size, "jpeg")), folder, size)


def make_triplets(folder: Path) -> Path:
    """Shards of triplets: `PAIRS` of them in test."""
    people = [
        [face(n, place, EXTRACT.size) for place in (0, 1)] + [face(n + 50, 0, EXTRACT.size)]
        for n in range(PAIRS)
    ]
    triplets = [TripletExample(f"{a.key}@0", a, b, c) for a, b, c in people]
    data_set = DataSet("triplets", {"test": [triplets]}, ImageForm(EXTRACT.size, "jpeg"))
    return _written(data_set, folder, EXTRACT.size)


def _written(data_set: DataSet, folder: Path, size: int) -> Path:
    path = data_set.write(folder)
    extract = dataclasses.replace(EXTRACT, size=size)
    edit_json(path / MANIFEST, extract=dataclasses.asdict(extract))
    return path


def face(number: int, place: int, size: int) -> ShardFace:
    identity = f"{number:03d}"
    options = ExtractOptions(size=size)
    return ShardFace(
        image=encode(draw_face(number, 20.0 * place, size), options),
        key=f"{identity}/{place:02d}.jpg",
        identity=identity,
        clip="",
        view="frontal",
        yaw=20.0 * place,
        pitch=0.0,
        roll=0.0,
        frontality=90.0,
        found=True,
    )


def _pairs(protocol: str, fold: int, size: int) -> list[VerificationExample]:
    split = f"{protocol.lower()}{fold:02d}"
    found = []
    for n in range(PAIRS):
        number = 10 * fold + n
        anchor, same, other = (
            face(number, 0, size),
            face(number, 1, size),
            face(number + 100, 0, size),
        )
        found += [
            VerificationExample(f"{split}/same/{n}", anchor, same, 1, protocol, fold),
            VerificationExample(f"{split}/diff/{n}", anchor, other, 0, protocol, fold),
        ]
    return found
