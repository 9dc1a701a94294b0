"""What computes."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from faceprep.train import machine
from faceprep.train.learning import FitOptions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow import keras

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_precision_holds_within_the_block(precision: str) -> None:
    with machine.prepared(FitOptions(precision=precision)):
        assert keras.config.dtype_policy().name == precision
    assert keras.config.dtype_policy().name == "float32"


def test_the_same_seed_gives_the_same_first_weights() -> None:
    def first(seed: int) -> list[float]:
        with machine.prepared(FitOptions(seed=seed)):
            layer = keras.layers.Dense(3)
            layer.build((None, 2))
            return [float(x) for x in layer.kernel.numpy().ravel()]

    assert first(1) == first(1) != first(2)


def test_it_says_what_computes() -> None:
    described = machine.description()
    assert described["devices"] == ["CPU"] or tf.config.list_physical_devices("GPU")
    assert described["cores"] >= 1
    assert machine.versions()["tensorflow"] == tf.__version__


_TWO_DEVICES = """
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import sys, pathlib
from tests.train import test_fit
from faceprep.train.fit import fit
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
folder = pathlib.Path(sys.argv[1])
with strategy.scope():
    made = test_fit.training(folder, epochs=2)
test_fit.run(made)
with strategy.scope():
    again = test_fit.training(folder, epochs=3)
ending = test_fit.run(again)
print(strategy.num_replicas_in_sync, [row.steps for row in ending.history])
"""


def test_a_step_is_spread_over_devices_and_resumed_there(
    tmp_path: Path,
) -> None:
    """Two logical CPUs stand for two GPUs: the code path is the same, their speed is not claimed."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _TWO_DEVICES, str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "2 [6, 12, 18]", run.stderr[-2000:]
