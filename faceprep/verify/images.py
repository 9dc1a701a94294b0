"""Whether an encoded image is what the data set says its images are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import simplejpeg
from PIL import Image

if TYPE_CHECKING:
    from faceprep.dataset_folder import ImageForm

_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


class ImageCheck:
    """Looks at the images of one file; one that comes again byte for byte is decoded once.

    Args:
        form: what they should be.
    """

    def __init__(self, form: ImageForm) -> None:
        self._form = form
        self._sound: set[int] = set()
        self.count = 0

    def fault(self, data: bytes, hash_: int) -> str | None:
        """What is wrong with the next image, in words; None for a sound one.

        Args:
            data: the encoded image.
            hash_: of these bytes, by `keys.hash_of`.
        """
        self.count += 1
        if hash_ in self._sound:
            return None
        found = image_fault(data, self._form)
        if found is None:
            self._sound.add(hash_)
        return found


def image_fault(data: bytes, form: ImageForm) -> str | None:
    """What keeps an image from being of this form and free of damage, in words; None for nothing."""
    try:
        found = _jpeg_header(data) if form.format == "jpeg" else _png_header(data)
    except Exception as error:  # Pillow's readers raise nearly anything on hostile bytes
        return f"not a {form.format} image ({error})"
    if (found.width, found.height) != (form.size, form.size):
        return f"{found.width} x {found.height} pixels, not {form.size} x {form.size}"
    if found.colours not in ("YCbCr", "RGB"):
        return f"its colours are {found.colours}, where three channels are stated"
    try:
        _decode_jpeg(data) if form.format == "jpeg" else _decode_png(data)
    except Exception as error:  # likewise
        return f"damaged ({error})"
    return None


@dataclass(frozen=True, slots=True)
class _Header:
    """Sides in pixels, and the decoder's name for the colour space."""

    width: int
    height: int
    colours: str


def _jpeg_header(data: bytes) -> _Header:
    height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    return _Header(width, height, colours)


def _decode_jpeg(data: bytes) -> None:
    """Grey at an eighth of the size takes two thirds of the time.

    All of the entropy-coded data is read all the same, and that is what libjpeg finds damage in.
    """
    simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1, min_factor=8)


def _png_header(data: bytes) -> _Header:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return _Header(image.width, image.height, image.mode)


def _decode_png(data: bytes) -> None:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image.verify()  # the chunks' checksums, which `load` passes over; of no use after it
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image.load()
    if not data.endswith(_PNG_END):
        raise ValueError("its end is missing")
