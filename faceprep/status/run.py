"""The stage: a path to how far everything there is. Reads names, manifests and the runs' own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import config, dataset_folder, parts, storage
from faceprep.errors import InputError, UsageError
from faceprep.status.data_set import data_set_status
from faceprep.status.faces import faces_status
from faceprep.status.remaining import next_command
from faceprep.status.report import Status

if TYPE_CHECKING:
    from faceprep.status.report import FolderStatus


def status(path: str, *, exact: bool = False) -> Status:
    """Tell how far a running or stopped job is, from what it has stored alone.

    It reads the names in a folder, its manifest, the ends of its catalogue and what runs say of
    themselves in `.runs`, however many images there are. Behind a URL these are a few requests and
    one for each run, but the catalogue is fetched whole, and that grows with the images.

    Args:
        path: a folder of faces, a data set or one of its versions, a folder of data sets, or a folder
            in which `faces` and `shards` lie.
        exact: ask each part for its counts, and the targets for their faces: a request or more for each.

    Raises:
        UsageError: `path` is empty.
        InputError: nothing at `path`, nothing of faceprep's, a damaged manifest or catalogue.
    """
    if not path:
        raise UsageError("PATH is empty; name a folder")
    path = path.rstrip("/") or path
    try:
        folders = _folders(path, exact=exact)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not folders:
        what = "nothing of faceprep's in it" if storage.exists(path) else "no such folder"
        raise InputError(
            f"{path}: {what}; give a folder of faces, a data set, a folder of data sets, or the one in "
            "which faces and shards lie"
        )
    return Status(tuple(folders), next_command(folders))


def _folders(path: str, *, exact: bool) -> list[FolderStatus]:
    names = storage.names(path)
    if parts.MANIFEST in names:
        return [faces_status(path, exact=exact)]
    if found := dataset_folder.version_folders(path, names):
        return [data_set_status(storage.join(path, below).rstrip("/")) for below in found]
    return [
        status
        for room in (config.WORKSPACE["faces"], config.WORKSPACE["shards"])
        if room in names
        for status in _folders(storage.join(path, room), exact=exact)
    ]
