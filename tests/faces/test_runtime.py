"""MediaPipe as a guest: light, silent, several at a time, gone without a word.

Each test has a process of its own, since a process imports MediaPipe once and keeps its tasks.
"""

from __future__ import annotations

import os
import subprocess
import sys

PIXELS = "import numpy as np; pixels = np.zeros((200, 150, 3), np.uint8)\n"


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "FACEPREP_DEBUG"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)


def assert_silent(finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.stderr == ""
    assert finished.stdout == ""
    assert finished.returncode == 0


def test_detecting_brings_no_tensorflow_in_and_says_nothing() -> None:
    program = """
import sys
from faceprep.faces.detect import BlazeFace, find_faces
assert find_faces(BlazeFace(0.3), pixels) == []
assert not [name for name in sys.modules if name.split(".")[0] == "tensorflow"]
"""
    assert_silent(run(PIXELS + program))


def test_the_mesh_brings_no_tensorflow_in_and_says_nothing() -> None:
    program = """
import sys
from faceprep.faces.detect import Box
from faceprep.faces.mesh import fit_mesh
assert fit_mesh(pixels, Box(20, 20, 90, 90)) is None
assert not [name for name in sys.modules if name.split(".")[0] == "tensorflow"]
"""
    assert_silent(run(PIXELS + program))


def test_detectors_of_several_scores_and_a_mesh_live_in_one_process() -> None:
    program = """
from faceprep.faces import runtime
from faceprep.faces.detect import BlazeFace
detectors = [BlazeFace(score) for score in (0.3, 0.9, 0.3)]
runtime.landmarker()
for detector in detectors * 3:
    assert detector.detect(pixels) == []
assert runtime.blazeface(0.3) is runtime.blazeface(0.3)
assert runtime.blazeface(0.3) is not runtime.blazeface(0.9)
"""
    assert_silent(run(PIXELS + program))


def test_an_error_elsewhere_still_ends_the_process_as_it_should() -> None:
    program = """
from faceprep.faces.detect import BlazeFace
detector = BlazeFace(0.3)
raise SystemExit(7)
"""
    finished = run(program)
    assert finished.returncode == 7
    assert finished.stderr == ""


def test_a_mediapipe_that_cannot_be_loaded_is_a_matter_of_setup() -> None:
    program = """
import sys
from faceprep.errors import SetupError
from faceprep.faces.detect import BlazeFace
sys.modules["mediapipe"] = None
try:
    BlazeFace(0.3)
except SetupError as error:
    assert "faceprep doctor" in str(error)
    assert "tensorflow" not in sys.modules
else:
    raise AssertionError("made a detector of nothing")
"""
    assert_silent(run(program))


def test_a_missing_system_library_is_a_matter_of_setup() -> None:
    program = """
import ctypes
from faceprep.errors import SetupError
from faceprep.faces.detect import BlazeFace

def missing(path, *_):
    raise OSError("libEGL.so.1: cannot open shared object file")

ctypes.CDLL = missing
try:
    BlazeFace(0.3)
except SetupError as error:
    assert "libEGL.so.1" in str(error)
else:
    raise AssertionError("loaded a library that is not there")
"""
    assert_silent(run(program))
