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

    batch: int = option(32, "Examples in a step, over all GPUs.", minimum=1, maximum=65536)
    optimizer: str = option("adamw", "What makes the loss small.", choices=OPTIMIZERS)
    learning_rate: float = option(
        0.001, "Step of the optimiser, at its largest.", minimum=1e-7, maximum=10.0, alias="--lr"
    )
    schedule: str = option(
        "cosine",
        "cosine: from the learning rate down to nothing at the last epoch; constant: as it is.",
        choices=SCHEDULES,
    )
    warmup: int = option(
        100, "Steps in which the learning rate grows from nothing.", minimum=0, maximum=1_000_000
    )
    weight_decay: float = option(
        0.1, "Decoupled decay of the weights, by adamw alone.", minimum=0.0, maximum=1.0
    )
    clip_norm: float = option(
        1.0,
        "Longest gradient, over all weights; longer ones are cut. 0 for no limit.",
        minimum=0.0,
        maximum=1e6,
    )
    average: float = option(
        0.99,
        "Momentum of a running average of the weights, which takes their place after each epoch; 0: none.",
        minimum=0.0,
        maximum=0.9999,
    )
    flip: bool = option(True, "Show half of the examples mirrored, all their images together.")
    shift: float = option(
        0.03, "Farthest shift of the feature, as a share of its side.", minimum=0.0, maximum=0.5
    )
    brightness: float = option(
        0.15, "Largest change of the feature's brightness, as a share.", minimum=0.0, maximum=1.0
    )
    noise: float = option(
        0.0,
        "Standard deviation of noise on the feature, of a white of 1.",
        minimum=0.0,
        maximum=1.0,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class FitOptions:
    """How one run is done; `RESUMABLE` of it may change from one start of a run to the next.

    Raises:
        UsageError: a value outside its limits.
    """

    epochs: int = option(30, "Times through the training split.", minimum=1)
    patience: int = option(
        10, "Epochs without a better validation loss before it ends; 0: go on.", minimum=0
    )
    minutes: float = option(
        0.0, "Minutes of training at most, all starts of a run together; 0: no limit.", minimum=0.0
    )
    backup_steps: int = option(
        500, "Steps between two backups, to go on from after a kill.", minimum=1
    )
    precision: str = option(
        "float32",
        "Of the layers: mixed_bfloat16 for CPUs and GPUs that have it, mixed_float16 for GPUs.",
        choices=PRECISIONS,
    )
    jit: bool = option(False, "Compile the step with XLA.")
    deterministic: bool = option(
        False, "The same weights from the same command on the same machine; slower on GPUs."
    )
    seed: int = option(0, "Of the first weights, the order and the augmentation.", minimum=0)

    def __post_init__(self) -> None:
        check(self)


RESUMABLE = ("patience", "minutes", "backup_steps", "jit")
"""What of `FitOptions` says nothing about the weights of a given step."""
