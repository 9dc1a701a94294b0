"""The kernel: from the bytes of a file to a status and to crops that are what was asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from faceprep import records
from faceprep.extract.options import ExtractOptions
from faceprep.faces.align import ARCFACE_TEMPLATE
from faceprep.faces.decode import decode
from faceprep.faces.detect import BlazeFace
from faceprep.faces.kernel import Face, FaceKernel, ImageFaces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from examples.sample_faces import SampleImage
    from tests.conftest import Sample


def extract(data: bytes, **options: Any) -> ImageFaces:
    return FaceKernel(ExtractOptions(**options)).extract(data)


def only_face(data: bytes, **options: Any) -> Face:
    result = extract(data, **options)
    assert (result.status, result.reason) == (records.OK, None)
    [face] = result.faces
    return face


def pixels_of(face: Face) -> NDArray[np.uint8]:
    return decode(face.encoded, 10**8).pixels


def as_jpeg(pixels: NDArray[np.uint8] | Image.Image) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def keypoints_in(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(6, 2) px, as the detector sees them in a crop."""
    [face] = BlazeFace(0.3).detect(crop)
    return face.keypoints


def images_of(sample: Sample, index: int) -> list[SampleImage]:
    return [image for image in sample.images if image.key.endswith(f"/{index:02d}.jpg")]


@pytest.fixture(scope="module")
def portraits(sample: Sample) -> list[bytes]:
    """The near-frontal file of each person, tilted by up to 15 degrees."""
    return [(sample.root / image.key).read_bytes() for image in images_of(sample, 0)]


@pytest.fixture(scope="module")
def portrait(portraits: list[bytes]) -> bytes:
    return portraits[0]


@pytest.fixture(scope="module")
def group(portraits: list[bytes]) -> bytes:
    """Two people side by side."""
    pictures = [Image.open(io.BytesIO(data)).resize((300, 300)) for data in portraits[:2]]
    return as_jpeg(np.hstack([np.asarray(picture, np.uint8) for picture in pictures]))


@pytest.fixture(scope="module")
def landscape() -> bytes:
    """A photograph without a face."""
    hills = 127 + 100 * np.sin(np.linspace(0, 6, 320))[None, :, None] * np.ones((240, 1, 3))
    return as_jpeg(hills.astype(np.uint8))


def test_a_portrait_gives_a_face_and_the_size_of_the_image(portrait: bytes) -> None:
    result = extract(portrait)
    assert result.status == records.OK
    assert (result.width, result.height) == Image.open(io.BytesIO(portrait)).size
    assert (result.found, len(result.faces), result.damaged) == (1, 1, False)
    assert result.faces[0].sharpness > 0


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"min_face": 4000}, records.TOO_SMALL, "below --min-face 4000"),
        ({"max_pixels": 1000}, records.TOO_LARGE, "--max-pixels 1000"),
    ],
)
def test_a_portrait_outside_the_limits_is_a_reject_with_its_reason(
    portrait: bytes, options: dict[str, int], status: str, words: str
) -> None:
    result = extract(portrait, **options)
    assert result.status == status
    assert words in str(result.reason)
    assert result.faces == ()


def test_an_image_without_a_face_says_so(landscape: bytes) -> None:
    result = extract(landscape)
    assert (result.status, result.found, result.faces) == (records.NO_FACE, 0, ())
    assert (result.width, result.height) == (320, 240)
    assert result.reason


@pytest.mark.parametrize("data", [b"", b"no image at all", b"\xff\xd8\xff\xe0"])
def test_bytes_that_are_no_image_are_unreadable(data: bytes) -> None:
    result = extract(data)
    assert result.status == records.UNREADABLE
    assert result.reason
    assert (result.width, result.height, result.damaged, result.found) == (None, None, None, None)


def test_a_damaged_file_that_shows_a_face_is_a_face_with_a_flag(portrait: bytes) -> None:
    result = extract(portrait[: len(portrait) * 95 // 100])
    assert (result.status, result.damaged, len(result.faces)) == (records.OK, True, 1)


def test_a_damaged_file_that_shows_none_is_unreadable(portrait: bytes) -> None:
    result = extract(portrait[: len(portrait) // 6])
    assert (result.status, result.damaged, result.found) == (records.UNREADABLE, True, 0)
    assert "damaged" in str(result.reason)
    assert result.width


@pytest.mark.parametrize(("form", "magic"), [("jpg", b"\xff\xd8"), ("png", b"\x89PNG")])
@pytest.mark.parametrize("size", [48, 160, 257])
@pytest.mark.parametrize(
    "options", [{"align": "eyes"}, {"align": "box"}, {"align": "arcface", "pose": "mesh"}]
)
def test_a_crop_has_the_size_and_format_asked_for(
    portrait: bytes, form: str, magic: bytes, size: int, options: dict[str, str]
) -> None:
    face = only_face(portrait, format=form, size=size, **options)
    assert face.encoded.startswith(magic)
    assert pixels_of(face).shape == (size, size, 3)


def test_jpg_and_png_show_the_same_in_the_same_colours(portrait: bytes) -> None:
    jpg, png = (pixels_of(only_face(portrait, format=form)).astype(int) for form in ("jpg", "png"))
    assert np.abs(jpg - png).mean() < 3


def test_a_lower_quality_takes_fewer_bytes(portrait: bytes) -> None:
    coarse, fine = (only_face(portrait, quality=quality) for quality in (50, 95))
    assert len(coarse.encoded) < len(fine.encoded) / 2


def test_aligned_by_the_eyes_a_head_is_upright_and_centred(portraits: list[bytes]) -> None:
    for data in portraits:
        left_eye, right_eye, nose, *_ = keypoints_in(pixels_of(only_face(data, size=160)))
        assert abs(left_eye[1] - right_eye[1]) < 0.1 * (right_eye[0] - left_eye[0])
        assert np.allclose(nose, (80, 85), atol=12)


def test_aligned_by_the_box_a_head_keeps_its_tilt(sample: Sample) -> None:
    tilted = max(images_of(sample, 0), key=lambda image: abs(image.roll))
    face = only_face((sample.root / tilted.key).read_bytes(), align="box", margin=0.3)
    left_eye, right_eye, *_ = keypoints_in(pixels_of(face))
    across, down = right_eye - left_eye
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(tilted.roll, abs=6)


def test_aligned_for_arcface_the_eyes_and_nose_come_where_its_template_has_them(
    portrait: bytes,
) -> None:
    crop = pixels_of(only_face(portrait, align="arcface", size=112, pose="mesh"))
    assert np.allclose(keypoints_in(crop)[:3], ARCFACE_TEMPLATE[:3], atol=10)


def test_the_pose_says_where_it_comes_from(portrait: bytes, sample: Sample) -> None:
    keypoints, mesh = (only_face(portrait, pose=source) for source in ("keypoints", "mesh"))
    assert (keypoints.pose_source, mesh.pose_source) == ("keypoints", "mesh")
    assert keypoints.pose != mesh.pose
    assert mesh.pose.roll == pytest.approx(sample.images[0].roll, abs=3)


def test_where_the_mesh_has_no_answer_the_keypoints_have_one(cfp: Path) -> None:
    profiles = [cfp / "Data" / "Images" / f"{k:03d}" / "profile" / "01.jpg" for k in range(1, 31)]
    faces = [only_face(path.read_bytes(), pose="mesh", align="arcface") for path in profiles]
    assert {face.pose_source for face in faces} == {"mesh", "keypoints"}


def test_of_several_faces_one_is_kept_or_all(group: bytes) -> None:
    one, both = extract(group), extract(group, face="all")
    assert (one.found, both.found) == (2, 2)
    assert (len(one.faces), len(both.faces)) == (1, 2)
    assert both.faces[0].encoded == one.faces[0].encoded
    assert both.faces[1].detection.box.overlap(both.faces[0].detection.box) == 0


def test_faces_too_small_are_left_out_of_all(group: bytes) -> None:
    large, small = sorted(
        (face.detection.box.side for face in extract(group, face="all").faces), reverse=True
    )
    between = round((large + small) / 2)
    kept = extract(group, face="all", min_face=between).faces
    assert [face.detection.box.side for face in kept] == [s for s in (large, small) if s >= between]


def enlarged(data: bytes, side: int) -> tuple[bytes, float]:
    """The file again with a longer side of `side` pixels, and the factor."""
    image = Image.open(io.BytesIO(data))
    factor = side / max(image.size)
    width, height = (round(n * factor) for n in image.size)
    return as_jpeg(image.resize((width, height), Image.Resampling.BICUBIC)), factor


@pytest.mark.parametrize("size", [160, 800])
def test_a_large_photograph_gives_the_same_crop_and_a_larger_box(
    portrait: bytes, size: int
) -> None:
    photograph, factor = enlarged(portrait, 4000)
    face, reference = (only_face(data, size=size) for data in (photograph, portrait))
    assert face.detection.box.overlap(reference.detection.moved(factor).box) > 0.85
    difference = pixels_of(face).astype(int) - pixels_of(reference)
    assert np.abs(difference).mean() < 10


def test_a_crop_larger_than_the_reduced_image_is_cut_from_the_full_one(portrait: bytes) -> None:
    image = Image.open(io.BytesIO(enlarged(portrait, 2400)[0]))
    grain = np.random.default_rng(0).integers(-60, 60, (*image.size[::-1], 1))
    grainy = np.clip(np.asarray(image).astype(int) + grain, 0, 255).astype(np.uint8)
    detailed, plain = (only_face(as_jpeg(picture), size=1500) for picture in (grainy, image))
    assert detailed.sharpness > 20 * plain.sharpness


def test_the_same_bytes_give_the_same_result(portrait: bytes) -> None:
    kernel = FaceKernel(ExtractOptions(pose="mesh", align="arcface"))
    first, second = (kernel.extract(portrait).faces[0] for _ in range(2))
    assert first.encoded == second.encoded
    assert (first.pose, first.sharpness) == (second.pose, second.sharpness)
    assert (first.detection.keypoints == second.detection.keypoints).all()


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_orientation_of_a_photograph_gives_the_same_face(
    breakers: Path, orientation: int
) -> None:
    data = (breakers / f"hopper_orientation_{orientation}.jpg").read_bytes()
    reference = only_face((breakers / "hopper.jpg").read_bytes())
    face = only_face(data)
    assert face.detection.box.overlap(reference.detection.box) > 0.8
    assert abs(face.pose.roll - reference.pose.roll) < 5
    assert np.abs(pixels_of(face).astype(int) - pixels_of(reference)).mean() < 15


def test_files_that_break_pipelines_have_a_status_and_no_traceback(breakers: Path) -> None:
    kernel = FaceKernel(ExtractOptions())
    for path in sorted(breakers.iterdir()):
        result = kernel.extract(path.read_bytes())
        assert result.status in records.STATUSES, path.name
        assert (result.status == records.OK) == bool(result.faces), path.name
        assert (result.status == records.OK) != bool(result.reason), path.name
