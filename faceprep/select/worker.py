"""What a worker does: the mesh's opinion on the pose of some faces of one part.

The mesh looks at the stored crop. Where the face is in it follows from what the row says of the
source image and from how extract made the crop. Only workers run this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep import face_folder
from faceprep.errors import ImageError, InputError, SetupError

if TYPE_CHECKING:
    from faceprep.faces.detect import Box
    from faceprep.faces.options import FaceOptions
    from faceprep.faces.pose import Pose


@dataclass(frozen=True, slots=True)
class StoredFace:
    """A face in a part. Lengths and points are px of the source image, as in `records.FaceRow`.

    Attributes:
        row: in the part.
        name: key of the image, and number of the face: for messages.
        keypoints: x, y of six points, 12 numbers.
    """

    row: int
    name: str
    box_x: float
    box_y: float
    box_width: float
    box_height: float
    keypoints: list[float]


@dataclass(frozen=True)
class MeshTask:
    """Faces of one part at which the mesh is to look.

    Attributes:
        part: index of the part in its folder.
        location: of the part.
        options: of extract, which say how crops were made. The crops must follow from keypoints and
            boxes alone, as all do that were made with `pose="keypoints"`.
        faces: in ascending order of their rows.
    """

    part: int
    location: str
    options: FaceOptions
    faces: tuple[StoredFace, ...]


def fit_part(task: MeshTask) -> list[Pose | None]:
    """The pose of each face of the task by the mesh; None for those that it refuses.

    Raises:
        InputError: the part or a crop in it cannot be read.
        SetupError: the machine lacks the model file or a library.
    """
    crops = face_folder.read_crops(task.location, [face.row for face in task.faces])
    return [_fit(task, face, crop) for face, crop in zip(task.faces, crops, strict=True)]


def _fit(task: MeshTask, face: StoredFace, crop: bytes) -> Pose | None:
    try:
        from faceprep.faces.decode import decode
        from faceprep.faces.mesh import fit_mesh
    except ImportError as error:
        raise SetupError(
            f"OpenCV or MediaPipe cannot be loaded ({error}); run 'faceprep doctor'"
        ) from error
    try:
        image = decode(crop, task.options.size**2)
    except ImageError as error:
        raise _damaged(task, face, str(error)) from None
    if image.damage:
        raise _damaged(task, face, image.damage)
    fit = fit_mesh(image.pixels, box_in_crop(face, task.options))
    return fit.pose if fit else None


def _damaged(task: MeshTask, face: StoredFace, how: str) -> InputError:
    return InputError(
        f"{task.location}: the crop of {face.name} does not decode ({how}); run 'faceprep verify'"
    )


def box_in_crop(face: StoredFace, options: FaceOptions) -> Box:
    """The face's box in pixels of its crop: a square, since a turned box is no longer upright.

    Args:
        face: whose crop follows from its keypoints and box.
        options: of extract.
    """
    from faceprep.faces import align
    from faceprep.faces.detect import Box
    from faceprep.faces.pose import fit_head

    found = Box(face.box_x, face.box_y, face.box_width, face.box_height)
    head = fit_head(np.reshape(np.array(face.keypoints, np.float64), (6, 2)))
    matrix = align.alignment(options, found, head, None)
    side = found.side * math.hypot(*matrix[:, 0])
    x, y = matrix[:, :2] @ found.center + matrix[:, 2] - side / 2
    return Box(float(x), float(y), side, side)
