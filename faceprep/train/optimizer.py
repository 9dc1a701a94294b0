"""Learning options → a Keras optimiser. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

if TYPE_CHECKING:
    from faceprep.train.learning import LearningOptions

_NOT_DECAYED = ["bias", "gamma", "beta"]
"""They shift and scale; held near zero they would do neither."""


def make_optimizer(learning: LearningOptions, steps: int) -> Any:
    """The optimiser.

    Args:
        learning: what it is, and at what rate.
        steps: of the whole run: a cosine ends there.
    """
    rate = _rate(learning, steps)
    common: dict[str, Any] = {"global_clipnorm": learning.clip_norm or None}
    if learning.average:  # Keras puts the average in the weights' place when `fit` ends
        common |= {"use_ema": True, "ema_momentum": learning.average}
    if learning.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=learning.weight_decay, **common)
        optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
        return optimizer
    makers = {
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    return makers[learning.optimizer](rate, **common)


def _rate(learning: LearningOptions, steps: int) -> Any:
    """A number, or a schedule: up in a line, then down half a cosine (or on as it is)."""
    if learning.schedule == "constant" and not learning.warmup:
        return learning.learning_rate
    warmup = min(learning.warmup, steps // 2)  # a short run has its way down too
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else learning.learning_rate,
        decay_steps=max(1, steps - warmup),
        alpha=1.0 if learning.schedule == "constant" else 0.0,
        warmup_target=learning.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
