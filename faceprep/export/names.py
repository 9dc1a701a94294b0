"""What the folders and files of an export are called: by the faces alone, so that it is the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep.file_names import LONGEST, Wish, distinct, escaped
from faceprep.records import face_key

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKER, POSES = TAKEN = "export.json", "poses.csv"


def folder_names(identities: Iterable[str]) -> dict[str, str]:
    """Identity to the name of its folder."""
    wishes = [Wish(escaped(identity, TAKEN), identity) for identity in sorted(set(identities))]
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
    return Wish(escaped(stem + further, TAKEN), face)
