"""The networks as wholes: shapes, precision, one backbone for both faces, files, the judge."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from faceprep.train.siamese.network import build, judge_of, loss_of, metric_of
from faceprep.train.siamese.options import LOSSES_OF, SiameseOptions
from faceprep.train.siamese.pretrained import backbone_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = 5
KINDS = [(head, loss) for head, losses in LOSSES_OF.items() for loss in losses if loss != "two"]
"""`two` builds what `single` builds."""


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    keras.utils.set_random_seed(0)


@pytest.fixture
def _bfloat16() -> Iterator[None]:
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    keras.mixed_precision.set_global_policy(before)


def small(**values: Any) -> SiameseOptions:
    return SiameseOptions(
        **{
            "backbone": "vgg16",  # quicker to make than ours
            "width": 0.05,
            "units": 120,
            "embedding": 7,
            "input_size": "32x40x3",
            **values,
        }
    )


def faces(number: int = 4, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((number, 32, 40, 3), dtype=np.float32)


def given(options: SiameseOptions) -> Any:
    return faces() if options.by_people else [faces(), faces(seed=1)]


def outputs(options: SiameseOptions) -> int:
    return {"margin": PEOPLE, "contrastive": 1}.get(options.loss, 2)


@pytest.mark.parametrize(("head", "loss"), KINDS)
def test_it_is_saved_and_loaded_with_the_same_outputs(head: str, loss: str, tmp_path: Path) -> None:
    options = small(head=head, loss=loss, freeze=1)
    model = build(options, PEOPLE)
    model.compile(optimizer="adam", loss=loss_of(options), metrics=[metric_of(options)])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    found = model(given(options))
    assert found.shape == (4, outputs(options))
    assert found.dtype == tf.float32
    np.testing.assert_array_equal(found, again(given(options)))
    assert len(again.trainable_weights) == len(model.trainable_weights)
    pair = tf.constant(faces()), tf.constant(faces(seed=1))
    np.testing.assert_array_equal(
        judge_of(model, options).score(*pair), judge_of(again, options).score(*pair)
    )


@pytest.mark.parametrize(("head", "loss"), KINDS)
@pytest.mark.usefixtures("_bfloat16")
def test_it_learns_in_16_bits_and_answers_in_32(head: str, loss: str) -> None:
    options = small(head=head, loss=loss)
    model = build(options, PEOPLE)
    model.compile(
        optimizer="adam", loss=loss_of(options), metrics=[metric_of(options)], run_eagerly=True
    )
    figures = model.train_on_batch(given(options), np.array([0, 1, 1, 0]), return_dict=True)
    assert np.isfinite(figures["loss"])
    assert model(given(options)).dtype == tf.float32
    assert judge_of(model, options).score(faces(), faces(seed=1)).dtype == tf.float32
    assert convolution_dtypes(model) == {"bfloat16"}


def convolution_dtypes(model: Any) -> set[str]:
    there = backbone_of(model).layers
    return {layer.compute_dtype for layer in there if isinstance(layer, keras.layers.Conv2D)}


@pytest.mark.parametrize("head", ["concat", "absdiff", "concat-linear"])
def test_both_faces_go_through_one_backbone(head: str) -> None:
    model = build(small(head=head, loss="single"))
    kernels = [weight for weight in model.trainable_weights if len(weight.shape) == 4]
    assert len(kernels) == 13


def test_absdiff_does_not_mind_which_face_is_first() -> None:
    options = small(head="absdiff", loss="two")
    model = build(options)
    first, second = faces(), faces(seed=1)
    np.testing.assert_allclose(model([first, second]), model([second, first]), atol=1e-6)
    same = model([first, first])
    np.testing.assert_allclose(same, np.broadcast_to(same[:1], same.shape), atol=1e-6)


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("absdiff", [("hidden1", (13 * 4, 6)), ("hidden2", (6, 6)), ("logits", (6, 2))]),
        ("concat", [("hidden1", (2 * 13 * 4, 6)), ("hidden2", (6, 6)), ("logits", (6, 2))]),
        (
            "concat-linear",
            [
                ("branch", (13 * 4, 6)),
                ("hidden1", (12, 6)),
                ("hidden2", (6, 6)),
                ("logits", (6, 2)),
            ],
        ),
    ],
)
def test_the_dense_layers_of_a_head(head: str, wanted: list[tuple[str, tuple[int, int]]]) -> None:
    """Of a map of 2 × 2 × 13 (256 filters, of which a twentieth), and 120 units."""
    model = build(
        small(head=head, loss="single", backbone="compact", input_size="33x64x3", dropout=0.25)
    )
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert sorted((layer.name, tuple(layer.kernel.shape)) for layer in dense) == sorted(wanted)
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.25, 0.25]
    assert model.get_layer("hidden1").activation is keras.activations.relu


def test_the_score_of_a_pair_is_the_lead_of_same_over_different() -> None:
    options = small(head="concat", loss="single")
    model = build(options)
    judge = judge_of(model, options)
    logits = np.asarray(model([faces(), faces(seed=1)]))
    np.testing.assert_array_equal(judge.score(faces(), faces(seed=1)), logits[:, 0] - logits[:, 1])
    assert judge.embed is None


@pytest.mark.parametrize("loss", ["margin", "contrastive"])
def test_embeddings_are_unit_vectors_and_their_cosine_is_the_score(loss: str) -> None:
    options = small(loss=loss, mirror=False)
    model = build(options, PEOPLE)
    judge = judge_of(model, options)
    assert judge.embed is not None
    first, second = np.asarray(judge.embed(faces())), np.asarray(judge.embed(faces(seed=1)))
    assert first.shape == (4, 7)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(first, model.get_layer("embedding")(faces()))
    score = tf.function(judge.score)(tf.constant(faces()), tf.constant(faces(seed=1)))
    np.testing.assert_allclose(score, (first * second).sum(axis=1), atol=1e-5)
    if loss == "contrastive":
        np.testing.assert_allclose(score, model([faces(), faces(seed=1)])[:, 0], atol=1e-5)


def test_with_mirror_it_does_not_matter_which_way_a_face_looks() -> None:
    options = small()
    model = build(options, PEOPLE)
    embed, alone = (
        judge_of(model, dataclasses.replace(options, mirror=mirror)).embed
        for mirror in (True, False)
    )
    assert embed is not None
    assert alone is not None
    mirrored = faces()[:, :, ::-1]
    np.testing.assert_allclose(embed(faces()), embed(mirrored), atol=1e-5)
    mean = np.asarray(alone(faces())) + np.asarray(alone(mirrored))
    expected = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    np.testing.assert_allclose(embed(faces()), expected, atol=1e-5)
    assert np.abs(np.asarray(alone(faces())) - np.asarray(alone(mirrored))).max() > 1e-3


def test_the_margin_network_tells_cosines_with_the_people() -> None:
    model = build(small(), PEOPLE)
    directions = model.get_layer("cosines").get_weights()[0]
    expected = np.asarray(model.get_layer("embedding")(faces())) @ (
        directions / np.linalg.norm(directions, axis=0)
    )
    np.testing.assert_allclose(model(faces()), expected, atol=1e-5)


def test_a_network_learns_to_tell_two_people_apart() -> None:
    options = small(backbone="alexnet", input_size="63x63x3", dropout=0.0)
    model = build(options, 2)
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=loss_of(options),
        metrics=[metric_of(options)],
        jit_compile=False,
    )
    images = np.random.default_rng(0).random((16, 63, 63, 3), dtype=np.float32) / 2
    images[8:] += 0.5  # one is bright
    people = np.repeat([0, 1], 8)
    history = model.fit(images, people, batch_size=8, epochs=10, verbose=0).history
    assert history["accuracy"][-1] > 0.9
    assert history["loss"][-1] < history["loss"][0]
