"""The kernel in a worker process: started once, held to a deadline, tried before images are blamed.

Light: mediapipe and OpenCV are loaded by what is called in a worker.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from faceprep.engine import deadline
from faceprep.errors import SetupError

if TYPE_CHECKING:
    from faceprep.engine.pool import Pool
    from faceprep.faces.kernel import FaceKernel
    from faceprep.faces.options import FaceOptions

_START_SECONDS = 120.0
"""What a detector may take to start, and to look at an empty image."""


@functools.cache
def kernel(options: FaceOptions) -> FaceKernel:
    """This process's kernel for these options. Raises SetupError, UsageError."""
    try:
        from faceprep.faces.kernel import FaceKernel
    except ImportError as error:
        raise SetupError(
            f"OpenCV or MediaPipe cannot be loaded ({error}); run 'faceprep doctor'"
        ) from error
    with deadline(_START_SECONDS):
        return FaceKernel(options)


def self_test(options: FaceOptions) -> None:
    """Process an image without a face: a machine on which this dies has a problem of its own."""
    import cv2
    import numpy as np

    blank = cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    ours = kernel(options)
    with deadline(_START_SECONDS):
        ours.extract(blank)


def check_machine(pool: Pool, options: FaceOptions) -> None:
    """Let a worker look at an image without a face.

    Raises:
        SetupError: it dies of that, or lacks something. UsageError: there is no such detector.
    """
    for outcome in pool.run(self_test, [options]):
        if outcome.crash:
            raise SetupError(
                f"a worker dies on an empty image ({outcome.crash}): this machine cannot run the "
                "detector; run 'faceprep doctor'"
            )
