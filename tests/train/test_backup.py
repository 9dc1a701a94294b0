"""The backup: everything back where it was, or a line that says why not."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.errors import InputError, StorageError
from faceprep.train.backup import NotFinite, Place, restore, save

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tensorflow import keras

if TYPE_CHECKING:
    from pathlib import Path

X = np.random.default_rng(0).random((16, 4), np.float32)
PLACE = Place(epoch=3, step=17, seconds=12.25, loss=0.5, measure=0.25)


def model(units: int = 8, policy: str = "float32") -> Any:
    layers = keras.layers
    stack = [
        layers.Input((4,)),
        layers.Dense(units, dtype=policy),
        layers.BatchNormalization(),
        layers.Dropout(0.5, seed=1),
        layers.Dense(4, dtype="float32"),
    ]
    made = keras.Sequential(stack)
    made.compile(keras.optimizers.AdamW(0.01), loss="mse", jit_compile=False)
    return made


def fit(made: Any) -> None:
    made.fit(X, X, batch_size=4, shuffle=False, verbose=0)


def test_training_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    one, other = model(), model()
    fit(one)
    save(str(tmp_path / "backup"), one, PLACE)
    assert restore(str(tmp_path / "backup"), other) == PLACE
    fit(one)
    fit(other)  # dropout drops the same, momentum is the same
    for a, b in zip(one.variables, other.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_backup_of_faceprep_0_3_is_read(tmp_path: Path) -> None:
    save(str(tmp_path / "backup"), model(), PLACE)
    with np.load(tmp_path / "backup") as stored:
        arrays = {name: stored[name] for name in stored.files}
    place = np.array(str(arrays.pop("place")).replace("measure", "mse"))
    with (tmp_path / "backup").open("wb") as file:
        np.savez(file, place=place, **arrays)
    assert restore(str(tmp_path / "backup"), model()) == PLACE


def test_mixed_precision_keeps_its_loss_scale(tmp_path: Path) -> None:
    made = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(4)])
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), initial_scale=64.0)
    made.compile(optimizer, loss="mse", jit_compile=False)
    save(str(tmp_path / "backup"), made, PLACE)
    scale = next(v for v in optimizer.variables if "dynamic_scale" in v.path)
    scale.assign(2.0)
    restore(str(tmp_path / "backup"), made)
    assert float(scale) == 64.0


def test_without_a_backup_it_is_the_beginning(tmp_path: Path) -> None:
    assert restore(str(tmp_path / "none"), model()) == Place()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_not_stored(tmp_path: Path, bad: float) -> None:
    made = model()
    save(str(tmp_path / "backup"), made, PLACE)
    kept = (tmp_path / "backup").read_bytes()
    made.layers[0].bias.assign(np.full(8, bad, np.float32))
    with pytest.raises(NotFinite):
        save(str(tmp_path / "backup"), made, Place())
    assert (tmp_path / "backup").read_bytes() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_the_backup_of_another_model_is_refused(tmp_path: Path) -> None:
    save(str(tmp_path / "backup"), model(8), PLACE)
    with pytest.raises(InputError, match="of another model"):
        restore(str(tmp_path / "backup"), model(9))


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_damaged_backup_is_named(tmp_path: Path, keep: int) -> None:
    file = tmp_path / "backup"
    save(str(file), model(), PLACE)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(InputError, match="backup: not readable"):
        restore(str(file), model())


def test_a_flipped_byte_is_noticed_or_carries_nothing(tmp_path: Path) -> None:
    file, made = tmp_path / "backup", model(2)
    save(str(file), made, PLACE)
    good = file.read_bytes()
    stored = [variable.numpy() for variable in made.variables]
    noticed = 0
    for position in range(0, len(good), 29):
        file.write_bytes(good[:position] + bytes([good[position] ^ 0xFF]) + good[position + 1 :])
        try:
            place = restore(str(file), made)
        except InputError:
            noticed += 1
        else:
            assert place == PLACE
            for before, variable in zip(stored, made.variables, strict=True):
                np.testing.assert_array_equal(before, variable.numpy())
    assert noticed > len(good) / 29 / 2


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        save(str(tmp_path / "file" / "backup"), model(), PLACE)
