"""How a model learns, whatever the model. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.options import check, option

OPTIMIZERS = ("adam", "adamw", "rmsprop", "sgd")
"""By the names that Keras knows them by."""

SCHEDULES = ("constant", "cosine")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclass(frozen=True)
class LearningOptions:
    """What belongs to a recorded experiment besides its network. The defaults are `frontal`'s.

    Raises:
        UsageError: a value outside its limits.
    """

    batch: int = option(
        32, "Examples in a step, over all GPUs together.", minimum=1, maximum=65536, metavar="N"
    )
    optimizer: str = option(
        "adamw", "What changes the weights so that the loss becomes small.", choices=OPTIMIZERS
    )
    learning_rate: float = option(
        0.001,
        "Learning rate: step of the optimiser, at its largest.",
        minimum=1e-7,
        maximum=10.0,
        alias="--lr",
        metavar="RATE",
    )
    schedule: str = option(
        "cosine",
        "How the learning rate goes on: cosine (down to nothing at the last epoch) or constant.",
        choices=SCHEDULES,
    )
    warmup: int = option(
        100,
        "First steps, in which the learning rate grows from nothing.",
        minimum=0,
        maximum=1_000_000,
        metavar="STEPS",
    )
    weight_decay: float = option(
        0.1,
        "Decoupled decay of the weights; only --optimizer adamw has it.",
        minimum=0.0,
        maximum=1.0,
        metavar="RATE",
    )
    clip_norm: float = option(
        1.0,
        "Longest gradient, over all weights; longer ones are cut to this. 0 for no limit.",
        minimum=0.0,
        maximum=1e6,
        metavar="NORM",
    )
    average: float = option(
        0.99,
        "Momentum of a running average of the weights, which takes their place after each epoch; 0 for none.",
        minimum=0.0,
        maximum=0.9999,
        metavar="0..1",
    )
    flip: bool = option(True, "Show half of the examples mirrored, all their images together.")
    shift: float = option(
        0.03,
        "Farthest shift of a face that is learnt from, as a share of its side, 0 to 0.5.",
        minimum=0.0,
        maximum=0.5,
        metavar="SHARE",
    )
    brightness: float = option(
        0.15,
        "Largest change of the brightness of such a face, as a share, 0 to 1.",
        minimum=0.0,
        maximum=1.0,
        metavar="SHARE",
    )
    noise: float = option(
        0.0,
        "Noise on the feature: its standard deviation, where white is 1.",
        minimum=0.0,
        maximum=1.0,
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class FitOptions:
    """How one run is done; `RESUMABLE` of it may change from one start of a run to the next.

    Raises:
        UsageError: a value outside its limits.
    """

    epochs: int = option(30, "How many times through the training split.", minimum=1, metavar="N")
    patience: int = option(
        10,
        "End after so many epochs without a better validation loss; 0 to go on.",
        minimum=0,
        metavar="EPOCHS",
    )
    minutes: float = option(
        0.0,
        "Longest time of training, in minutes, all starts of a run together; 0 for no limit.",
        minimum=0.0,
        metavar="MINUTES",
    )
    backup_steps: int = option(
        500,
        "Steps from one backup to the next; after a kill it goes on from the last.",
        minimum=1,
        metavar="STEPS",
    )
    precision: str = option(
        "float32",
        "Of the layers: float32; mixed_bfloat16 for CPUs and GPUs that have it; mixed_float16 for GPUs.",
        choices=PRECISIONS,
    )
    jit: bool = option(
        False, "Compile the step with XLA: a slow start, then mostly faster on GPUs."
    )
    deterministic: bool = option(
        False, "The same weights from the same command on the same machine; slower on GPUs."
    )
    seed: int = option(
        0,
        "Another whole number gives other first weights, another order and other augmentation.",
        minimum=0,
        metavar="N",
    )

    def __post_init__(self) -> None:
        check(self)


RESUMABLE = ("patience", "minutes", "backup_steps", "jit")
"""What of `FitOptions` says nothing about the weights of a given step."""
