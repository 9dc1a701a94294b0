"""What a worker does: the crops of one part, as files."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep import face_folder, storage


@dataclass(frozen=True)
class ExportTask:
    """The faces of one part.

    Attributes:
        location: of the part.
        folder: of the export.
        rows: in the part, ascending.
        files: POSIX path below `folder` for each of the rows.
    """

    location: str
    folder: str
    rows: tuple[int, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What became of a task.

    Attributes:
        files: that had to be written; the others were there already.
        bytes: of all its files.
    """

    files: int
    bytes: int


def export_part(task: ExportTask) -> Written:
    """Write those files that are not there yet. Raises InputError, StorageError."""
    files = size = 0
    folders: set[str] = set()
    crops = face_folder.read_crops(task.location, task.rows)
    for name, crop in zip(task.files, crops, strict=True):
        location = storage.join(task.folder, name)
        size += len(crop)
        if _is_there(location, crop):
            continue
        folder = location.rpartition("/")[0]
        if folder not in folders:
            storage.make_folder(folder)
            folders.add(folder)
        with storage.atomic_output(location, quick=True) as file:
            file.write(crop)
        files += 1
    return Written(files, size)


def _is_there(location: str, content: bytes) -> bool:
    """Whether an earlier run has written the file; a machine that went down may have emptied it."""
    if not storage.exists(location):
        return False
    try:
        return storage.read_bytes(location) == content
    except OSError:
        return False
