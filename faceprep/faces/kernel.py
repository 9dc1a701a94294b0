"""One image from bytes to faces: decode, detect, choose, pose, align, crop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import records
from faceprep.errors import ImageError
from faceprep.faces import align
from faceprep.faces.decode import Decoded, decode
from faceprep.faces.detect import FACE_RULES, Detection, find_faces, look_closer, make_detector
from faceprep.faces.encode import encode
from faceprep.faces.mesh import MeshFit, fit_mesh
from faceprep.faces.pose import Pose, fit_head
from faceprep.faces.warp import warp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faceprep.faces.options import FaceOptions

_DETECTION_SIDE = 1024
"""Large JPEGs are searched at less than twice this; a tile then still has 256 pixels."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face that was kept.

    Attributes:
        detection: in pixels of the upright source image.
        pose: degrees; `pose_source` says whether from the keypoints or the mesh.
        sharpness: variance of the Laplacian in the middle half of the grey crop.
        encoded: the crop as a JPEG or PNG file; empty where crops are not wanted.
    """

    detection: Detection
    pose: Pose
    pose_source: str
    sharpness: float
    encoded: bytes


@dataclass(frozen=True, slots=True)
class _Placed:
    """A face before it is cut out; `matrix` is (2, 3), source pixels to crop pixels."""

    detection: Detection
    pose: Pose
    pose_source: str
    matrix: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ImageFaces:
    """What became of one image.

    Attributes:
        status: one of `records.STATUSES`; `ok` exactly when there are faces.
        reason: for the others, in words.
        width: of the upright source, px; None when it could not be decoded. `height` likewise.
        damaged: the file was truncated or corrupt; None when it could not be decoded.
        found: how many faces were detected, kept or not.
        faces: those kept, the subject first.
    """

    status: str
    reason: str | None = None
    width: int | None = None
    height: int | None = None
    damaged: bool | None = None
    found: int | None = None
    faces: tuple[Face, ...] = ()


class FaceKernel:
    """The whole way of one image, for one set of options.

    Raises:
        SetupError: the model file or a system library is missing.
    """

    def __init__(self, options: FaceOptions) -> None:
        self._options = options
        self._detector = make_detector(options.detector, options.min_score)

    def extract(self, data: bytes) -> ImageFaces:
        """Faces in the bytes of an image file. A bad image is a status, not an exception."""
        try:
            image = decode(data, self._options.max_pixels, _DETECTION_SIDE)
        except ImageError as error:
            return ImageFaces(error.status, str(error))
        found = [d.moved(image.reduction) for d in find_faces(self._detector, image.pixels)]
        kept = [d for d in found if d.box.side >= self._options.min_face]
        if not kept:
            return self._none_kept(image, found)
        chosen = FACE_RULES[self._options.face](kept, image.width / 2, image.height / 2)
        placed = [self._place(image, detection) for detection in chosen]
        fine = self._fine_enough(data, image, placed)
        faces = tuple(self._cut(fine, place) for place in placed)
        return _result(records.OK, None, image, found, faces)

    def _none_kept(self, image: Decoded, found: list[Detection]) -> ImageFaces:
        if found:
            largest = max(d.box.side for d in found)
            reason = f"largest face {largest:.0f} px, below --min-face {self._options.min_face}"
            return _result(records.TOO_SMALL, reason, image, found)
        if image.damage:
            reason = f"damaged: {image.damage}; no face in what is left"
            return _result(records.UNREADABLE, reason, image, found)
        return _result(records.NO_FACE, "no face found", image, found)

    def _place(self, image: Decoded, found: Detection) -> _Placed:
        """Where the face is, how it is turned, and where its crop comes from."""
        scale = image.reduction
        closer = look_closer(self._detector, image.pixels, found.moved(1 / scale))
        detection = closer.moved(scale)
        head = fit_head(detection.keypoints)
        mesh = self._mesh(image, detection)
        pose, source = (mesh.pose, "mesh") if mesh else (head.pose, "keypoints")
        points = mesh.five_points if mesh else None
        matrix = align.alignment(self._options, detection.box, head, points)
        return _Placed(detection, pose, source, matrix)

    def _mesh(self, image: Decoded, detection: Detection) -> MeshFit | None:
        if self._options.pose != "mesh":
            return None
        scale = image.reduction
        fit = fit_mesh(image.pixels, detection.moved(1 / scale).box)
        return MeshFit(fit.pose, fit.five_points * scale) if fit else None

    def _fine_enough(self, data: bytes, image: Decoded, placed: list[_Placed]) -> Decoded:
        """The image, decoded anew where the reduced one has too few pixels for a crop."""
        finest = max(math.hypot(*place.matrix[:, 0]) for place in placed)
        if image.reduction == 1 or finest * image.reduction <= 1:
            return image
        longest = max(image.width, image.height)
        return decode(data, self._options.max_pixels, math.ceil(longest * min(1.0, finest)))

    def _cut(self, image: Decoded, place: _Placed) -> Face:
        matrix = place.matrix * (image.reduction, image.reduction, 1)
        crop = warp(image.pixels, matrix, self._options.size)
        encoded = encode(crop, self._options) if self._options.crops else b""
        sharpness = align.sharpness(crop)
        return Face(place.detection, place.pose, place.pose_source, sharpness, encoded)


def _result(
    status: str,
    reason: str | None,
    image: Decoded,
    found: list[Detection],
    faces: tuple[Face, ...] = (),
) -> ImageFaces:
    return ImageFaces(
        status, reason, image.width, image.height, image.damage is not None, len(found), faces
    )
