"""Files of weights for tests, and torchvision's networks done by hand, in torch's layout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]

ALEXNET = {0: (11, 4, 2, True), 3: (5, 1, 2, True), 6: (3, 1, 1, False), 8: (3, 1, 1, False)}
ALEXNET[10] = (3, 1, 1, True)
"""Place in torchvision's `features` to kernel size, stride, padding, and whether pooling follows."""

VGG16 = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
VGG16_BN = (0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40)
"""Places of the convolutions, as `print(torchvision.models.vgg16())` shows them."""

VGG_POOLED = (1, 3, 6, 9, 12)
"""Which of the thirteen a pooling follows, from 0."""


def write_safetensors(path: Path, arrays: Arrays) -> None:
    """After https://huggingface.co/docs/safetensors; uint16 stands for bfloat16."""
    names = {"float32": "F32", "float64": "F64", "float16": "F16", "uint16": "BF16", "int64": "I64"}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, array in arrays.items():
        end = len(content) + array.nbytes
        header[name] = {
            "dtype": names[array.dtype.name],
            "shape": array.shape,
            "data_offsets": [len(content), end],
        }
        content += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)


def random_weights(places: tuple[int, ...], shapes: list[Any], normalised: bool = False) -> Arrays:
    """A state_dict: kernels (out, in, height, width), biases, normalisations, a classifier."""
    random = np.random.default_rng(1)
    arrays: Arrays = {}

    def put(name: str, values: Any) -> None:
        arrays[name] = np.asarray(values, np.float32)

    for place, shape in zip(places, shapes, strict=True):
        put(f"features.{place}.weight", random.normal(0, np.prod(shape[1:]) ** -0.5, shape))
        put(f"features.{place}.bias", random.normal(0, 0.3, shape[0]))
        if normalised:
            put(f"features.{place + 1}.weight", random.uniform(0.5, 2, shape[0]))
            put(f"features.{place + 1}.bias", random.normal(0, 0.3, shape[0]))
            put(f"features.{place + 1}.running_mean", random.normal(0, 0.3, shape[0]))
            put(f"features.{place + 1}.running_var", random.uniform(0.1, 1, shape[0]))
            arrays[f"features.{place + 1}.num_batches_tracked"] = np.array(7)
    put("classifier.0.weight", random.normal(size=(3, 2)))
    put("classifier.0.bias", random.normal(size=3))
    return arrays


def alexnet_by_hand(images: NDArray[Any], arrays: Arrays) -> NDArray[Any]:
    """Images (n, height, width, 3), 0 to 1, to torchvision's features, (n, h, w, channels)."""
    x = _standardised(images)
    for place, (_, stride, padding, pooled) in ALEXNET.items():
        x = np.maximum(_convolved(x, arrays, place, stride, padding), 0)
        x = _pooled(x, 3) if pooled else x
    return x.transpose(0, 2, 3, 1)


def vgg16_by_hand(
    images: NDArray[Any], arrays: Arrays, places: tuple[int, ...], normalised: bool
) -> NDArray[Any]:
    """The same of `vgg16` and `vgg16_bn`."""
    x = _standardised(images)
    for number, place in enumerate(places):
        x = _convolved(x, arrays, place, 1, 1)
        x = np.maximum(_normalised(x, arrays, place + 1) if normalised else x, 0)
        x = _pooled(x, 2) if number in VGG_POOLED else x
    return x.transpose(0, 2, 3, 1)


def _standardised(images: NDArray[Any]) -> NDArray[Any]:
    """As torchvision's weights want them; (n, channels, height, width)."""
    ready = (images - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return np.asarray(ready.transpose(0, 3, 1, 2))


def _convolved(
    x: NDArray[Any], arrays: Arrays, place: int, stride: int, padding: int
) -> NDArray[Any]:
    kernel, bias = arrays[f"features.{place}.weight"], arrays[f"features.{place}.bias"]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, kernel.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    sums = np.einsum("nchwij,ocij->nohw", windows, kernel)
    return np.asarray(sums + bias[:, None, None])


def _normalised(x: NDArray[Any], arrays: Arrays, place: int) -> NDArray[Any]:
    gamma, beta, mean, variance = (
        arrays[f"features.{place}.{part}"][:, None, None]
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    return np.asarray((x - mean) / np.sqrt(variance + 1e-5) * gamma + beta)


def _pooled(x: NDArray[Any], size: int) -> NDArray[Any]:
    return np.asarray(sliding_window_view(x, (size, size), (2, 3))[:, :, ::2, ::2].max((4, 5)))
