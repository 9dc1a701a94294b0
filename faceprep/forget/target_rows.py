"""People out of `targets.parquet`, so that what was chosen for all others stays chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from faceprep import face_folder, storage
from faceprep.errors import InputError
from faceprep.forget.faces import parts_there
from faceprep.log import LOG
from faceprep.targets import NAME, read_targets, write_targets

if TYPE_CHECKING:
    from collections.abc import Collection

    from faceprep.parts import Part
    from faceprep.targets import Targets

_BEING_FORGOTTEN = "people are being forgotten"
"""In place of the digest of the faces, until it is known what that will be."""


def remove(folder: str, people: Collection[str]) -> None:
    """Remove the rows of some people; to be called while their faces are still there.

    The choice stays one of these faces, if it was, and none of the people shares a picture with others:
    that picture was nobody's (see `select.choose`), and will be theirs who are left.
    """
    found = _found(folder)
    if found is None:
        return
    names = pa.array(sorted(people), pa.string())
    rows = found.rows.filter(pc.invert(pc.is_in(found.rows["identity"], value_set=names)))
    if found.faces == _faces_now(folder) and not _share_a_picture(folder, people):
        found = replace(found, faces=_BEING_FORGOTTEN)
    if len(rows) < len(found.rows) or found.faces == _BEING_FORGOTTEN:
        write_targets(storage.join(folder, NAME), replace(found, rows=rows))


def hold_for_current(folder: str) -> None:
    """Say that the choice is of the faces as they are now, where `remove` has found that it is."""
    found = _found(folder)
    if found and found.faces == _BEING_FORGOTTEN:
        write_targets(storage.join(folder, NAME), replace(found, faces=_faces_now(folder)))


def _found(folder: str) -> Targets | None:
    """The choice; one that is damaged is deleted, for nobody can tell who is in it."""
    location = storage.join(folder, NAME)
    try:
        return read_targets(location)
    except InputError as error:
        LOG.warning(f"{error}; deleted")
        storage.remove(location)
        return None


def _faces_now(folder: str) -> str:
    """What `face_folder.open_faces` says the content is."""
    return face_folder.content_digest(folder, parts_there(folder))


def _share_a_picture(folder: str, people: Collection[str]) -> bool:
    """Whether a picture of theirs is filed under others too; no more than theirs is held in memory."""
    names = pa.array(sorted(people), pa.string())
    there = parts_there(folder)
    theirs = pa.concat_arrays(
        [pa.array([], pa.string()), *(_pictures(folder, part, names)[0] for part in there)]
    )
    return bool(len(theirs)) and any(
        pc.any(pc.is_in(_pictures(folder, part, names)[1], value_set=theirs)).as_py()
        for part in there
    )


def _pictures(folder: str, part: Part, names: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The SHA-256 of the pictures in a part, as far as known: those of some people, and those of others."""
    with storage.open_input(storage.join(folder, part.name)) as file:
        rows = pq.read_table(file, columns=["identity", "sha256"], use_threads=False)
    theirs = pc.is_in(rows["identity"], value_set=names)
    return tuple(
        rows["sha256"].filter(chosen).drop_null().cast(pa.string()).combine_chunks()
        for chosen in (theirs, pc.invert(theirs))
    )
