"""Files of weights → their arrays by name. Loads h5py when it meets a file of Keras'; not tensorflow.

| file | names of the arrays |
|---|---|
| `.npz` | as saved, for instance `features.0.weight` |
| `.safetensors` | as saved; see https://huggingface.co/docs/safetensors |
| `.keras`, `.weights.h5` | layer and number of the weight in it: `conv1_1/0` is the kernel, `/1` the bias |
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_NOT_SO = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What the readers raise at a file that is not what its name says."""

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4"}
"""Of safetensors, as numpy spells them."""


def suffix_of(location: str) -> str:
    """The one of `READERS` that reads it. Raises UsageError."""
    for suffix in READERS:
        if location.lower().endswith(suffix):
            return suffix
    raise UsageError(
        f"--pretrained is '{location}'; it may be none, imagenet, or a file that ends in "
        f"{', '.join(READERS)}"
    )


def read_tensors(location: str) -> dict[str, NDArray[Any]]:
    """All arrays of a file.

    Args:
        location: a local path or a URL.

    Raises:
        UsageError: the name has none of the endings.
        InputError: there is no such file, or it is not what its name says.
    """
    read = READERS[suffix_of(location)]
    try:
        with storage.open_input(location) as file:
            return read(file)
    except FileNotFoundError:
        raise InputError(f"{location}: there is no such file; see --pretrained") from None
    except _NOT_SO as error:
        raise InputError(
            f"{location}: cannot be read as a file of weights ({error}); give another --pretrained"
        ) from None


def _read_npz(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    with np.load(file, allow_pickle=False) as arrays:
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise TypeError("one array, not several by name")
        return dict(arrays)


def _read_safetensors(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    """8 bytes with the length of the header, the header in JSON, then the arrays one after another."""
    length = int.from_bytes(file.read(8), "little")
    if length > 100_000_000:  # the format's own limit
        raise ValueError("its header is too long")
    header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise TypeError("its header is no table")
    content = file.read()
    return {
        name: _array(content, entry) for name, entry in header.items() if name != "__metadata__"
    }


def _array(content: bytes, entry: dict[str, Any]) -> NDArray[Any]:
    if entry["dtype"] not in _DTYPES:
        raise ValueError(f"numbers of the type {entry['dtype']}")
    begin, _ = entry["data_offsets"]
    shape = entry["shape"]
    if min(shape, default=0) < 0:
        raise ValueError(f"an array of the shape {shape}")
    flat = np.frombuffer(content, _DTYPES[entry["dtype"]], math.prod(shape), begin)
    if entry["dtype"] == "BF16":  # the upper half of a float32
        flat = (flat.astype("<u4") << 16).view("<f4")
    return flat.reshape(shape)


def _read_keras(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(file) as parts:
        return _read_h5(io.BytesIO(parts.read("model.weights.h5")))


def _read_h5(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    """The weights of each layer, however deep in models of models; not the optimiser's."""
    import h5py  # type: ignore[import-untyped]  # comes with Keras

    found: dict[str, NDArray[Any]] = {}

    def keep(path: str, node: Any) -> None:
        layer = node.attrs.get("name")
        if layer is None or path.startswith("optimizer"):
            return
        for number, values in node.items():
            found[f"{layer}/{number}"] = values[()]

    with h5py.File(file, "r") as weights:
        weights.visititems(keep)
    return found


READERS: dict[str, Callable[[IO[bytes]], dict[str, NDArray[Any]]]] = {
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".keras": _read_keras,
    ".weights.h5": _read_h5,
}
"""Ending of a file to what reads it."""
