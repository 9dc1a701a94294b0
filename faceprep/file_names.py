"""Names of folders and files: safe on any file system, no two the same, by what they stand for alone.

Letters of every script stay as they are. What a file system or a terminal would take for something
else is percent-encoded, as in URLs, and so is the percent sign; hence two texts have two names.
Where names would clash, or be cut, each of them gets the beginning of a SHA-256. Names that differ in
case or in Unicode normalization alone count as clashing, since file systems of macOS and Windows take
them for one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LONGEST = 160
"""Bytes of a name, all told. File systems take 255, some 90 of which are for the longer name that a file
has while it is written."""

_FORBIDDEN = frozenset('<>:"/\\|?*%')  # all but % by Windows, / by everybody
_DEVICES = re.compile(  # of Windows, whatever follows the dot
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL
)
_PLAIN = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_ .-]*[A-Za-z0-9_-])?")
_HALF_ESCAPE = re.compile(r"%[0-9A-F]?$")
_SHORT_HASH, _WHOLE_HASH = 8, 64


@dataclass(frozen=True, slots=True)
class Wish:
    """A name that something would like to have.

    Attributes:
        name: as `escaped`.
        key: what it stands for; no two of a folder have the same.
    """

    name: str
    key: str


def escaped(text: str, taken: Collection[str] = ()) -> str:
    """The text as one component of a path; two texts never give the same.

    Args:
        text: any.
        taken: names, in lower case, that something else in the folder has.
    """
    if not text:
        return "%"
    if not _PLAIN.fullmatch(text):
        text = "".join(_escape(char) if _is_unsafe(char) else char for char in text)
        if text[0] in ". ":  # hidden, or `.` and `..`
            text = _escape(text[0]) + text[1:]
        if text[-1] in ". ":  # which Windows drops
            text = text[:-1] + _escape(text[-1])
    is_taken = _folded(text) in taken or _DEVICES.fullmatch(text)
    return _escape(text[0]) + text[1:] if is_taken else text


def distinct(wishes: Sequence[Wish], longest: int) -> list[str]:
    """A name for each wish, no two the same, whatever the order of the wishes.

    Args:
        wishes: of one folder.
        longest: bytes that a name may have.
    """
    digits = [_SHORT_HASH if len(wish.name.encode()) > longest else 0 for wish in wishes]
    while True:
        names = [_hashed(*each, longest) for each in zip(wishes, digits, strict=True)]
        folded = list(map(_folded, names))
        counts = Counter(folded)
        clashing = [i for i, name in enumerate(folded) if counts[name] > 1]
        growing = [i for i in clashing if digits[i] < _WHOLE_HASH]
        if not growing:
            return names
        for index in growing:
            digits[index] = _WHOLE_HASH if digits[index] else _SHORT_HASH


def _hashed(wish: Wish, digits: int, longest: int) -> str:
    if not digits:
        return wish.name
    room = longest - digits - 1
    cut = wish.name.encode()[:room].decode(errors="ignore")
    digest = hashlib.sha256(wish.key.encode()).hexdigest()[:digits]
    return f"{_HALF_ESCAPE.sub('', cut)}-{digest}"


def _folded(name: str) -> str:
    """Equal for names that some file system takes for one."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper().casefold())


def _is_unsafe(char: str) -> bool:
    return char in _FORBIDDEN or not char.isprintable()


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())
