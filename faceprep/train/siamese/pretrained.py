"""Weights trained elsewhere → the backbone of a fresh network. Loads tensorflow.

The weights of a file go into the backbone alone; its classifier is left out, since the heads here
decide something else. With them come the mean and deviation that they want images to have.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorflow import keras

from faceprep.errors import InputError
from faceprep.train.siamese.backbones import convolutions
from faceprep.train.siamese.layouts import check_pretrained, keras_vgg16, layout_of
from faceprep.train.siamese.options import IMAGENET, NO_WEIGHTS
from faceprep.train.siamese.parts import BACKBONE, EMBEDDING, NORMALISED, STANDARDISE
from faceprep.train.siamese.tensor_files import read_tensors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from faceprep.train.siamese.layouts import Layout
    from faceprep.train.siamese.options import SiameseOptions

SECONDS = 20
"""How long one answer may take when Keras fetches its weights."""

_SHOWN = 3
"""How many of the arrays that nobody takes are named."""


def load(model: Any, options: SiameseOptions) -> list[str]:
    """Put the weights that `options.pretrained` names into the backbone of a model.

    Returns:
        A line for each layer that got weights, `conv1_1: features.0.weight (64, 3, 3, 3),
        features.0.bias (64,)`, with the shapes of the file; a last one for what was not taken.

    Raises:
        UsageError: there are no such weights for the backbone.
        InputError: they cannot be read or fetched, or are of another network. The model is then
            as it was.
    """
    check_pretrained(options)
    if options.pretrained == NO_WEIGHTS:
        return []
    layers = _layers(backbone_of(model))
    source = _source(options, {name: len(layer.weights) for name, layer in layers.items()})
    values = {
        name: [
            source.fitting(layers[name], weight, array)
            for weight, array in zip(layers[name].weights, arrays, strict=True)
        ]
        for name, arrays in source.layout.arrays.items()
    }
    _assign(layers, values, source.layout)
    return source.lines()


@dataclass(frozen=True, eq=False)
class Source:
    """Weights as they are elsewhere.

    Attributes:
        name: the file, or `imagenet`.
        arrays: all of them, by their names there.
        layout: which layer takes which.
    """

    name: str
    arrays: dict[str, NDArray[Any]]
    layout: Layout

    def fitting(self, layer: Any, weight: Any, name: str) -> NDArray[Any]:
        """The array for a weight of a layer, turned as Keras has it. Raises InputError."""
        if name not in self.arrays:
            raise InputError(
                f"{self.name}: has no '{name}' for the layer {layer.name}; is it of another backbone?"
            )
        array = self.arrays[name]
        wanted = tuple(weight.shape)
        if turned := self.layout.torch and len(wanted) == 4:
            wanted = tuple(wanted[axis] for axis in (3, 2, 0, 1))
        if array.shape != wanted:
            raise InputError(
                f"{self.name}: '{name}' is {array.shape}, but the layer {layer.name} wants {wanted}; "
                "is it of another backbone, --width or number of channels?"
            )
        return array.transpose(2, 3, 1, 0) if turned else array

    def lines(self) -> list[str]:
        """What `load` returns."""
        wanted = self.layout.arrays
        lines = [
            f"{layer}: {', '.join(f'{name} {self.arrays[name].shape}' for name in names)}"
            for layer, names in wanted.items()
        ]
        taken = {name for names in wanted.values() for name in names}
        if left := [name for name in self.arrays if name not in taken]:
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            lines.append(f"not taken: {', '.join(left[:_SHOWN])}{more}; the head learns its own")
        return lines


def backbone_of(model: Any) -> Any:
    """The part of a network that looks at each face."""
    if EMBEDDING in {layer.name for layer in model.layers}:
        model = model.get_layer(EMBEDDING)
    return model.get_layer(BACKBONE)


def _layers(backbone: Any) -> dict[str, Any]:
    """Layers with weights by name: convolutions, each before its normalisation; last, images'."""
    by_name = {layer.name: layer for layer in backbone.layers}
    named: dict[str, Any] = {}
    for convolution in convolutions(backbone):
        for name in (convolution.name, convolution.name + NORMALISED):
            if name in by_name:
                named[name] = by_name[name]
    return {**named, STANDARDISE: by_name[STANDARDISE]}


def _source(options: SiameseOptions, weights: dict[str, int]) -> Source:
    """What `options.pretrained` names, for layers with so many weights each. Raises InputError."""
    if options.pretrained == IMAGENET:
        return Source(IMAGENET, _imagenet(), keras_vgg16())
    arrays = read_tensors(options.pretrained)
    return Source(options.pretrained, arrays, layout_of(options, weights, arrays))


def _assign(layers: dict[str, Any], values: dict[str, list[NDArray[Any]]], layout: Layout) -> None:
    """Give all layers their weights; all have been found to fit."""
    if layout.reversed:
        kernel, *others = values["conv1_1"]
        values = {**values, "conv1_1": [kernel[:, :, ::-1], *others]}
    if layout.mean and layout.deviation:
        values = {**values, STANDARDISE: [np.array(layout.mean), np.array(layout.deviation)]}
    for name, arrays in values.items():
        layers[name].set_weights(arrays)


def _imagenet() -> dict[str, NDArray[Any]]:
    """Keras' own weights, from its cache or from the network. Raises InputError."""
    try:
        with _patience():
            model = keras.applications.VGG16(include_top=False, weights=IMAGENET)
    except Exception as error:  # Keras raises a plain Exception
        raise InputError(
            f"imagenet: Keras' weights are neither in its cache nor to be had from the network "
            f"({error}); give a file, as --pretrained vgg16.safetensors"
        ) from None
    return {
        f"{layer.name}/{number}": array
        for layer in convolutions(model)
        for number, array in enumerate(layer.get_weights())
    }


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Let no connection that is made in the block wait for ever, as they do by default.

    What Keras prints of it goes to stderr: stdout is for results.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        socket.setdefaulttimeout(before)
