"""A small CFP: shards of drawn faces in several folds, scores for its pairs, and a run that has seen some."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep.dataset_folder import MANIFEST, ImageForm
from faceprep.evaluate.protocol import fold_numbers_in, splits_of
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.records import SHARDS_VERSION, ShardFace, VerificationExample
from faceprep.train import run_folder
from faceprep.train.learning import FitOptions
from faceprep.train.run_folder import Run
from faceprep.train.shards import TrainingShards, open_shards
from faceprep.train.siamese.judged import Judged
from faceprep.train.siamese.options import SiameseOptions
from tests.train.small_pairs import draw_face
from tests.verify.build import DataSet, edit_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SIZE = 32  # px
PEOPLE = 3  # of a fold
VIEWS = {"frontal": (-4.0, 0.0, 4.0), "profile": (-70.0, 75.0)}  # their yaws, in degrees
SECOND = {"FF": "frontal", "FP": "profile"}

TINY = SiameseOptions(input_size="16x16x1", width=0.05, embedding=8, mirror=False, dropout=0.0)


def people_of(*folds: int) -> frozenset[str]:
    """Who is in some folds."""
    return frozenset(f"{(fold - 1) * PEOPLE + n:03d}" for fold in folds for n in range(PEOPLE))


def small_protocol(folder: Path, folds: int = 3, protocols: Iterable[str] = ("FF", "FP")) -> Path:
    """Write `folder/shards/cfp/1.0.0`; gives `folder/shards`.

    In each fold a profile of the first person was not found, and the centre stands in.
    """
    options = ExtractOptions(size=SIZE)
    content = {
        f"{name.lower()}{fold:02d}": [_pairs(name, fold, options)]
        for name in protocols
        for fold in range(1, folds + 1)
    }
    data_set = DataSet("cfp", content, ImageForm(SIZE, "jpeg"))
    path = data_set.write(folder / "shards" / "cfp" / SHARDS_VERSION)
    edit_json(path / MANIFEST, extract=dataclasses.asdict(options))
    return folder / "shards"


def opened(shards: Path) -> TrainingShards:
    return open_shards(str(shards), "cfp", needed=())


def keys(protocol: str, fold: int) -> list[VerificationExample]:
    """The pairs of a fold, in order, images and all."""
    return _pairs(protocol, fold, ExtractOptions(size=SIZE))


def made_up(shards: TrainingShards, folds: Iterable[int] = (), seed: int = 0) -> Judged:
    """Scores out of thin air: genuine pairs higher on the whole.

    Args:
        shards: whose pairs they are.
        folds: of them; all, where none is named.
        seed: of chance.
    """
    chances = np.random.default_rng(seed)
    parts = []
    for fold in folds or fold_numbers_in(shards):
        for protocol in splits_of(shards, fold):
            pairs = keys(protocol, fold)
            same = np.array([pair.label == 1 for pair in pairs])
            parts.append(
                Judged(
                    keys=tuple(pair.key for pair in pairs),
                    scores=chances.normal(1.0 * same, 0.7),
                    same=same,
                    protocols=(protocol,) * len(pairs),
                    folds=np.full(len(pairs), fold),
                    stand_ins=np.array([2 - p.first.found - p.second.found for p in pairs]),
                )
            )
    return Judged.joined(parts)


def seen_run(folder: Path, train: Iterable[str], validation: Iterable[str], **changes: Any) -> Path:
    """A finished run without a model, which has seen these people."""
    folder.mkdir(parents=True)
    run = Run(
        kind="siamese",
        name=folder.name,
        preset="custom",
        options=dataclasses.asdict(TINY),
        fit=dataclasses.asdict(FitOptions()),
        data={
            "folder": "shards/cfp/1.0.0",
            "extract": dataclasses.asdict(ExtractOptions(size=SIZE)),
        },
        parameters=1,
        summary="",
        versions={},
        machine={},
        began="2025-11-22T03:05:11+00:00",
        status=run_folder.FINISHED,
        threshold=0.5,
        threshold_from="made up",
    )
    run_folder.write_run(str(folder), dataclasses.replace(run, **changes))
    rows = [f"{name},train" for name in sorted(train)]
    rows += [f"{name},validation" for name in sorted(validation)]
    (folder / "people.csv").write_text("\n".join(["identity,split", *rows, ""]))
    return folder


def with_model(folder: Path, seed: int = 0) -> Path:
    """Put a tiny network into a run's folder, with the weights it was born with."""
    from tensorflow import keras

    from faceprep.train.siamese import network

    keras.utils.set_random_seed(seed)
    network.build(TINY, 4).save(folder / run_folder.MODEL)
    return folder


def _pairs(protocol: str, fold: int, options: ExtractOptions) -> list[VerificationExample]:
    """All pairs of one person, and as many of two."""
    people = sorted(people_of(fold))
    view = SECOND[protocol]
    same, diff = [], []
    for one, other in itertools.product(people, people):
        for a, b in itertools.product(range(len(VIEWS["frontal"])), range(len(VIEWS[view]))):
            pair = (_face(one, "frontal", a, options), _face(other, view, b, options))
            if one != other:
                diff.append(pair)
            elif protocol == "FP" or a < b:
                same.append(pair)
    step = len(diff) // len(same)
    split = f"{protocol.lower()}{fold:02d}"
    return [
        VerificationExample(f"{split}/{word}/{n}", first, second, label, protocol, fold)
        for word, label, pairs in (("same", 1, same), ("diff", 0, diff[::step][: len(same)]))
        for n, (first, second) in enumerate(pairs, start=1)
    ]


def _face(identity: str, view: str, place: int, options: ExtractOptions) -> ShardFace:
    yaw = VIEWS[view][place]
    found = not (view == "profile" and place == 1 and int(identity) % PEOPLE == 0)
    angles = (yaw, 0.0, 0.0, 50.0) if found else (float("nan"),) * 4
    return ShardFace(
        encode(draw_face(int(identity), yaw, options.size), options),
        f"{identity}/{view}/{place + 1:02d}.jpg",
        identity,
        "",
        view,
        *angles,
        found,
    )
