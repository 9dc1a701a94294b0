"""Files and folders, as somebody names them, to a list of images and what is made of each is called."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.file_names import LONGEST, Wish, distinct, escaped
from faceprep.image_folder import image_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FACE, _ENDING = "-face", ".png"
_FACE_NAME = re.compile(rf"{_FACE}\d+$")
_ROOM = len(f"{_FACE}9999{_ENDING}")


@dataclass(frozen=True)
class ImageList:
    """Images, each once, in the order they were named; those of a folder by their path in it.

    Attributes:
        paths: of the files, as they were named.
        stems: of the pictures that are made of each; safe on any file system, no two the same.
        folders: those of them that were named as folders.
        skipped: reason to number of files or folders passed over.
    """

    paths: tuple[str, ...]
    stems: tuple[str, ...]
    folders: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)


def read_images(locations: Sequence[str]) -> ImageList:
    """The images that are meant by files and folders. Folders are searched, those in them too.

    A file that is named is in the list whatever it holds; in folders, what is no image by its name
    and its first bytes is passed over.

    Raises:
        InputError: one of them is not there or cannot be read; there is no image in any.
    """
    skipped: Counter[str] = Counter()
    paths: dict[str, str] = {}
    for path in (path for location in locations for path in _images(location, skipped)):
        absolute = os.path.abspath(path)  # noqa: PTH100
        if absolute in paths:
            skipped["named more than once"] += 1
        else:
            paths[absolute] = path
    if not paths:
        passed = "; ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
        raise InputError(f"{', '.join(locations)}: no images in it" + (passed and f" ({passed})"))
    return ImageList(
        paths=tuple(paths.values()),
        stems=tuple(_stems(locations, list(paths))),
        folders=tuple(location for location in locations if Path(location).is_dir()),
        skipped=dict(skipped),
    )


def picture_name(stem: str, face_index: int) -> str:
    """What the picture of a face is called: `ann_01.png`, further faces `ann_01-face1.png`."""
    further = f"{_FACE}{face_index}" if face_index else ""
    return f"{stem}{further}{_ENDING}"


def _images(location: str, skipped: Counter[str]) -> Iterator[str]:
    check_there(location)
    path = Path(location)
    if not path.is_dir():
        yield location
        return
    keys = sorted(image_keys(path, skipped))
    yield from (storage.join(location, key) for key in keys)


def check_there(location: str) -> None:
    """Raises InputError: no local file or folder of this name that can be read."""
    if not location:
        raise InputError("one of IMAGES is empty; name a file or a folder")
    if storage.is_url(location):
        raise InputError(f"{location}: images must be local files; copy them first")
    try:
        location.encode()
        Path(location).stat()
        if Path(location).is_dir():
            os.scandir(location).close()
    except UnicodeEncodeError:
        raise InputError(f"{location!r}: its name is not UTF-8; rename it") from None
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        what = "no such file or folder" if missing else f"cannot be read ({error.strerror})"
        raise InputError(f"{location}: {what}") from None


def _stems(locations: Sequence[str], absolute: Sequence[str]) -> list[str]:
    """By the paths below the folder that all have in common, flattened."""
    folders = [path if Path(path).is_dir() else posixpath.dirname(path) for path in locations]
    root = os.path.commonpath([os.path.abspath(folder) for folder in folders])  # noqa: PTH100
    keys = [os.path.relpath(path, root) for path in absolute]
    return distinct([Wish(_wished(key), key) for key in keys], LONGEST - _ROOM)


def _wished(key: str) -> str:
    *folders, name = key.split("/")
    stem = "_".join([*folders, name.rpartition(".")[0] or name])
    # 'a-face1' is what the second face of 'a' is called
    folded = unicodedata.normalize("NFKC", stem).casefold()
    return escaped(f"{stem}_" if _FACE_NAME.search(folded) else stem)
