"""What a worker does: the images of one part, from files to rows.

The one module in which files, the kernel and rows meet. Only workers run it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from faceprep import face_worker, part_file, parts, records, storage
from faceprep.engine import deadline
from faceprep.errors import FaceprepError, ImageError, InputError
from faceprep.extract import source
from faceprep.extract.catalog import source_images
from faceprep.faces.pose import frontality

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from faceprep.extract.layouts import SourceImage
    from faceprep.extract.options import ExtractOptions
    from faceprep.faces.kernel import Face, FaceKernel, ImageFaces

_PASSING = frozenset(
    {errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOTCONN, errno.ETIMEDOUT}
)
"""Errors of reading that say nothing of the image: the part stays undone, and is done another time."""


@dataclass(frozen=True)
class PartTask:
    """All that a worker needs to know to make one part.

    Attributes:
        root: of the source images.
        folder: of the faces.
        part: which slice of the catalogue.
        digest: of the options.
        options: what to extract.
        timeout: seconds one image may take before the worker ends itself.
        killers: key to status, for images that are known to kill a worker.
    """

    root: str
    folder: str
    part: parts.Part
    digest: str
    options: ExtractOptions
    timeout: float
    killers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImageTask:
    """One image of a part that killed its worker, to be tried alone."""

    part: PartTask
    image: SourceImage


def extract_part(task: PartTask) -> parts.Counts:
    """Make one part. Raises StorageError, SetupError."""
    batch = parts.read_slice(task.folder, task.part)
    with contextlib.closing(_rows_of_all(task, source_images(batch))) as rows:
        return part_file.write_part(
            task.folder, task.part, parts.fingerprint(task.digest, batch), rows
        )


def try_image(task: ImageTask) -> None:
    """Process one image and forget the result; the worker lives or dies."""
    for _ in _rows_of_all(task.part, [task.image]):
        pass


def _rows_of_all(
    task: PartTask, images: Sequence[SourceImage]
) -> Generator[list[records.FaceRow], None, None]:
    """For each image its rows; what is known to kill is not even read."""
    kernel = face_worker.kernel(task.options)
    harmless = [image for image in images if image.key not in task.killers]
    closed = 0
    with contextlib.closing(source.read_ahead(task.root, harmless, task.folder)) as contents:
        for image in images:
            if status := task.killers.get(image.key):
                reason = f"it ended the worker ({status}), also when tried alone"
                yield [_reject(image, status, reason)]
            else:
                content = _next(task, contents)
                closed += isinstance(content, PermissionError)
                yield _rows(task, kernel, image, content)
    if storage.is_url(task.root) and closed == len(images) > 1:  # the part is not to be written
        raise InputError(
            f"{task.root}: no permission to read any of {closed} images, such as {images[0].key}; "
            "the account in use lacks the right to read objects"
        )


def _next(task: PartTask, contents: source.Contents) -> source.Content:
    """What was fetched ahead has time limits of its own; a local file that hangs is the image's fault."""
    with contextlib.nullcontext() if storage.is_url(task.root) else deadline(task.timeout):
        return next(contents)[1]


def _rows(
    task: PartTask, kernel: FaceKernel, image: SourceImage, content: source.Content
) -> list[records.FaceRow]:
    if isinstance(content, OSError):
        return [_not_read(task, image, content)]
    if isinstance(content, ImageError):
        return [_reject(image, content.status, str(content))]
    try:
        with deadline(task.timeout):
            found = kernel.extract(content)
            digest = hashlib.sha256(content).hexdigest()
            return _face_rows(image, digest, found) or [_image_row(image, digest, found)]
    except ImageError as error:
        return [_reject(image, error.status, str(error))]
    except FaceprepError:
        raise
    except Exception as error:  # a bug or a hostile file: it costs one image, not the run
        return [_reject(image, records.CRASHED, f"{type(error).__name__}: {error}")]


def _not_read(task: PartTask, image: SourceImage, error: OSError) -> records.FaceRow:
    """The row of a file that cannot be read, if it is the file's fault."""
    reason = error.strerror or str(error)
    if storage.is_url(task.root):
        storage.check_url(task.root)
    elif error.errno in _PASSING or not os.path.isdir(task.root):  # noqa: PTH112 - as cheap as can be
        raise InputError(
            f"{storage.join(task.root, image.key)}: {reason}; the source is out of reach. "
            "When it is back, the same command goes on"
        ) from error
    return _reject(image, records.UNREADABLE, f"the file cannot be read: {reason}")


def _reject(image: SourceImage, status: str, reason: str) -> records.FaceRow:
    return records.FaceRow(
        image.key, image.identity, status, clip=image.clip, view=image.view, reason=reason
    )


def _image_row(image: SourceImage, digest: str, found: ImageFaces) -> records.FaceRow:
    """What is known of the image, whether it gave a face or not."""
    return records.FaceRow(
        image.key,
        image.identity,
        found.status,
        clip=image.clip,
        view=image.view,
        reason=found.reason,
        sha256=digest,
        width=found.width,
        height=found.height,
        damaged=found.damaged,
        face_count=found.found,
    )


def _face_rows(image: SourceImage, digest: str, found: ImageFaces) -> list[records.FaceRow]:
    of_image = _image_row(image, digest, found)
    return [_face_row(of_image, index, face) for index, face in enumerate(found.faces)]


def _face_row(of_image: records.FaceRow, index: int, face: Face) -> records.FaceRow:
    box, points = face.detection.box, face.detection.keypoints
    return replace(
        of_image,
        face_index=index,
        score=face.detection.score,
        box_x=box.x,
        box_y=box.y,
        box_width=box.width,
        box_height=box.height,
        keypoints=points.ravel().tolist(),
        eye_distance=float(np.hypot(*(points[1] - points[0]))),
        yaw=face.pose.yaw,
        pitch=face.pose.pitch,
        roll=face.pose.roll,
        pose_source=face.pose_source,
        frontality=frontality(face.pose),
        sharpness=face.sharpness,
        crop_bytes=len(face.encoded) or None,
        crop=face.encoded or None,
    )
