"""Text that strangers wrote, and numbers, as a page shows them."""

from __future__ import annotations

import base64
import math

_JOINERS = "\u200c\u200d"  # which Persian, Hindi and others are spelled with
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_TYPES = {b"\xff\xd8": "jpeg", b"\x89P": "png", b"RI": "webp", b"<?": "svg+xml", b"<s": "svg+xml"}


def visible(text: str) -> str:
    """The text with what has no shape, or turns the reading direction around, as escapes.

    Among them are halves of surrogate pairs, which names of files may have and UTF-8 has not.
    """
    return "".join(c if c.isprintable() or c in _JOINERS else ascii(c)[1:-1] for c in text)


def number(value: float, unit: str = "") -> str:
    """With three figures or all before the point, a minus as in print, and the unit.

    Args:
        value: NaN is a dash.
        unit: one that is a sign, like °, stands at the number; a word stands apart.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 1 or unit == "°" else 2
    figures = f"{round(value, digits) + 0.0:,.{digits}f}".replace(
        "-", "−"
    )  # + 0.0: no minus before 0
    if "." in figures:
        figures = figures.rstrip("0").rstrip(".")
    return f"{figures}{unit}" if unit in ("", "°", "%") else f"{figures} {unit}"


def size(count: int) -> str:
    """Bytes in words."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return number(value, _UNITS[unit])


def data_uri(picture: bytes) -> str:
    """An image file as an address that holds it.

    Args:
        picture: JPEG, PNG, WebP or SVG, told by how it begins.
    """
    kind = _TYPES.get(picture[:2], "jpeg")
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
