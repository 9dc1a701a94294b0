"""Bytes to upright RGB pixels, within limits.

JPEG, nine files of ten, goes to libjpeg-turbo (simplejpeg), which tells damage from soundness and
decodes at 1/2, 1/4 or 1/8 of the size for a fraction of the price. Everything else goes to Pillow.
The format is read off the content; the file's name plays no part.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import simplejpeg
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from faceprep.errors import TooLarge, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
"""Pillow formats that are tried. A closed list: some of its other readers start programs. MPO, what
some cameras make of two JPEGs, opens as JPEG."""

_ORIENTATION = ExifTags.Base.Orientation
_EXIF_WITHIN = 1 << 16
_LFS_POINTER = b"version https://git-lfs"
_TRANSPOSING = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright image, possibly at reduced scale.

    Attributes:
        pixels: (h, w, 3) uint8, RGB.
        width: of the upright source at full size, px; `pixels` may be smaller.
        height: likewise.
        damage: what the decoder complained of; None for a sound file.
        reduction: source pixels per decoded pixel, along each axis: 1, 2, 4 or 8.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    damage: str | None = None
    reduction: int = 1


def decode(data: bytes, max_pixels: int, min_side: int | None = None) -> Decoded:
    """Decode an encoded image to upright RGB.

    Grey is repeated into three channels, CMYK converted, 16 bits cut to 8, transparency laid over
    white; of an animation the first frame is taken. Colour profiles are not applied.

    Args:
        data: the bytes of the file.
        max_pixels: refuse images of more pixels than this, before decoding.
        min_side: halve the size as long as the longer side keeps this many pixels; None for full size.

    Raises:
        TooLarge: more than `max_pixels`.
        Unreadable: no image, an unsupported format, or so damaged that nothing decodes.
    """
    if data[:2] == b"\xff\xd8":
        with contextlib.suppress(ValueError):  # not for libjpeg-turbo; Pillow says what it is
            return _decode_jpeg(data, max_pixels, min_side)
    return _decode_other(data, max_pixels)


def _decode_jpeg(data: bytes, max_pixels: int, min_side: int | None) -> Decoded:
    height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data)
    _check_size(width, height, max_pixels)
    if colorspace in ("CMYK", "YCCK"):
        return _decode_other(data, max_pixels)  # Pillow knows Adobe's inverted inks
    reduction = _reduction(max(width, height), min_side)
    damage, pixels = _jpeg_pixels(data, -(-width // reduction), -(-height // reduction))
    orientation = _jpeg_orientation(data, max_pixels)
    if orientation in _TRANSPOSING:
        width, height = height, width
    return Decoded(_upright(pixels, orientation), width, height, damage, reduction)


def _reduction(longest: int, min_side: int | None) -> int:
    """The largest factor that leaves `min_side`. libjpeg-turbo has fast code for these alone."""
    return next((f for f in (8, 4, 2) if min_side is not None and longest >= f * min_side), 1)


def _jpeg_pixels(data: bytes, width: int, height: int) -> tuple[str | None, NDArray[np.uint8]]:
    """What was wrong, and the pixels at the smallest scale of at least this size."""
    least = {"min_width": width, "min_height": height}
    try:
        return None, simplejpeg.decode_jpeg(data, "RGB", **least)
    except ValueError as error:
        return str(error), simplejpeg.decode_jpeg(data, "RGB", strict=False, **least)


def _jpeg_orientation(data: bytes, max_pixels: int) -> int:
    if data.find(b"Exif\0\0", 0, _EXIF_WITHIN) < 0:
        return 1
    with _pillow_limits(max_pixels), contextlib.suppress(Unreadable):
        return _orientation(_open(data))
    return 1


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # an EXIF block that cannot be read turns nothing
        return 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Undo an EXIF orientation (1..8; TIFF 6.0 tag 274); other values turn nothing."""
    if orientation in _TRANSPOSING:
        pixels = pixels.transpose(1, 0, 2)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    if not (flip_rows or flip_columns or orientation in _TRANSPOSING):
        return pixels
    return np.ascontiguousarray(pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1])


def _decode_other(data: bytes, max_pixels: int) -> Decoded:
    with _pillow_limits(max_pixels):
        image = _open(data)
        _check_size(image.width, image.height, max_pixels)
        damage = _load(image)
        if damage:
            image = _load_again(data)
        pixels = _upright(np.asarray(_to_rgb(image)), _orientation(image))
    height, width = pixels.shape[:2]
    return Decoded(pixels, width, height, damage)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise TooLarge(f"{width} x {height} pixels, more than --max-pixels {max_pixels}")


@contextlib.contextmanager
def _pillow_limits(max_pixels: int) -> Iterator[None]:
    """Let `max_pixels` take the place of Pillow's own limit, which warns first and then fails at twice."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise TooLarge(f"{_first_words(error)}; --max-pixels is {max_pixels}") from None
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _open(data: bytes) -> Image.Image:
    if not data:
        raise Unreadable("the file is empty")
    if data.startswith(_LFS_POINTER):
        raise Unreadable("a Git LFS pointer, not the image itself; run 'git lfs pull'")
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unreadable("not an image of a supported format") from None
    except Image.DecompressionBombError:
        raise
    except Exception as error:  # Pillow's readers raise nearly anything on hostile bytes
        raise Unreadable(f"damaged: {_first_words(error)}") from None


def _load(image: Image.Image) -> str | None:
    """Decode the (first) frame; what was wrong with it, or None."""
    try:
        image.load()
    except Image.DecompressionBombError:
        raise
    except Exception as error:
        return _first_words(error)
    return None


def _load_again(data: bytes) -> Image.Image:
    """Decode what is left of a damaged file."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        image = _open(data)
        image.load()
    except Image.DecompressionBombError:
        raise
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"damaged: {_first_words(error)}") from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_eight_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Integers are 16-bit samples, unless none is above 255; floats run from 0 to 1, or to their top."""
    if np.issubdtype(values.dtype, np.integer):
        whole = cast("NDArray[np.int32]", values)
        if whole.max() > 255:
            whole = whole >> 8
        return whole.clip(0, 255).astype(np.uint8)
    samples = np.nan_to_num(values.astype(np.float32))
    top = max(1.0, float(samples.max()))
    return (samples.clip(0, top) * np.float32(255 / top)).round().astype(np.uint8)


def _first_words(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
