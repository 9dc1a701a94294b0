"""The kernel in a worker: once for its options, and tried on an image without a face."""

from __future__ import annotations

import pytest

from faceprep import face_worker
from faceprep.engine import WorkerPool
from faceprep.errors import SetupError, UsageError
from faceprep.extract.options import ExtractOptions


def test_there_is_one_kernel_for_the_same_options() -> None:
    kernel = face_worker.kernel(ExtractOptions())
    assert face_worker.kernel(ExtractOptions()) is kernel
    assert face_worker.kernel(ExtractOptions(size=64)) is not kernel


def test_a_machine_that_works_passes() -> None:
    with WorkerPool(1) as pool:
        face_worker.check_machine(pool, ExtractOptions())


def test_a_machine_on_which_workers_die_is_told_so() -> None:
    options = ExtractOptions(detector="tests.detectors:Deadly")
    with WorkerPool(1) as pool, pytest.raises(SetupError, match="dies on an empty image"):
        face_worker.check_machine(pool, options)


def test_a_detector_that_is_not_there_is_a_wrong_option() -> None:
    with WorkerPool(1) as pool, pytest.raises(UsageError, match="nowhere"):
        face_worker.check_machine(pool, ExtractOptions(detector="nowhere:Detector"))
