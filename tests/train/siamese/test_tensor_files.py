"""Files of weights: what is written comes back by its name; what is none is told so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.errors import InputError, UsageError
from faceprep.train.siamese.tensor_files import READERS, read_tensors, suffix_of
from tests.train.siamese.weight_files import write_safetensors

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "features.0.weight": RANDOM.normal(size=(4, 3, 2, 5)).astype(np.float32),
    "features.0.bias": RANDOM.normal(size=4),
    "half": RANDOM.normal(size=(2, 3)).astype(np.float16),
    "number": np.array(7),
}


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_arrays_come_back_by_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    if suffix == ".npz":
        np.savez(path, **ARRAYS)
    else:
        write_safetensors(path, ARRAYS)
    found = read_tensors(str(path))
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    values = np.array([1.0, -0.5, 3.140625], np.float32)  # no longer than 16 bits
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    write_safetensors(tmp_path / "w.safetensors", {"x": np.asarray(upper)})
    np.testing.assert_array_equal(read_tensors(str(tmp_path / "w.safetensors"))["x"], values)


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x02\0\0\0\0\0\0\0{}"[:9]])
def test_what_is_no_such_file_is_told_so(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"w\..*: cannot be read as a file of weights"):
        read_tensors(str(path))


def test_a_safetensors_file_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_safetensors(path, ARRAYS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_tensors(str(path))


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", x=np.array([{}], object))
    with pytest.raises(InputError, match="allow_pickle"):
        read_tensors(str(tmp_path / "w.npz"))


@pytest.mark.parametrize("suffix", READERS)
def test_a_missing_file(suffix: str) -> None:
    with pytest.raises(InputError, match=rf"nowhere{suffix}: there is no such file"):
        read_tensors(f"nowhere{suffix}")


def test_other_endings_are_refused() -> None:
    assert suffix_of("RUN/Model.KERAS") == ".keras"
    with pytest.raises(UsageError, match=r"'weights.pth'; it may be none, imagenet, or a file"):
        suffix_of("weights.pth")
