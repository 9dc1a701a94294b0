"""Values in words: faces, angles, images; and the files that images are saved to."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simplejpeg

from faceprep import storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = struct.Struct(">II")  # in the header chunk, 16 bytes into the file
_ENDINGS = {"jpeg": "jpg", "png": "png"}


@dataclass(frozen=True)
class Picture:
    """What the first bytes of an encoded image say.

    Attributes:
        format: jpeg, png, or None for anything else.
        width: px; 0 without a format.
        height: px; 0 without a format.
        bytes: length of the file.
    """

    format: str | None
    width: int
    height: int
    bytes: int

    def __str__(self) -> str:
        size = f"{self.bytes:,} bytes"
        if self.format is None:
            return f"no image, {size}"
        return f"{self.width}×{self.height} {self.format}, {size}"


def picture(data: bytes) -> Picture:
    """Look at the header of an encoded image; nothing is decoded."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = _PNG_SIZE.unpack_from(data, 16)
        return Picture("png", width, height, len(data))
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return Picture(None, 0, 0, len(data))
    return Picture("jpeg", width, height, len(data))


def face_words(face: Mapping[str, Any], name: str, image: bytes | None) -> str:
    """One face in words.

    Args:
        face: the fields that `records.FaceRow` and `records.ShardFace` share; absent, None, empty or
            NaN where nothing is known.
        name: what to call it.
        image: its crop; None for a reject.
    """
    facts = [f"identity {face['identity']}"]
    facts += [f"{key} {face[key]}" for key in ("clip", "view") if face.get(key)]
    for key in ("yaw", "pitch", "roll"):
        if _is_known(face.get(key)):
            facts.append(f"{key} {number(face[key])}°")
    if _is_known(face.get("frontality")):
        facts.append(f"frontality {number(face['frontality'])}")
    if face.get("found") is False:
        facts.append("no face was found: the centre of the image stands in")
    words = ", ".join(facts)
    return f"{name} ({words})" if image is None else f"{name} ({words}; {picture(image)})"


def number(value: float) -> str:
    """With one decimal, and a minus as in print."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")  # + 0.0: no minus before 0.0


def json_value(value: Any) -> Any:
    """The value as JSON has it: an image by its measures, null for NaN."""
    if isinstance(value, bytes):
        found = picture(value)
        return {
            "format": found.format,
            "width": found.width,
            "height": found.height,
            "bytes": found.bytes,
        }
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def printable(text: str) -> str:
    """The text with what a terminal would obey, or not show, as escapes."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def save_pictures(
    folder: str | None, number: int, images: Iterable[tuple[str, bytes | None]]
) -> tuple[str, ...]:
    """Write the images of one record to files; an older file of the same name is replaced.

    Args:
        folder: where to; None to write nothing.
        number: of the record, the beginning of each file's name.
        images: role (for instance `feature`) and encoded image; None where there is none.

    Returns:
        The files' locations.

    Raises:
        StorageError: the folder cannot be written.
    """
    if folder is None:
        return ()
    saved = []
    for role, data in images:
        if data is not None:
            ending = _ENDINGS.get(picture(data).format or "", "bin")
            saved.append(storage.join(folder, f"{number:03d}-{role}.{ending}"))
            storage.make_folder(folder)
            storage.write_bytes(saved[-1], data)
    return tuple(saved)


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
