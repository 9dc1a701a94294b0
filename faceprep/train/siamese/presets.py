"""Named configurations: the recorded experiments, and our default. Light.

What the record does not say is chosen here: images of 224 × 224 in colour, as the networks were
made for; head layers of 4096 units; dropout of one half; changes of brightness of up to a fifth;
240 epochs where the best one came after the 60th. `imagenet` stands for weights trained on ImageNet:
Keras has none for `alexnet` and `vgg16-bn`, so that those presets ask for a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from faceprep.train.presets import named
from faceprep.train.siamese.options import IMAGENET, NO_WEIGHTS, SINGLE, TWO, SiameseOptions


@dataclass(frozen=True)
class Recorded:
    """What an experiment reached.

    Attributes:
        validation: accuracy of the best epoch, in percent.
        test: accuracy of that epoch on the test split, in percent.
        best_epoch: from 1; None where none was better than chance.
    """

    validation: int
    test: int
    best_epoch: int | None


@dataclass(frozen=True)
class Preset:
    """An experiment.

    Attributes:
        options: of the network and its learning.
        epochs: times through the training split.
        recorded: what it reached; None for our own.
    """

    options: SiameseOptions
    epochs: int
    recorded: Recorded | None


# Every value is given, not left to the defaults: a recorded experiment stays what it was.
_recorded = partial(
    SiameseOptions,
    input_size="224x224x3",
    width=1.0,
    units=4096,
    batch=16,
    optimizer="adam",
    schedule="constant",
    warmup=0,
    weight_decay=0.0,
    clip_norm=0.0,
    average=0.0,
    dropout=0.0,
    pretrained=NO_WEIGHTS,
    freeze=0,
    augment=False,
    flip=True,
    rotate=20.0,
    shift=0.125,
    brightness=0.2,
    zoom=0.0,
    contrast=0.0,
    colour=0.0,
    grey=0.0,
    erase=0.0,
    noise=0.0,
    train_folds="auto",
    validation_folds="auto",
    test_folds="auto",
    # these are of the head `embedding` alone
    embedding=256,
    margin=0.35,
    scale=24.0,
    mirror=False,
)
_single = partial(
    _recorded,
    backbone="vgg16-bn",
    head="concat",
    loss=SINGLE,
    data="cfp",
    dropout=0.5,
    pretrained=IMAGENET,
)
_two = partial(_recorded, loss=TWO, data="triplets", learning_rate=1e-5)
_differing = partial(_two, backbone="alexnet", head="absdiff")
_joined = partial(_two, backbone="vgg16-bn", head="concat")
_joined_small = partial(_two, backbone="alexnet", head="concat", pretrained=IMAGENET, augment=True)
_trained = partial(_joined, pretrained=IMAGENET, augment=True)

SIAMESE_PRESETS: dict[str, Preset] = {
    "embed": Preset(SiameseOptions(), 24, None),
    "1": Preset(_single(learning_rate=1e-3), 60, Recorded(77, 76, 54)),
    "2": Preset(_single(learning_rate=1e-3, augment=True), 60, Recorded(79, 80, 58)),
    "3": Preset(_single(learning_rate=5e-4, augment=True), 60, Recorded(80, 78, 47)),
    "4": Preset(_single(learning_rate=1e-3, augment=True, freeze=7), 60, Recorded(50, 50, None)),
    "5": Preset(_single(learning_rate=5e-4, augment=True, freeze=7), 60, Recorded(81, 79, 56)),
    "6": Preset(_single(learning_rate=1e-5, augment=True, freeze=7), 60, Recorded(83, 83, 55)),
    "a": Preset(_differing(), 60, Recorded(81, 80, 15)),
    "b": Preset(_differing(augment=True), 60, Recorded(84, 82, 59)),
    "c": Preset(_joined(), 60, Recorded(80, 78, 31)),
    "d": Preset(_joined(pretrained=IMAGENET), 60, Recorded(84, 83, 5)),
    "e": Preset(_trained(), 60, Recorded(86, 84, 15)),
    "f": Preset(_trained(learning_rate=1e-3), 60, Recorded(50, 50, None)),
    "g": Preset(_trained(learning_rate=5e-4), 60, Recorded(50, 50, None)),
    "h": Preset(_trained(freeze=7), 60, Recorded(84, 84, 16)),
    "i": Preset(_differing(augment=True), 240, Recorded(83, 81, 239)),
    "j": Preset(_joined_small(learning_rate=5e-4), 240, Recorded(50, 50, None)),
    "k": Preset(_joined_small(learning_rate=1e-3), 240, Recorded(50, 50, None)),
    "l": Preset(_joined_small(), 240, Recorded(83, 82, 137)),
    "m": Preset(_joined_small(freeze=3), 240, Recorded(78, 78, 179)),
}


def preset(name: str) -> Preset:
    """The preset of that name. Raises UsageError: there is no such preset; the nearest is named."""
    return named(SIAMESE_PRESETS, name)
