"""What computes: GPUs where there are any, precision, repeatability. Loads tensorflow when called."""

from __future__ import annotations

import contextlib
import os
import platform
from typing import TYPE_CHECKING, Any

from faceprep.errors import SetupError
from faceprep.log import silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.train.learning import FitOptions


def start_tensorflow() -> None:
    """Import tensorflow and let it look for devices while nobody listens to its C++ libraries.

    Raises:
        SetupError: it cannot be loaded.
    """
    if not os.environ.get("FACEPREP_DEBUG"):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with silence():
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()
        except (ImportError, OSError) as error:  # OSError: a shared library that is not there
            raise SetupError(
                f"tensorflow cannot be loaded ({error}); run 'faceprep doctor'"
            ) from error


@contextlib.contextmanager
def prepared(options: FitOptions) -> Iterator[Any]:
    """The `tf.distribute.Strategy` to build and fit under, for the length of the block.

    It spreads a step over all GPUs that are visible (`CUDA_VISIBLE_DEVICES` chooses); with one of
    them, or none, it is tensorflow's default. Seeds and precision are set before it is yielded.
    """
    import tensorflow as tf
    from tensorflow import keras

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError):  # in use already: it stays as it is
            tf.config.experimental.set_memory_growth(gpu, True)
    keras.utils.set_random_seed(options.seed)
    if options.deterministic:
        tf.config.experimental.enable_op_determinism()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(options.precision)
    try:
        yield tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()
    finally:
        keras.config.set_dtype_policy(before)


def description() -> dict[str, Any]:
    """What `run.json` says of the machine."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name") for gpu in gpus]
    return {
        "devices": [str(name) for name in names] or ["CPU"],
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """What `run.json` says of the software."""
    import numpy as np
    import tensorflow as tf
    from tensorflow import keras

    import faceprep

    return {
        "faceprep": faceprep.__version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
