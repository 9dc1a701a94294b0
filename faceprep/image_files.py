"""What is taken for an image: by its name, or by its first bytes where that does not tell."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# fmt: off
IMAGE_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".avif",
    ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".pgm", ".ppm", ".pnm",
})
# fmt: on
"""What counts as an image by its name. The second line cannot be decoded: such a file becomes a row
that says so, rather than being passed over."""

# fmt: off
_OTHER_SUFFIXES = frozenset({
    ".txt", ".csv", ".tsv", ".json", ".xml", ".mat", ".npy", ".npz", ".pts", ".md", ".html", ".db", ".zip",
    ".part", ".tmp", ".crdownload",
})
# fmt: on
"""Not looked into: what lies beside images, once for each in some data sets, and halves of downloads."""

HEAD = 16
"""Bytes that tell an image by its beginning."""

_AVIF_MAGIC = (b"ftypavif", b"ftypavis")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def objection(name: str, head: Callable[[], bytes]) -> str | None:
    """Why something of this name is not taken for an image; None when it is.

    Args:
        name: with or without folders.
        head: its first `HEAD` bytes, asked for when the name does not tell. May raise OSError.
    """
    suffix = posixpath.splitext(name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return None
    if suffix not in _OTHER_SUFFIXES and _looks_like_image(head):
        return None
    return "not images"


def _looks_like_image(head: Callable[[], bytes]) -> bool:
    """For a name without a known extension: whether the first bytes are those of an image."""
    try:
        first = head()
    except OSError:
        return True  # it gets a row that says so
    return first.startswith(_MAGIC) or first[8:12] == b"WEBP" or first[4:12] in _AVIF_MAGIC
