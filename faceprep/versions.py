"""Which versions make the bytes: the same ones, on one kind of machine, make the same faces."""

from __future__ import annotations

import functools
from importlib.metadata import version

import faceprep

_DECISIVE = ("mediapipe", "numpy", "opencv-python", "pillow", "pyarrow", "simplejpeg")


@functools.cache
def installed() -> dict[str, str]:
    """Name to version, of faceprep and of what finds, cuts out and stores faces."""
    return {"faceprep": faceprep.__version__, **{name: version(name) for name in _DECISIVE}}
