"""Crops to thumbnails, and to what tells whether two of them look the same."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from faceprep.errors import ImageError
from faceprep.face_folder import read_crops
from faceprep.faces.decode import decode
from faceprep.report.rows import indices

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

    from faceprep.face_folder import FaceFolder

SIDE = 64
"""Pixels of a face's thumbnail."""

TYPICAL = 750
"""Bytes of one: somewhat more than the mean of CFP's 5,599, which is 727. JPEGs that are as near to the
crop take twice as much."""

_QUALITY = 70
_MOST_PIXELS = 4096 * 4096  # the largest crop that extract makes
_JPEG = b"\xff\xd8"
_PILLOW = threading.Lock()  # whose limits, which `decode` sets for all but JPEGs, all threads share


@dataclass(frozen=True)
class Thumbnail:
    """A crop as the page shows it.

    Attributes:
        picture: a WebP file; empty where there is no crop, or none that can be decoded.
        hash: 64 bits, few of which differ between pictures that look alike; None without a picture.
    """

    picture: bytes = b""
    hash: int | None = None


def thumbnails(
    folder: FaceFolder, faces: pa.Table, wanted: Iterable[int], threads: int | None = None
) -> dict[int, Thumbnail]:
    """Thumbnails of some faces; each part that has any of them is read once.

    Args:
        folder: of faces.
        faces: of `rows.Rows`.
        wanted: which of these.
        threads: None for one per usable core.

    Returns:
        Index in `faces` to the thumbnail; an empty one for a face without a crop.

    Raises:
        InputError: a part cannot be read, or is damaged.
    """
    found = dict.fromkeys(wanted, Thumbnail())
    has_crop = faces["crop_bytes"].is_valid().to_numpy()
    part, row = indices(faces, "part"), indices(faces, "row")
    order = np.array([face for face in found if has_crop[face]], np.int64)
    order = order[np.lexsort((row[order], part[order]))]
    parts, starts = np.unique(part[order], return_index=True)
    shares = np.split(order, starts[1:])
    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        locations = map(folder.location, parts.tolist())
        made = pool.map(_thumbnails, locations, (row[share] for share in shares))
        for share, of_part in zip(shares, made, strict=False):  # without any, one share of nothing
            found.update(zip(share.tolist(), of_part, strict=True))
    return found


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """RGB pixels, (h, w, 3), so that the longer side is `side`; what is smaller stays as it is."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """RGB pixels as a small WebP file."""
    options = [cv2.IMWRITE_WEBP_QUALITY, _QUALITY]
    return cv2.imencode(".webp", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def _thumbnails(location: str, rows: NDArray[np.int64]) -> list[Thumbnail]:
    """Of some rows of one part, ascending."""
    return [_thumbnail(crop) for crop in read_crops(location, rows.tolist())]


def _thumbnail(crop: bytes) -> Thumbnail:
    try:
        with contextlib.nullcontext() if crop[:2] == _JPEG else _PILLOW:
            pixels = decode(crop, _MOST_PIXELS, SIDE).pixels
    except ImageError:
        return Thumbnail()
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    bits = cv2.img_hash.pHash(grey).tobytes()
    return Thumbnail(encoded(shrunk(pixels, SIDE)), int.from_bytes(bits, "little"))
