"""The one place that imports MediaPipe: without tensorflow, in silence, one thread, closed in time.

- `import mediapipe` imports all of tensorflow where that is installed, for a documentation decorator
  (4.6 s and 750 MB a worker instead of 0.6 s and 98 MB). It takes no for an answer.
- A task object that the garbage collector closes while another one is made deadlocks the process
  (MediaPipe 1.2). So each is made once per process, kept, and closed before the interpreter ends.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from faceprep.errors import SetupError
from faceprep.faces import model
from faceprep.log import silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

cv2.setNumThreads(1)  # the workers are the parallelism


_CALLS_BEFORE_QUIET = 8
"""LiteRT's warning about unaligned memory comes in one of the first calls, or never."""


@functools.cache
def blazeface(min_score: float) -> Any:
    """This process's MediaPipe FaceDetector (BlazeFace short range). Raises SetupError."""
    with _without_tensorflow(), silence():
        from mediapipe.tasks.python.core.base_options import BaseOptions
        from mediapipe.tasks.python.vision import face_detector

        options = face_detector.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=model.detector_model()),
            min_detection_confidence=min_score,
        )
        return _started(face_detector.FaceDetector.create_from_options(options))


@functools.cache
def landmarker() -> Any:
    """This process's MediaPipe FaceLandmarker for one face and its pose. Raises SetupError."""
    with _without_tensorflow(), silence():
        from mediapipe.tasks.python.core.base_options import BaseOptions
        from mediapipe.tasks.python.vision import face_landmarker

        options = face_landmarker.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model.landmarker_bundle()),
            num_faces=1,
            min_face_detection_confidence=0.3,
            min_face_presence_confidence=0.3,
            output_facial_transformation_matrixes=True,
        )
        return _started(face_landmarker.FaceLandmarker.create_from_options(options))


def mediapipe_image(pixels: NDArray[np.uint8]) -> Any:
    """Wrap contiguous (h, w, 3) uint8 RGB for MediaPipe."""
    from mediapipe.tasks.python.vision.core.image import Image, ImageFormat

    return Image(ImageFormat.SRGB, pixels)


def _started(task: Any) -> Any:
    """Let a task have its first words while nobody listens, and see to it that it is closed."""
    blank = mediapipe_image(np.zeros((128, 128, 3), np.uint8))
    for _ in range(_CALLS_BEFORE_QUIET):
        task.detect(blank)
    # atexit comes too late: MediaPipe closes through a thread pool, and those end before it runs.
    threading._register_atexit(silence()(task.close))  # type: ignore[attr-defined]
    return task


@contextlib.contextmanager
def _without_tensorflow() -> Iterator[None]:
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # import then says "not found"
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a shared library that is not there
        raise SetupError(f"MediaPipe cannot be loaded ({error}); run 'faceprep doctor'") from error
    finally:
        del sys.modules["tensorflow"]
