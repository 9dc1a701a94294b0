"""Learning options, as the optimiser has them in the end."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from faceprep.train.learning import OPTIMIZERS, LearningOptions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tensorflow import keras

    from faceprep.train.optimizer import make_optimizer


def rates(steps: int, **options: Any) -> list[float]:
    """The learning rate at each step of a run."""
    optimizer = make_optimizer(LearningOptions(learning_rate=0.01, **options), steps)
    optimizer.build([keras.Variable(np.zeros(1, np.float32))])
    found = []
    for step in range(steps + 1):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


def test_constant_is_constant() -> None:
    assert rates(10, schedule="constant", warmup=0) == pytest.approx([0.01] * 11)


def test_constant_may_warm_up() -> None:
    found = rates(10, schedule="constant", warmup=4)
    assert found == pytest.approx([0, 0.0025, 0.005, 0.0075, *[0.01] * 7])


def test_a_cosine_goes_up_and_then_down_to_nothing() -> None:
    found = rates(100, schedule="cosine", warmup=10)
    assert found[0] == 0
    assert found[10] == pytest.approx(0.01)
    assert found[55] == pytest.approx(0.005)
    assert found[100] == pytest.approx(0, abs=1e-8)
    assert found[10:] == sorted(found[10:], reverse=True)


def test_a_short_run_comes_down_too() -> None:
    found = rates(6, schedule="cosine", warmup=100)
    assert found[3] == pytest.approx(0.01)
    assert found[6] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_is_the_one_of_its_name(name: str) -> None:
    made = make_optimizer(LearningOptions(optimizer=name, clip_norm=0.5), 10)
    assert type(made).__name__.lower() == name
    assert made.global_clipnorm == 0.5
    assert make_optimizer(LearningOptions(optimizer=name, clip_norm=0), 10).global_clipnorm is None


def test_weights_decay_and_biases_do_not() -> None:
    model = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(3, bias_initializer="ones"),
            keras.layers.BatchNormalization(),
        ]
    )
    learning = LearningOptions(
        schedule="constant", warmup=0, weight_decay=0.5, learning_rate=0.1, clip_norm=0, average=0
    )
    optimizer = make_optimizer(learning, 10)
    optimizer.build(model.trainable_variables)
    before = [v.numpy() for v in model.trainable_variables]
    zeros = [np.zeros_like(v) for v in before]
    optimizer.apply_gradients(zip(zeros, model.trainable_variables, strict=True))
    kernel, *others = [v.numpy() for v in model.trainable_variables]
    np.testing.assert_allclose(kernel, before[0] * (1 - 0.1 * 0.5), rtol=1e-5)
    for now, was in zip(others, before[1:], strict=True):
        np.testing.assert_array_equal(now, was)
