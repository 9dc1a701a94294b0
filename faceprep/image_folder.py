"""A folder (or a URL) to the keys of its images, whatever lies about in it."""

from __future__ import annotations

import os
import posixpath
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.archives.names import is_archive, is_other_archive
from faceprep.errors import InputError
from faceprep.image_files import HEAD, IMAGE_SUFFIXES, objection

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from pathlib import Path

_AT_ONCE = 16
_CHUNK = 2048  # requests that may be waiting when the run is told to end


def image_keys(
    root: Path, skipped: Counter[str], archives: list[str] | None = None
) -> Iterator[str]:
    """Keys of all images below `root`, in no particular order.

    Links to folders are followed, but not back to a folder above.

    Args:
        root: of the data set.
        skipped: gets the number of files and folders passed over, by reason.
        archives: gets the keys of the archives; without it they are passed over.

    Raises:
        InputError: the root itself cannot be read.
    """
    pending: list[tuple[str, tuple[str, ...]]] = [("", (os.path.realpath(root),))]
    while pending:
        folder, real_folders = pending.pop()
        for entry in _entries(root, folder, skipped):
            key = f"{folder}{entry.name}"
            if entry.name.startswith("."):
                skipped["hidden"] += 1
            elif not _is_text(entry.name):
                skipped["names that are not UTF-8 (rename them)"] += 1
            elif _holds(entry.is_dir):
                if below := _enter(entry, real_folders):
                    pending.append((f"{key}/", below))
                else:
                    skipped["links that lead back to a folder above"] += 1
            elif archives is not None and is_archive(entry.name) and _holds(entry.is_file):
                archives.append(key)
            elif reason := _objection(entry, archives is not None):
                skipped[reason] += 1
            else:
                yield key


def url_keys(root: str, skipped: Counter[str], archives: list[str]) -> Iterator[str]:
    """The same of a URL, by one listing of all that lies below it.

    Args:
        root: the URL.
        skipped: gets the number of files passed over, by reason.
        archives: gets the keys of the archives.

    Raises:
        InputError: it cannot be listed.
    """
    unknown = []
    for key, _ in storage.find(root):
        name = posixpath.basename(key)
        if any(part.startswith(".") for part in key.split("/")):
            skipped["hidden"] += 1
        elif not _is_text(key):
            skipped["names that are not UTF-8 (rename them)"] += 1
        elif is_archive(name):
            archives.append(key)
        elif posixpath.splitext(name)[1].lower() in IMAGE_SUFFIXES:
            yield key
        else:
            unknown.append(key)
    yield from _looked_into(root, unknown, skipped)


def _looked_into(root: str, keys: list[str], skipped: Counter[str]) -> Iterator[str]:
    """Those that are images by their first bytes; a request for each."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            heads = (partial(_head, storage.join(root, key)) for key in chunk)
            reasons = pool.map(_refusal, chunk, heads, repeat(True))
            for key, reason in zip(chunk, reasons, strict=True):
                if reason:
                    skipped[reason] += 1
                else:
                    yield key
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _head(location: str) -> bytes:
    with storage.open_input(location) as file:
        return file.read(HEAD)


def _entries(root: Path, folder: str, skipped: Counter[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            return list(entries)
    except OSError as error:
        if not folder:
            raise unreadable(root, error) from None
        skipped["folders that cannot be read"] += 1
        return []


def _enter(entry: os.DirEntry[str], real_folders: tuple[str, ...]) -> tuple[str, ...]:
    """The real folders of the way down through `entry`; none when it is a link back up that way."""
    if not entry.is_symlink():
        return (*real_folders[:-1], posixpath.join(real_folders[-1], entry.name))
    target = os.path.realpath(entry.path)
    if any(posixpath.commonpath((real, target)) == target for real in real_folders):
        return ()
    return (*real_folders, target)


def _holds(test: Callable[[], bool]) -> bool:
    """Whether `is_dir` or `is_file` holds; not for a link to itself, or to where one may not look."""
    try:
        return test()
    except OSError:
        return False


def _objection(entry: os.DirEntry[str], archives: bool) -> str | None:
    """Why a file is not taken for an image; None when it is."""
    if not _holds(entry.is_file):
        return "broken links and special files"
    return _refusal(entry.name, partial(_head, entry.path), archives)


def _refusal(name: str, head: Callable[[], bytes], archives: bool) -> str | None:
    """As `objection`; where some archives are read, the others are worth a word."""
    if archives and is_other_archive(name):
        return "archives other than .tar, .tar.gz, .tgz and .zip (unpack them)"
    return objection(name, head)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def unreadable(path: Path, error: OSError) -> InputError:
    """What to say of a source that cannot be read."""
    missing = isinstance(error, FileNotFoundError)
    what = "no such folder" if missing else f"cannot be read ({error.strerror})"
    return InputError(f"{path}: {what}; name the one with the images")
