"""Detection: faces at their places, boxes, the choice of the subject, and tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from faceprep.errors import UsageError
from faceprep.faces.decode import decode
from faceprep.faces.detect import (
    FACE_RULES,
    BlazeFace,
    Box,
    Detection,
    _distinct,
    _tile_starts,
    find_faces,
    make_detector,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample

Pixels = NDArray[np.uint8]

coordinates = st.floats(-1000, 1000)
lengths = st.floats(1, 1000)
boxes = st.builds(Box, coordinates, coordinates, lengths, lengths)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def found_at(box: Box, score: float = 0.9) -> Detection:
    return Detection(score, box, box.center + np.arange(12.0).reshape(6, 2))


@pytest.fixture(scope="module")
def detector() -> BlazeFace:
    return BlazeFace(0.3)


@pytest.fixture(scope="module")
def portraits(sample: Sample) -> list[Pixels]:
    """The near-frontal image of each person, RGB."""
    paths = sorted(sample.root.glob("*/00.jpg"))
    return [decode(path.read_bytes(), 10**8).pixels for path in paths]


@pytest.fixture(scope="module")
def portrait(portraits: list[Pixels]) -> Pixels:
    return portraits[0]


@given(boxes, boxes)
def test_overlap_is_symmetrical_and_a_share(a: Box, b: Box) -> None:
    assert a.overlap(b) == pytest.approx(b.overlap(a))
    assert 0 <= a.overlap(b) <= 1 + 1e-9
    assert a.overlap(a) == pytest.approx(1)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Box(0, 0, 10, 20), 1.0),
        (Box(5, 0, 10, 20), 1 / 3),
        (Box(0, 10, 10, 20), 1 / 3),
        (Box(2, 5, 5, 10), 0.25),
        (Box(10, 0, 10, 20), 0.0),
        (Box(-50, -50, 10, 20), 0.0),
    ],
)
def test_overlap_is_intersection_over_union(other: Box, expected: float) -> None:
    assert Box(0, 0, 10, 20).overlap(other) == pytest.approx(expected)


def test_a_box_knows_its_area_side_and_center() -> None:
    box = Box(-10, 20, 30, 40)
    assert (box.area, box.side, *box.center) == (1200, 40, 5, 40)


@given(boxes, st.floats(0.1, 10), coordinates, coordinates)
def test_a_detection_moves_as_a_whole_and_back(box: Box, scale: float, x: float, y: float) -> None:
    face = found_at(box)
    moved = face.moved(scale, x, y)
    assert np.allclose(moved.box.center, box.center * scale + (x, y))
    assert np.allclose(moved.keypoints, face.keypoints * scale + (x, y))
    assert moved.box.side == pytest.approx(box.side * scale)
    back = moved.moved(1 / scale, -x / scale, -y / scale)
    assert np.allclose(back.keypoints, face.keypoints, atol=1e-6)


SMALL_CENTRAL = found_at(Box(90, 90, 20, 20), 0.5)
MIDDLING = found_at(Box(60, 60, 60, 60), 0.6)
LARGE_REMOTE = found_at(Box(120, 120, 80, 80), 0.7)
SHARP_REMOTE = found_at(Box(0, 0, 30, 30), 0.95)
FOUR = [SMALL_CENTRAL, LARGE_REMOTE, SHARP_REMOTE, MIDDLING]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("subject", [MIDDLING]),
        ("largest", [LARGE_REMOTE]),
        ("center", [SMALL_CENTRAL]),
        ("best", [SHARP_REMOTE]),
        ("all", [MIDDLING, SMALL_CENTRAL, LARGE_REMOTE, SHARP_REMOTE]),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_each_rule_keeps_its_faces_whatever_their_order(
    rule: str, kept: list[Detection], order: int
) -> None:
    chosen = FACE_RULES[rule](FOUR[::order], 100.0, 100.0)
    assert [id(face) for face in chosen] == [id(face) for face in kept]


@pytest.mark.parametrize("rule", FACE_RULES)
def test_a_single_face_is_always_kept(rule: str) -> None:
    assert FACE_RULES[rule]([SHARP_REMOTE], 100.0, 100.0) == [SHARP_REMOTE]


@given(st.integers(1, 6000), st.integers(2, 2000))
def test_tiles_cover_every_pixel_and_overlap_by_half(length: int, side: int) -> None:
    starts = _tile_starts(length, side)
    assert starts[0] == 0
    assert max(starts[-1] + side, side) >= length
    if length > side:
        assert starts[-1] + side == length
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (steps <= side / 2 + 1).all()


def test_of_detections_that_overlap_the_best_is_kept() -> None:
    good, same, other = Box(0, 0, 100, 100), Box(20, 10, 100, 100), Box(90, 90, 100, 100)
    found = [found_at(same, 0.8), found_at(good, 0.9), found_at(other, 0.4)]
    assert [face.box for face in _distinct(iter(found))] == [good, other]


def test_a_rendered_head_is_found_where_it_is(sample: Sample, detector: BlazeFace) -> None:
    for image in sample.images:
        pixels = decode((sample.root / image.key).read_bytes(), 10**8).pixels
        [face] = find_faces(detector, pixels)
        x, y = face.keypoints[:4].T  # eyes, nose and mouth; the ears may be behind the edge
        assert (np.abs(x - face.box.center[0]) < 0.7 * face.box.width).all(), image.key
        assert (np.abs(y - face.box.center[1]) < 0.7 * face.box.height).all(), image.key
        assert 0.3 <= face.score <= 1


def test_eyes_are_above_the_mouth_and_on_their_sides(
    portraits: list[Pixels], detector: BlazeFace
) -> None:
    for pixels in portraits:
        left_eye, right_eye, nose, mouth, left_ear, right_ear = detector.detect(pixels)[0].keypoints
        assert left_ear[0] < left_eye[0] < nose[0] < right_eye[0] < right_ear[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < mouth[1]


@pytest.mark.parametrize("factor", [0.5, 1.7, 3.0])
def test_an_enlarged_image_has_its_face_enlarged(
    portrait: Pixels, detector: BlazeFace, factor: float
) -> None:
    [before] = detector.detect(portrait)
    height, width = portrait.shape[:2]
    [after] = detector.detect(resized(portrait, round(width * factor), round(height * factor)))
    assert after.box.overlap(before.moved(factor).box) > 0.8


def test_a_shifted_image_has_its_face_shifted(portrait: Pixels, detector: BlazeFace) -> None:
    [before] = detector.detect(portrait)
    wider = cv2.copyMakeBorder(portrait, 60, 0, 90, 0, cv2.BORDER_REPLICATE)
    [after] = detector.detect(np.asarray(wider, np.uint8))
    apart = np.abs(after.keypoints - before.keypoints - (90, 60))
    assert (apart.mean(axis=0) < 0.1 * before.box.side).all()


def test_a_small_face_in_a_large_picture_is_found_in_tiles(
    portrait: Pixels, detector: BlazeFace
) -> None:
    [near] = detector.detect(portrait)
    scale = 90 / near.box.side
    small = resized(portrait, *(round(n * scale) for n in portrait.shape[1::-1]))
    height, width = small.shape[:2]
    picture = np.full((1200, 1600, 3), (90, 120, 140), np.uint8)
    picture[700 : 700 + height, 1000 : 1000 + width] = small
    assert detector.detect(picture) == []
    [face] = find_faces(detector, picture)
    assert face.box.overlap(near.moved(scale, 1000, 700).box) > 0.5


def test_several_faces_give_as_many_detections(
    portraits: list[Pixels], detector: BlazeFace
) -> None:
    side_by_side = np.hstack([resized(pixels, 300, 300) for pixels in portraits[:2]])
    left, right = sorted(find_faces(detector, side_by_side), key=lambda face: face.box.x)
    assert left.box.center[0] < 300 < right.box.center[0]
    assert left.box.overlap(right.box) == 0


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 700), (700, 1), (2, 3), (3, 5000), (5000, 3), (600, 600)]
)
def test_where_there_is_no_face_none_is_found(shape: tuple[int, int], detector: BlazeFace) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert find_faces(detector, noise) == []
    assert find_faces(detector, np.zeros((*shape, 3), np.uint8)) == []


def test_a_face_below_the_least_score_is_not_found(portrait: Pixels, detector: BlazeFace) -> None:
    [face] = detector.detect(portrait)
    assert len(BlazeFace(face.score - 0.01).detect(portrait)) == 1
    assert BlazeFace(face.score + 0.01).detect(portrait) == []


class Everywhere:
    """A detector of one's own: the whole image is a face."""

    def __init__(self, min_score: float) -> None:
        self.score = min_score

    def detect(self, pixels: Pixels) -> list[Detection]:
        height, width = pixels.shape[:2]
        return [found_at(Box(0, 0, width, height), self.score)]


def test_a_detector_is_made_by_name_or_from_a_class_of_ones_own(portrait: Pixels) -> None:
    assert isinstance(make_detector("blazeface", 0.3), BlazeFace)
    own = make_detector(f"{Everywhere.__module__}:Everywhere", 0.7)
    assert [face.score for face in find_faces(own, portrait)] == [0.7]


@pytest.mark.parametrize("name", ["no_such_module:Class", "json:NoSuchClass", "json", ":Class", ""])
def test_a_detector_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=f"--detector {name}"):
        make_detector(name, 0.3)


def share_covered(points: NDArray[np.float64], box: Box) -> float:
    """Of the bounding box of (n, 2) points, how much the face box covers, 0..1."""
    low, high = points.min(axis=0), points.max(axis=0)
    corner, size = np.array([box.x, box.y]), np.array([box.width, box.height])
    shared = np.minimum(high, corner + size) - np.maximum(low, corner)
    return float(np.clip(shared, 0, None).prod() / (high - low).prod())


def test_real_faces_are_found_where_they_are(cfp: Path, detector: BlazeFace) -> None:
    if not (cfp / "fiducials.npz").exists():
        pytest.skip(
            "FACEPREP_CFP has no fiducials.npz: keys and (n, 30, 2) points of CFP's landmarks"
        )
    fiducials = np.load(cfp / "fiducials.npz")
    points = dict(zip(fiducials["keys"], fiducials["points"], strict=True))
    shares = []
    for key in (key for key in sorted(points) if int(key[:3]) % 8 == 1):
        image = decode((cfp / "Data" / "Images" / f"{key}.jpg").read_bytes(), 10**8)
        if found := find_faces(detector, image.pixels):
            [face] = FACE_RULES["subject"](found, image.width / 2, image.height / 2)
            shares.append(share_covered(points[key], face.box))
        else:
            shares.append(-1.0)
    assert len(shares) == 700
    assert np.mean([share >= 0 for share in shares]) >= 0.999
    assert np.mean([share > 0.5 for share in shares]) >= 0.995
