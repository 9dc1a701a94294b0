"""Crops become thumbnails; a crop that is none, or broken, costs its own picture alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from faceprep.errors import InputError
from faceprep.report.pictures import SIDE, Thumbnail, encoded, shrunk, thumbnails
from faceprep.report.rows import read_rows
from tests.inspect.made import face
from tests.report.some_faces import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def scene(seed: int, side: int = 160) -> NDArray[np.uint8]:
    """A picture with large shapes, BGR."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def file(pixels: NDArray[np.uint8], ending: str = ".jpg") -> bytes:
    return bytes(cv2.imencode(ending, pixels)[1].tobytes())


def read(picture: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_a_thumbnail_shows_the_crop(tmp_path: Path, ending: str) -> None:
    crops = [file(scene(seed), ending) for seed in range(3)]
    faces = [face(str(n), "ann", crop=crop, crop_bytes=9) for n, crop in enumerate(crops)]
    folder = folder_of(tmp_path, *faces)
    made = thumbnails(folder, read_rows(folder, clips=False).faces, [2, 0, 2])
    assert sorted(made) == [0, 2]
    for seed, thumbnail in made.items():
        pixels = read(thumbnail.picture)
        assert pixels.shape == (SIDE, SIDE, 3)
        wanted = cv2.resize(scene(seed), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        assert np.abs(pixels.astype(int) - wanted).mean() < 8


def test_hashes_tell_what_looks_alike(tmp_path: Path) -> None:
    one, other = scene(1), scene(2)
    brighter = np.clip(one.astype(int) + 20, 0, 255).astype(np.uint8)
    crops = [file(one), file(brighter, ".png"), file(other)]
    faces = [face(str(n), "ann", crop=crop, crop_bytes=9) for n, crop in enumerate(crops)]
    folder = folder_of(tmp_path, *faces)
    made = thumbnails(folder, read_rows(folder, clips=False).faces, range(3))
    first, second, third = (made[n].hash for n in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first ^ second).bit_count() <= 4
    assert (first ^ third).bit_count() > 15


def test_no_crop_and_a_broken_one(tmp_path: Path) -> None:
    faces = (
        face("none", "ann", crop=None, crop_bytes=None),
        face("broken", "ann", crop=b"no picture", crop_bytes=10),
        face("sound", "ann"),
    )
    folder = folder_of(tmp_path, *faces)
    made = thumbnails(folder, read_rows(folder, clips=False).faces, range(3), threads=1)
    assert [made[n] == Thumbnail() for n in range(3)] == [True, True, False]


def test_nothing_wanted_reads_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    assert thumbnails(folder, read_rows(folder, clips=False).faces, []) == {}


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    faces = read_rows(folder, clips=False).faces
    part = tmp_path / folder.parts[0].name
    content = bytearray(part.read_bytes())
    content[20] ^= 1
    part.write_bytes(content)
    with pytest.raises(InputError, match=f"{part.name}: not a readable part"):
        thumbnails(folder, faces, [0])


@pytest.mark.parametrize(
    ("height", "width", "shape"),
    [(100, 50, (10, 5)), (50, 100, (5, 10)), (1000, 1, (10, 1)), (7, 10, (7, 10))],
)
def test_the_longer_side_decides(height: int, width: int, shape: tuple[int, int]) -> None:
    small = shrunk(np.zeros((height, width, 3), np.uint8), 10)
    assert small.shape == (*shape, 3)
    assert read(encoded(small)).shape == small.shape
