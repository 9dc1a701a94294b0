"""Photographs to faces, in worker processes: as extract finds them, by the options it was given.

What a worker runs must not load tensorflow: that would be 750 MB each instead of some 100.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faceprep import face_worker, records, storage
from faceprep.engine import deadline
from faceprep.errors import FaceprepError, ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.engine import WorkerPool
    from faceprep.faces.kernel import Face, FaceKernel, ImageFaces
    from faceprep.faces.options import FaceOptions

IMAGES_OF_A_TASK = 8
"""Some 40 ms of work, so that handing it out does not count."""

_TASKS_OF_A_ROUND = 8
"""For each worker: enough that their waiting for the last one does not count."""


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face is: pixels of the upright photograph; `x`, `y` is the top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face that was kept. Angles are degrees as `faces.pose` defines them.

    Attributes:
        index: 0 for the first face of its image, then 1, 2, …
        box: where it is.
        encoded: the crop as a JPEG or PNG file.
    """

    index: int
    yaw: float
    pitch: float
    roll: float
    box: FaceBox
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Photograph:
    """What became of one image.

    Attributes:
        path: of the file.
        status: one of `records.STATUSES`; `ok` exactly when there are faces.
        reason: for the others, in words; of an image with faces, what is wrong with it.
        faces: those kept, the subject first.
        found: how many were seen, kept or not.
    """

    path: str
    status: str
    reason: str | None = None
    faces: tuple[FoundFace, ...] = ()
    found: int = 0


@dataclass(frozen=True)
class FinderTask:
    """Images for one worker.

    Attributes:
        paths: of the files.
        options: how faces are found and cut out.
        timeout: seconds one image may take before the worker ends itself.
    """

    paths: tuple[str, ...]
    options: FaceOptions
    timeout: float


def rounds(pool: WorkerPool, workers: int, every: FinderTask) -> Iterator[list[Photograph]]:
    """The photographs of a long task in its order, as many at a time as keep the workers busy.

    A round is found before the next one begins, so that memory does not grow with their number. An
    image of which a worker dies costs that image: those of its task are tried again one by one.

    Args:
        pool: of the workers.
        workers: how many it has.
        every: all images.

    Raises:
        SetupError: this machine cannot run the detector. UsageError: there is no such detector.
    """
    face_worker.check_machine(pool, every.options)
    for paths in _batched(every.paths, workers * IMAGES_OF_A_TASK * _TASKS_OF_A_ROUND):
        yield one_round(pool, replace(every, paths=paths))


def one_round(pool: WorkerPool, task: FinderTask) -> list[Photograph]:
    """The photographs of a task in its order, found by several workers; none of its paths twice.

    Raises:
        SetupError: this machine cannot run the detector. UsageError: there is no such detector.
    """
    tasks = [replace(task, paths=part) for part in _batched(task.paths, IMAGES_OF_A_TASK)]
    found: dict[str, Photograph] = {}
    killed: list[str] = []
    for outcome in pool.run(find_faces, tasks):
        if outcome.crash:
            killed += outcome.item.paths
        found |= {photograph.path: photograph for photograph in outcome.result or ()}
    found |= {each.path: each for each in _one_by_one(pool, task, killed)}
    return [found[path] for path in task.paths]


def find_faces(task: FinderTask) -> list[Photograph]:
    """The faces in the images of one task: what a worker does. Raises SetupError, UsageError."""
    kernel = face_worker.kernel(task.options)
    return [_find(kernel, path, task.timeout) for path in task.paths]


def _batched(paths: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def _one_by_one(pool: WorkerPool, every: FinderTask, paths: list[str]) -> Iterator[Photograph]:
    tasks = [replace(every, paths=(path,)) for path in paths]
    for outcome in pool.run(find_faces, tasks):
        if outcome.crash:
            status = records.TIMEOUT if outcome.crash == "SIGALRM" else records.CRASHED
            reason = f"it ended the worker ({outcome.crash}), also when tried alone"
            yield Photograph(outcome.item.paths[0], status, reason)
        yield from outcome.result or ()


def _find(kernel: FaceKernel, path: str, timeout: float) -> Photograph:
    try:
        with deadline(timeout):
            return _photograph(path, kernel.extract(storage.read_bytes(path)))
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        return Photograph(path, records.UNREADABLE, reason)
    except ImageError as error:
        return Photograph(path, error.status, str(error))
    except FaceprepError:
        raise
    except Exception as error:  # a bug or a hostile file: it costs one image, not the run
        return Photograph(path, records.CRASHED, f"{type(error).__name__}: {error}")


def _photograph(path: str, found: ImageFaces) -> Photograph:
    faces = tuple(_found_face(index, face) for index, face in enumerate(found.faces))
    shown = "the file is damaged; shown as far as it decodes" if found.damaged else None
    return Photograph(path, found.status, found.reason or shown, faces, found.found or 0)


def _found_face(index: int, face: Face) -> FoundFace:
    box, pose = face.detection.box, face.pose
    where = FaceBox(box.x, box.y, box.width, box.height)
    return FoundFace(index, pose.yaw, pose.pitch, pose.roll, where, face.encoded)
