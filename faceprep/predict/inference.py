"""A trained autoencoder, at work: encoded faces to predictions, and to latents. Loads tensorflow."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from tensorflow import keras

from faceprep.dataset_folder import ImageForm
from faceprep.errors import FaceprepError
from faceprep.train import custom, images, saved
from faceprep.train.autoencoder import encoder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from faceprep.predict.trained import Trained


@dataclass(frozen=True, eq=False)
class Inferred:
    """What a model makes of some faces; a row for each.

    Attributes:
        features: what it sees of them, (n, h, w, channels) float32, 0 to 1.
        predictions: likewise, of the output's shape.
        latents: (n, length) float32; None where they were not asked for.
    """

    features: NDArray[np.float32]
    predictions: NDArray[np.float32]
    latents: NDArray[np.float32] | None


class Inference:
    """The model of a run, from encoded faces on.

    Args:
        trained: the run.
        latent: whether latents are wanted too.

    Raises:
        InputError: the model cannot be loaded.
        UsageError: latents are wanted, and it has no layer named `latent`; the run's `--model` is not
            to be found.
    """

    def __init__(self, trained: Trained, *, latent: bool) -> None:
        model = load_model(trained)
        outputs = {"prediction": model.outputs[0]}
        if latent:
            outputs["latent"] = encoder_of(model).outputs[0]
        self._model = keras.Model(model.inputs, outputs)
        self._features = _decoder(trained)
        self._path = trained.model
        self.latent = int(outputs["latent"].shape[-1]) if latent else 0
        """Length of a latent; 0 where they were not asked for."""

    def __call__(self, crops: Sequence[bytes]) -> Inferred:
        """What the model makes of faces as extract encodes them; at least one.

        Raises:
            FaceprepError: its predictions are no numbers.
        """
        features = self._features(tf.constant(list(crops), tf.string))
        found = self._model.predict_on_batch(features)
        predictions = np.asarray(found["prediction"], np.float32)
        if not np.isfinite(predictions).all():
            raise FaceprepError(
                f"{self._path}: it predicts values that are no numbers; train again"
            )
        latents = np.asarray(found["latent"], np.float32) if self.latent else None
        return Inferred(features.numpy(), predictions, latents)


def load_model(trained: Trained) -> Any:
    """The `keras.Model` of a run, not compiled; the module of a custom one is imported first.

    Raises:
        InputError: it cannot be loaded.
        UsageError: the run's `--model` is not to be found.
    """
    if trained.options.model:
        custom.load_module(trained.options.model)
    return saved.load_model(trained.model, _advice(trained))


def _advice(trained: Trained) -> str:
    if not trained.options.model:
        return "is it of another Keras? Train again"
    return (
        f"each layer of one's own in {trained.options.model} needs the decorator "
        "keras.utils.register_keras_serializable"
    )


def _decoder(trained: Trained) -> Any:
    """A function of encoded faces, (n,) strings: (n, h, w, channels) float32, as in training."""
    shape, extract = trained.options.input_shape, trained.extract
    image = ImageForm.of_crops(asdict(extract))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
    def features(crops: Any) -> Any:
        return images.decode_faces(crops, shape, image)

    return features
