"""Image files made to order: known pixels in every format, orientation and state of honesty."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import ExifTags, Image

FORMATS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "MPO": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
    "BMP": {},
    "TIFF": {},
    "AVIF": {"quality": 95},
}
"""Pillow's name of a format, and what to save with."""

WITH_EXIF = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")

T = Image.Transpose
STORED = {
    1: None,
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_90,
    7: T.TRANSVERSE,
    8: T.ROTATE_270,
}
"""How a camera stores an upright picture that it labels with this EXIF orientation."""


def upright_picture(width: int = 64, height: int = 48) -> Image.Image:
    """Smooth, and different from each of its own mirror images."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    planes = np.stack([255 * x, 255 * y, 200 * x * y], axis=2)
    return Image.fromarray(planes.astype(np.uint8))


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def encoded_upright(kind: str) -> bytes:
    return encode(upright_picture(), kind, **FORMATS[kind])


def orientation_tag(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def oriented(kind: str, orientation: int) -> bytes:
    """The upright picture as a camera held in one of the eight ways stores it."""
    method, image = STORED[orientation], upright_picture()
    stored = image if method is None else image.transpose(method)
    return encode(stored, kind, exif=orientation_tag(orientation), **FORMATS[kind])


def huge_png() -> bytes:
    """A few bytes that announce 60,000 x 60,000 pixels. The others likewise."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def huge_jpeg() -> bytes:
    frame = encode(Image.new("RGB", (16, 16)), "JPEG").index(b"\xff\xc0")
    return _patched("JPEG", frame + 5, struct.pack(">HH", 60_000, 60_000))


def huge_bmp() -> bytes:
    return _patched("BMP", 18, struct.pack("<ii", 60_000, 60_000))


def huge_gif() -> bytes:
    return _patched("GIF", 6, struct.pack("<HH", 60_000, 60_000))


def _patched(kind: str, offset: int, size: bytes) -> bytes:
    data = encode(Image.new("RGB", (16, 16)), kind)
    return data[:offset] + size + data[offset + len(size) :]
