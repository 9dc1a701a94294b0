"""The crops that a data set needs, out of the parts and where each can be had in any order.

A shard's records come from all over the data set, and a Parquet part gives a crop only together with
hundreds of others. So each part is read once, and its crops are laid end to end in spool files; where
each lies follows from the plan alone. They lie in the order in which shards need them, after those
that several shards need: a shard finds what it needs of a spool file in few pieces, which matters
where each piece is a request. The spool is deleted when the shards are done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep import storage
from faceprep.errors import InputError
from faceprep.face_folder import read_crops

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from faceprep.face_folder import FaceFolder
    from faceprep.shard.plan import Contents, PlannedShard

FOLDER = ".spool"
_MOST_FILES = 64
_BUFFER = 1 << 20


@dataclass(frozen=True)
class SpoolTask:
    """What a worker needs to know to make one spool file.

    Attributes:
        path: of the spool file.
        wanted: location of a part to the rows whose crops are wanted, ascending.
        lengths: bytes of each of those crops, in their order.
        offsets: where each goes, in their order.
    """

    path: str
    wanted: Mapping[str, NDArray[np.int32]]
    lengths: NDArray[np.int64]
    offsets: NDArray[np.int64]


@dataclass(frozen=True)
class Spool:
    """Where each face's crop lies, once the tasks are done.

    Attributes:
        files: paths of the spool files.
        tasks: those that make them out of parts.
        extra: the content of the last file, images that lie in no part.
        file: (faces,) int32 index into `files`, -1 for a face that is not wanted.
        offset: (faces,) int64, bytes.
    """

    files: tuple[str, ...]
    tasks: tuple[SpoolTask, ...]
    extra: bytes
    file: NDArray[np.int32]
    offset: NDArray[np.int64]


def plan_spool(
    folder: str, faces: FaceFolder, contents: Contents, shards: Sequence[PlannedShard] = ()
) -> Spool:
    """Lay out the spool below `folder` for all crops that the records name.

    Args:
        folder: of the spool.
        faces: where the crops are.
        contents: the records.
        shards: which of them are in which shard; in the order of the parts without.
    """
    table, extra = contents.faces, contents.extra
    part, row = (np.asarray(table[name], np.int32) for name in ("part", "row"))
    length = np.asarray(table["crop_bytes"].fill_null(0), np.int64)
    wanted = np.unique(np.concatenate([np.asarray(contents.records[s]) for s in contents.slots]))
    stored = wanted[~np.isin(wanted, list(extra))]
    stored = stored[np.lexsort([row[stored], part[stored]])]
    per_file = -(-len(faces.parts) // _MOST_FILES)
    file, offset = np.full(len(table), -1, np.int32), np.zeros(len(table), np.int64)
    file[stored] = part[stored] // per_file
    tasks = []
    place = _places(contents, shards)
    for index in np.unique(file[stored]).tolist():
        members = stored[file[stored] == index]
        in_place = members[np.argsort(place[members], kind="stable")]
        offset[in_place] = _offsets(length[in_place])
        locations = {
            faces.location(p): row[members[part[members] == p]] for p in np.unique(part[members])
        }
        path = storage.join(folder, f"crops-{index:05d}")
        tasks.append(SpoolTask(path, locations, length[members], offset[members]))
        file[members] = len(tasks) - 1
    rows = np.array(sorted(extra), np.int64)
    file[rows], offset[rows] = len(tasks), _offsets(length[rows])
    files = (*(task.path for task in tasks), storage.join(folder, "extra"))
    return Spool(files, tuple(tasks), b"".join(extra[r] for r in rows.tolist()), file, offset)


def _places(contents: Contents, shards: Sequence[PlannedShard]) -> NDArray[np.int64]:
    """(faces,) when each is needed first, among all records in their order; -1 if by several shards."""
    never = np.iinfo(np.int64).max
    first, of_first, of_last = (np.full(len(contents.faces), start) for start in (never, never, -1))
    before = 0
    for number, shard in enumerate(shards):
        for slot in contents.slots:
            rows = np.asarray(contents.records[slot])[shard.rows]
            np.minimum.at(first, rows, before + np.arange(len(rows)))
            of_first[rows] = np.minimum(of_first[rows], number)
            of_last[rows] = number
        before += len(shard.rows)
    return np.where((of_first < of_last) & (of_last >= 0), -1, first)


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(lengths) - lengths


def write_spool(task: SpoolTask) -> int:
    """Make one spool file and return how many crops are in it.

    Raises:
        InputError: a part is damaged. StorageError: the disk is full.
    """
    places = zip(task.offsets.tolist(), task.lengths.tolist(), strict=True)
    with storage.atomic_output(task.path, buffer=_BUFFER, quick=True) as file:
        for location, rows in task.wanted.items():
            for crop in read_crops(location, rows.tolist()):
                offset, length = next(places)
                if len(crop) != length:
                    raise InputError(
                        f"{location}: crops are not as long as crop_bytes says; "
                        "run 'faceprep verify' on the faces"
                    )
                file.seek(offset)
                file.write(crop)
    return len(task.lengths)
