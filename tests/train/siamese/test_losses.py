"""The losses and the metric, against the formulas of their papers done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tensorflow import keras

from faceprep.train.siamese.losses import (
    Contrastive,
    ContrastiveAccuracy,
    CosineMargin,
    loss_of,
    metric_of,
)
from faceprep.train.siamese.options import SiameseOptions

COSINES = np.array([[0.9, -0.2, 0.1], [0.0, 0.5, 0.4]], np.float32)
PEOPLE = np.array([0, 2], np.int32)


def test_the_margin_is_taken_from_the_own_cosine_before_the_softmax() -> None:
    losses = []
    for cosines, person in zip(COSINES.astype(np.float64), PEOPLE, strict=True):
        own = np.exp(8 * (cosines[person] - 0.35))
        others = sum(np.exp(8 * cosine) for n, cosine in enumerate(cosines) if n != person)
        losses.append(-np.log(own / (own + others)))
    loss = CosineMargin(0.35, 8.0)
    assert float(loss(PEOPLE, COSINES)) == pytest.approx(np.mean(losses), rel=1e-5)
    assert float(loss(PEOPLE[:, None], COSINES)) == pytest.approx(np.mean(losses), rel=1e-5)


def test_without_a_margin_it_is_the_usual_cross_entropy() -> None:
    usual = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    expected = float(usual(PEOPLE, 24 * COSINES))
    assert float(CosineMargin(0.0, 24.0)(PEOPLE, COSINES)) == pytest.approx(expected, rel=1e-6)
    assert float(CosineMargin(0.2, 24.0)(PEOPLE, COSINES)) > expected


@pytest.mark.parametrize(
    ("cosine", "label", "loss"),
    [
        (1.0, 0, 0.0),
        (0.4, 0, 0.18),  # a distance of 0.6
        (1.0, 1, 0.08),  # the whole margin short
        (0.7, 1, 0.005),  # short by 0.1
        (0.6, 1, 0.0),
        (-1.0, 1, 0.0),
    ],
)
def test_the_contrastive_loss_of_a_pair(cosine: float, label: int, loss: float) -> None:
    found = Contrastive(0.4)(np.array([label], np.int32), np.array([[cosine]], np.float32))
    assert float(found) == pytest.approx(loss, abs=1e-6)


def test_the_contrastive_accuracy_parts_at_half_the_margin() -> None:
    metric = ContrastiveAccuracy(0.4)
    cosines = np.array([[0.81], [0.79], [0.81], [0.79]], np.float32)
    metric.update_state(np.array([0, 1, 1, 0], np.int32), cosines)
    assert float(metric.result()) == 0.5
    metric.update_state(np.array([0, 1, 0, 1], np.int32), cosines)
    assert float(metric.result()) == 0.75


@pytest.mark.parametrize(
    ("head", "loss", "labels", "outputs", "right"),
    [
        ("embedding", "margin", [0, 2], COSINES, 0.5),
        ("embedding", "contrastive", [0, 1], [[0.9], [0.0]], 1.0),
        ("concat", "single", [0, 1], [[3.0, -1.0], [2.0, 1.0]], 0.5),
        ("absdiff", "two", [1, 1], [[3.0, -1.0], [2.0, 1.0]], 0.0),
    ],
)
def test_every_loss_has_its_accuracy(
    head: str, loss: str, labels: list[int], outputs: list[list[float]], right: float
) -> None:
    options = SiameseOptions(head=head, loss=loss)
    metric = metric_of(options)
    metric.update_state(np.array(labels, np.int32), np.array(outputs, np.float32))
    assert metric.name == "accuracy"
    assert float(metric.result()) == right
    value = float(loss_of(options)(np.array(labels, np.int32), np.array(outputs, np.float32)))
    assert np.isfinite(value)


def test_half_genuine_batches_have_the_mean_of_both_cross_entropies() -> None:
    logits = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
    labels = np.array([0, 1] * 4, np.int32)
    loss = loss_of(SiameseOptions(head="absdiff", loss="two"))
    genuine, impostor = (float(loss(labels[n::2], logits[n::2])) for n in (0, 1))
    assert float(loss(labels, logits)) == pytest.approx((genuine + impostor) / 2, rel=1e-6)


@pytest.mark.parametrize(
    "made", [CosineMargin(0.3, 16.0), Contrastive(0.3), ContrastiveAccuracy(0.3)]
)
def test_they_come_back_from_their_configuration(made: Any) -> None:
    serialised = keras.utils.serialize_keras_object(made)
    again = keras.utils.deserialize_keras_object(serialised)
    assert type(again) is type(made)
    assert again.margin == 0.3
    assert again.get_config() == made.get_config()
