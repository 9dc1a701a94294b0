"""What folders and files are called: safe on any file system, no two the same, by the faces alone.

Letters of every script stay as they are. What a file system or a terminal would take for something
else is percent-encoded, as in URLs, and so is the percent sign; hence two identities have two names.
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

from faceprep.records import face_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST = 160
"""Bytes of a name, all told. File systems take 255, some 90 of which are for the longer name that a file
has while it is written."""

MARKER, POSES = "export.json", "poses.csv"

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


def escaped(text: str) -> str:
    """The text as one component of a path; two texts never give the same."""
    if not text:
        return "%"
    if not _PLAIN.fullmatch(text):
        text = "".join(_escape(char) if _is_unsafe(char) else char for char in text)
        if text[0] in ". ":  # hidden, or `.` and `..`
            text = _escape(text[0]) + text[1:]
        if text[-1] in ". ":  # which Windows drops
            text = text[:-1] + _escape(text[-1])
    is_taken = _folded(text) in (MARKER, POSES) or _DEVICES.fullmatch(text)
    return _escape(text[0]) + text[1:] if is_taken else text


def folder_names(identities: Iterable[str]) -> dict[str, str]:
    """Identity to the name of its folder."""
    wishes = [Wish(escaped(identity), identity) for identity in sorted(set(identities))]
    return dict(zip((wish.key for wish in wishes), distinct(wishes, LONGEST), strict=True))


def file_wish(key: str, identity: str, face_index: int) -> Wish:
    """What the file of a face would like to be called, without its ending.

    Args:
        key: of the image; what follows the identity's folder in it, flattened, is the name.
        identity: whose face it is.
        face_index: from 0; further faces of an image carry it.
    """
    *folders, name = key.split("/")
    if identity in folders:
        folders = folders[folders.index(identity) + 1 :]
    stem = "_".join([*folders, name.rpartition(".")[0] or name])
    further = f"-face{face_index}" if face_index else ""
    # 'a#1' may be an image of that name, or the second face of 'a'
    face = f"{key}#{face_index}" if "#" in key else face_key(key, face_index)
    return Wish(escaped(stem + further), face)


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
