"""The JSON file that says with what options and versions a stage's folder is made.

It is written first, holds later runs to the same options, and gets the counts when all is done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.options import flag, flags

if TYPE_CHECKING:
    from collections.abc import Callable

_UNTOLD = "as ever"

AFRESH = "start afresh with --overwrite or choose another --out"


def read(folder: str, name: str) -> dict[str, Any] | None:
    """The manifest of a folder; None where there is none.

    Raises:
        InputError: it is there, and not readable.
    """
    location = storage.join(folder, name)
    if not storage.exists(location):
        return None
    try:
        found: dict[str, Any] = json.loads(storage.read_bytes(location))
        found["format"], found["versions"], found["options"].items()
    except PermissionError as error:
        raise InputError(f"{location}: {error.strerror}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{location}: not readable; start afresh with --overwrite") from None
    return found


def write(folder: str, name: str, manifest: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    storage.write_bytes(storage.join(folder, name), _text(manifest))


def _text(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def begin(
    folder: str,
    name: str,
    now: dict[str, Any],
    done: bool,
    clear: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Leave the manifest in a new folder; hold an old folder's against it.

    Args:
        folder: of the stage's output.
        name: of the manifest.
        now: what it would say if the folder were new.
        done: whether there is anything finished in the folder.
        clear: deletes what the stage has left; None where others may be at work in the folder.

    Returns:
        The one to go on with: an old folder's own, with the versions it was begun with.

    Raises:
        UsageError: the folder was begun with other options; each is named.
        InputError: the folder holds something else, or another format.
        StorageError: the manifest cannot be written.
    """
    before = read(folder, name)
    if before is None and done:
        raise InputError(f"{folder}: has finished files, but no {name}; choose another --out")
    if clear and before and before["options"] != now["options"] and not done:
        clear(folder)  # begun, and nothing done: other options are as good
        before = None
    if before is None:
        if storage.create(storage.join(folder, name), _text(now)):
            return now
        before = read(folder, name) or now  # another run was first
    _refuse_what_differs(folder, before, now)
    return before


def _refuse_what_differs(folder: str, before: dict[str, Any], now: dict[str, Any]) -> None:
    if before["format"] != now["format"]:
        raise InputError(
            f"{folder}: has format {before['format']}, this faceprep writes {now['format']}; {AFRESH}"
        )
    _refuse_other_options(folder, before["options"], now["options"])
    if before["versions"] != now["versions"]:
        LOG.warning(f"{folder} was begun with other versions; new files may differ slightly")


def _refuse_other_options(folder: str, before: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [
        _difference(name, before.get(name, _UNTOLD), now.get(name, _UNTOLD))
        for name in {**now, **before}
        if before.get(name) != now.get(name)
    ]
    if changed:
        raise UsageError(
            f"{folder}: {'; '.join(changed)}. Give the same options to go on, another --out, "
            "or --overwrite to start afresh"
        )


def _difference(name: str, before: Any, now: Any) -> str:
    """How an option differs, as it is given on the command line.

    Of one that is on or off the flag is named that changes it: where another manifest leaves it out, the one
    that gives what is there, else the one that gives True.
    """
    if before is True or (before is False and now == _UNTOLD):
        return f"{flags({name: before})[0]} was given and is not now"
    if isinstance(now, bool) and before in (False, _UNTOLD):
        return f"{flags({name: now})[0]} was not given and is now"
    return f"{flag(name)} was {before} and is now {now}"


def claim(folder: str, name: str, now: dict[str, Any], option: str) -> dict[str, Any] | None:
    """Leave a manifest in an empty folder of files that are for anybody to use.

    Args:
        folder: where files are going to be.
        name: of the manifest.
        now: what it says.
        option: that named the folder, for instance `--out`.

    Returns:
        What an earlier run has left there, to be held against; None in an empty folder.

    Raises:
        InputError: the folder holds other files, or the manifest cannot be read. StorageError: no space.
    """
    try:
        before = read(folder, name)
    except InputError:
        location = storage.join(folder, name)
        raise InputError(f"{location}: not readable; choose another folder with {option}") from None
    if before is None:
        if storage.names(folder):
            raise InputError(
                f"{folder}: holds other files; choose an empty folder, or a new one, with {option}"
            )
        write(folder, name, now)
    return before
