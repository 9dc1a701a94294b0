"""Pixels to detections, and which of them is the subject.

To add a detector: a class with `detect`, one line in `DETECTORS`, and its name in
`options.DETECTOR_NAMES`. A detector of one's own needs neither: `--detector module:Class`.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from faceprep.errors import UsageError
from faceprep.faces import runtime
from faceprep.faces.warp import shrink, similarity, warp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

_PADDED = 1.5
"""Longer side of the padded image in longer sides of the image, a quarter on each side: with that
BlazeFace finds 99.8 % of CFP's profiles."""

_INPUT_SIDE = 128
"""BlazeFace short range looks at 128 x 128 pixels."""

_TILE_DIVISIONS = (2, 4)
_MIN_TILE_SIDE = 256
_SAME_FACE = 0.3

_SMALL_FACE = 2.2
"""Longer sides of its box from which on the image is too large to see a face well."""

_CLOSER = 2.0
"""Side of the square of the second look, in longer sides of the box."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; `x`, `y` is its top left corner, and may lie outside the image."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    @property
    def side(self) -> float:
        """The longer side, px."""
        return max(self.width, self.height)

    @property
    def center(self) -> NDArray[np.float64]:
        """(2,) x, y in pixels."""
        return np.array([self.x + self.width / 2, self.y + self.height / 2])

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(wide, 0.0) * max(high, 0.0)
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found.

    Attributes:
        score: 0..1.
        box: in pixels of the image that was searched.
        keypoints: (6, 2) float64, x and y in pixels: eye at the image's left, eye at its right, nose
            tip, mouth, ear tragion at the left, ear tragion at the right.
    """

    score: float
    box: Box
    keypoints: NDArray[np.float64]

    def moved(self, scale: float, x: float = 0.0, y: float = 0.0) -> Detection:
        """The same face in a frame where this one's point p is at `p * scale + (x, y)`."""
        if (scale, x, y) == (1.0, 0.0, 0.0):
            return self
        b = self.box
        box = Box(b.x * scale + x, b.y * scale + y, b.width * scale, b.height * scale)
        return replace(self, box=box, keypoints=self.keypoints * scale + (x, y))


class Detector(Protocol):
    """What finds faces."""

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """All faces in (h, w, 3) uint8 RGB, in its pixels, in no particular order."""
        ...


class BlazeFace:
    """MediaPipe's BlazeFace, short range (Bazarevsky et al. 2019, arXiv:1907.05047).

    Args:
        min_score: detections below this are not returned, 0..1.
    """

    def __init__(self, min_score: float) -> None:
        self._task = runtime.blazeface(min_score)

    def detect(self, pixels: NDArray[np.uint8]) -> list[Detection]:
        """All faces in (h, w, 3) uint8 RGB, in its pixels."""
        # Averaging, not bilinear sampling, which skips pixels and takes profiles for frontal faces.
        # Whole blocks first: that is twice as fast as averaging by a fraction alone.
        factor = max(1, int(max(pixels.shape[:2]) * _PADDED / _INPUT_SIDE))
        blocks = shrink(pixels, factor) if factor > 1 else pixels
        h, w = blocks.shape[:2]
        scale = _INPUT_SIDE / (max(h, w) * _PADDED)
        inner_w, inner_h = max(1, round(w * scale)), max(1, round(h * scale))
        left, top = (_INPUT_SIDE - inner_w) // 2, (_INPUT_SIDE - inner_h) // 2
        canvas = np.zeros((_INPUT_SIDE, _INPUT_SIDE, 3), np.uint8)
        canvas[top : top + inner_h, left : left + inner_w] = cv2.resize(
            blocks, (inner_w, inner_h), interpolation=cv2.INTER_AREA
        )
        result = self._task.detect(runtime.mediapipe_image(canvas))
        stretch = (factor * w / inner_w, factor * h / inner_h)
        return [_detection(found, (left, top), stretch) for found in result.detections]


DETECTORS: dict[str, Callable[[float], Detector]] = {"blazeface": BlazeFace}
"""Name to constructor; the argument is the least score."""


def make_detector(name: str, min_score: float) -> Detector:
    """The detector of that name, or of a class given as `package.module:Class`.

    Raises:
        UsageError: there is no such class.
        SetupError: the model file or a system library is missing.
    """
    if name in DETECTORS:
        return DETECTORS[name](min_score)
    module, _, attribute = name.partition(":")
    try:
        detector: Detector = getattr(importlib.import_module(module), attribute)(min_score)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--detector {name}: {error}; is it on PYTHONPATH?") from None
    except TypeError as error:
        raise UsageError(f"--detector {name}: {error}; it is called with the least score") from None
    if not callable(getattr(detector, "detect", None)):
        raise UsageError(
            f"--detector {name}: it has no method detect; see faces/detect.py:Detector"
        )
    return detector


def find_faces(detector: Detector, pixels: NDArray[np.uint8]) -> list[Detection]:
    """All faces in (h, w, 3) uint8 RGB, small ones in a large picture included.

    The whole image is searched first. Only when that gives nothing is it searched again in square
    tiles that overlap by half: of half its longer side, then of a quarter, as long as a tile has at
    least 256 pixels. `make bench` says what that finds and costs.
    """
    found = detector.detect(pixels)
    for division in _TILE_DIVISIONS:
        side = max(pixels.shape[:2]) // division
        if found or side < _MIN_TILE_SIDE:
            break
        found = _distinct(_find_in_tiles(detector, pixels, side))
    return found


def look_closer(detector: Detector, pixels: NDArray[np.uint8], detection: Detection) -> Detection:
    """The same face, its keypoints found anew where it is small in the image.

    BlazeFace sees 128 x 128 pixels, and its keypoints are as coarse as the face is small in them.
    A second look at a square of twice the box costs one more inference; on heads rendered at a third
    of the picture it takes the mean error of yaw, pitch and roll from 3.7, 5.0 and 3.1 degrees to 3.3,
    4.0 and 1.9.

    Args:
        detector: what found it.
        pixels: (h, w, 3) uint8, RGB, in which it was found.
        detection: in these pixels.
    """
    box, corner = detection.box, detection.box.center - detection.box.side * _CLOSER / 2
    if max(pixels.shape[:2]) < _SMALL_FACE * box.side:
        return detection
    side = math.ceil(box.side * _CLOSER)
    to_square = similarity(1.0, 0.0, corner, np.zeros(2))
    again = [d.moved(1.0, *corner) for d in detector.detect(warp(pixels, to_square, side))]
    nearest = max(again, key=lambda d: d.box.overlap(box), default=detection)
    same = nearest.box.overlap(box) > _SAME_FACE
    return replace(detection, keypoints=nearest.keypoints) if same else detection


def _find_in_tiles(detector: Detector, pixels: NDArray[np.uint8], side: int) -> Iterator[Detection]:
    h, w = pixels.shape[:2]
    for top in _tile_starts(h, side):
        for left in _tile_starts(w, side):
            tile = pixels[top : top + side, left : left + side]
            yield from (found.moved(1.0, left, top) for found in detector.detect(tile))


def _tile_starts(length: int, side: int) -> list[int]:
    """Where tiles of `side` pixels begin that cover `length` pixels and overlap by at least half."""
    if length <= side:
        return [0]
    count = -(-2 * (length - side) // side) + 1
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _distinct(found: Iterator[Detection]) -> list[Detection]:
    """The best-scored detection of each face (greedy non-maximum suppression)."""
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda d: -d.score):
        if all(detection.box.overlap(other.box) < _SAME_FACE for other in kept):
            kept.append(detection)
    return kept


def _detection(found: Any, corner: tuple[int, int], stretch: tuple[float, float]) -> Detection:
    """A MediaPipe detection, from BlazeFace's input to the image.

    Args:
        found: boxes in whole pixels of the input, keypoints in shares of its side.
        corner: x, y of the image in the input, px.
        stretch: pixels of the image per pixel of the input, along x and y.
    """
    (left, top), (across, down) = corner, stretch
    b, half = found.bounding_box, 0.5  # the box's numbers were cut to whole ones
    box = Box(
        (b.origin_x + half - left) * across,
        (b.origin_y + half - top) * down,
        (b.width + half) * across,
        (b.height + half) * down,
    )
    points = [
        ((p.x * _INPUT_SIDE - left) * across, (p.y * _INPUT_SIDE - top) * down)
        for p in found.keypoints
    ]
    return Detection(float(found.categories[0].score), box, np.array(points))


def _distance(detection: Detection, x: float, y: float) -> float:
    """Squared, in pixels, from the middle of the box to (x, y)."""
    box = detection.box
    return (box.x + box.width / 2 - x) ** 2 + (box.y + box.height / 2 - y) ** 2


def _subject(found: Sequence[Detection], x: float, y: float) -> list[Detection]:
    """FaceNet's rule (align_dataset_mtcnn): area minus twice the squared distance from the centre."""
    return [max(found, key=lambda d: d.box.area - 2 * _distance(d, x, y))]


def _largest(found: Sequence[Detection], x: float, y: float) -> list[Detection]:
    return [max(found, key=lambda d: (d.box.area, -_distance(d, x, y)))]


def _center(found: Sequence[Detection], x: float, y: float) -> list[Detection]:
    return [min(found, key=lambda d: _distance(d, x, y))]


def _best(found: Sequence[Detection], x: float, y: float) -> list[Detection]:
    return [max(found, key=lambda d: (d.score, -_distance(d, x, y)))]


def _all(found: Sequence[Detection], x: float, y: float) -> list[Detection]:
    """The subject first, so that face 0 of an image is always the same as without `all`."""
    return sorted(found, key=lambda d: 2 * _distance(d, x, y) - d.box.area)


FACE_RULES: dict[str, Callable[[Sequence[Detection], float, float], list[Detection]]] = {
    "subject": _subject,
    "largest": _largest,
    "center": _center,
    "best": _best,
    "all": _all,
}
"""`--face`: from at least one detection and the image's centre x, y to those that are kept."""
