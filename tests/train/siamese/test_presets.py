"""The presets: what the table of the experiments says, and that each builds and learns."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from tensorflow import keras

from faceprep.errors import UsageError
from faceprep.train.optimizer import make_optimizer
from faceprep.train.siamese.backbones import SMALLEST
from faceprep.train.siamese.network import build, loss_of, metric_of
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.presets import SIAMESE_PRESETS, Recorded, preset

VGG, ALEX = "vgg16-bn", "alexnet"
TABLE = """
1 vgg16-bn concat single 1e-3 yes yes 0 no 77 76 54
2 vgg16-bn concat single 1e-3 yes yes 0 yes 79 80 58
3 vgg16-bn concat single 5e-4 yes yes 0 yes 80 78 47
4 vgg16-bn concat single 1e-3 yes yes 7 yes 50 50 -
5 vgg16-bn concat single 5e-4 yes yes 7 yes 81 79 56
6 vgg16-bn concat single 1e-5 yes yes 7 yes 83 83 55
a alexnet absdiff two 1e-5 no no 0 no 81 80 15
b alexnet absdiff two 1e-5 no no 0 yes 84 82 59
c vgg16-bn concat two 1e-5 no no 0 no 80 78 31
d vgg16-bn concat two 1e-5 no yes 0 no 84 83 5
e vgg16-bn concat two 1e-5 no yes 0 yes 86 84 15
f vgg16-bn concat two 1e-3 no yes 0 yes 50 50 -
g vgg16-bn concat two 5e-4 no yes 0 yes 50 50 -
h vgg16-bn concat two 1e-5 no yes 7 yes 84 84 16
i alexnet absdiff two 1e-5 no no 0 yes 83 81 239
j alexnet concat two 5e-4 no yes 0 yes 50 50 -
k alexnet concat two 1e-3 no yes 0 yes 50 50 -
l alexnet concat two 1e-5 no yes 0 yes 83 82 137
m alexnet concat two 1e-5 no yes 3 yes 78 78 179
"""
"""Name, backbone, head, loss, rate, dropout, pretrained, freeze, augment; validation, test, best epoch."""

ROWS = [line.split() for line in TABLE.split("\n") if line]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_a_recorded_preset_is_what_was_recorded(row: list[str]) -> None:
    there = preset(row[0])
    options = there.options
    assert row[1:4] == [options.backbone, options.head, options.loss]
    assert options.learning_rate == float(row[4])
    assert options.dropout == (0.5 if row[5] == "yes" else 0)
    assert options.pretrained == ("imagenet" if row[6] == "yes" else "none")
    assert options.freeze == int(row[7])
    assert options.augment == (row[8] == "yes")
    best = None if row[11] == "-" else int(row[11])
    assert there.recorded == Recorded(int(row[9]), int(row[10]), best)
    assert there.epochs >= (best or 60)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_a_recorded_preset_learns_as_recorded(row: list[str]) -> None:
    options = preset(row[0]).options
    assert (options.optimizer, options.batch, options.weight_decay) == ("adam", 16, 0)
    assert (options.schedule, options.warmup, options.average) == ("constant", 0, 0)
    assert (options.rotate, options.shift) == (20, 0.125)
    assert str(options.input_shape) == "224x224x3"
    assert options.data == ("cfp" if row[0].isdigit() else "triplets")


def test_the_table_leaves_out_our_own_alone() -> None:
    assert set(SIAMESE_PRESETS) - {row[0] for row in ROWS} == {"embed"}
    assert preset("embed").options == SiameseOptions()
    assert preset("embed").recorded is None


def test_the_ones_with_240_epochs() -> None:
    long = {name for name, there in SIAMESE_PRESETS.items() if there.epochs == 240}
    assert long == {"i", "j", "k", "l", "m"}


def test_every_value_of_a_recorded_preset_is_its_own() -> None:
    """A default that changes must not change an experiment: only what is named may be at it."""
    source = {field.name for field in dataclasses.fields(SiameseOptions)}
    from faceprep.train.siamese import presets

    given = set(presets._recorded.keywords) | set(presets._single.keywords)
    assert source - given == {"learning_rate"}  # of each row
    given = set(presets._recorded.keywords) | set(presets._differing.keywords)
    assert source - given == set()


@pytest.mark.parametrize("name", SIAMESE_PRESETS)
def test_a_preset_builds_and_trains_a_step(name: str) -> None:
    keras.utils.set_random_seed(0)
    options = preset(name).options
    side = SMALLEST[options.backbone] if options.backbone != "compact" else 32
    options = dataclasses.replace(
        options, width=0.01, units=400, input_size=f"{side}x{side}x3", pretrained="none"
    )
    model = build(options, 3)
    model.compile(
        optimizer=make_optimizer(options, 4),
        loss=loss_of(options),
        metrics=[metric_of(options)],
        run_eagerly=True,  # a graph takes longer to make than two steps
    )
    images = np.random.default_rng(0).random((2, 4, side, side, 3), dtype=np.float32)
    before = [weight.numpy() for weight in model.weights]
    given: Any = images[0] if options.by_people else list(images)
    for _ in range(2 if options.warmup else 1):  # the first of a warmup is of length nothing
        figures = model.train_on_batch(given, np.array([0, 1, 1, 0]), return_dict=True)
    assert np.isfinite(figures["loss"])
    moved = {
        weight.path
        for weight, old in zip(model.weights, before, strict=True)
        if (weight.numpy() != old).any()
    }
    held = {weight.path for weight in model.non_trainable_weights if "moving" not in weight.path}
    assert moved.isdisjoint(held)
    kernels = {weight.path for weight in model.trainable_weights if "kernel" in weight.path}
    assert len(moved & kernels) >= len(kernels) / 2


@pytest.mark.parametrize("name", SIAMESE_PRESETS)
def test_a_preset_survives_json(name: str) -> None:
    options = preset(name).options
    assert SiameseOptions(**json.loads(json.dumps(dataclasses.asdict(options)))) == options


def test_an_unknown_preset_is_told_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        preset("embbed")
    assert str(caught.value).startswith("there is no preset 'embbed' (did you mean 'embed'?)")
    assert str(caught.value).endswith("k, l, m")
