"""What runs have said of themselves in words, and may have named people in: it goes, whomever it named.

A name can be spelt in more ways than anybody thinks of (in quotes, in a path, cut off, in another form of
Unicode), so nobody looks for names here.
"""

from __future__ import annotations

import json
from typing import Any

from faceprep import journal, storage
from faceprep.log import LOG

_INSTEAD = "(left out: it may have named a person who was forgotten)"


def silence(folder: str) -> None:
    """Rewrite each file in `.runs` without its words; what cannot be read is deleted.

    Numbers and times stay, so that what all runs have taken together stays true. A command and the folder
    that it was given in become null: `faceprep status` gives them again, and has its own words without.

    Args:
        folder: of the faces.

    Raises:
        StorageError: a file cannot be written.
    """
    place = storage.join(folder, journal.FOLDER)
    for name in sorted({*storage.names(place)} - {*storage.folders(place)}):
        location = storage.join(place, name)
        try:
            told = json.loads(storage.read_bytes(location))
            quiet = {field: _quiet(field, value) for field, value in told.items()}
        except (ValueError, AttributeError):
            LOG.warning(f"{location}: not readable; deleted")
            storage.remove(location)
            continue
        if quiet != told:
            text = json.dumps(quiet, ensure_ascii=False) + "\n"
            storage.write_bytes(location, text.encode())


def _quiet(field: str, value: Any) -> Any:
    """A value of a run's, or what is said instead."""
    if field in ("command", "cwd"):
        return None
    if field == "error" and value is not None:
        return _INSTEAD
    if field == "failed":
        return [_INSTEAD for _ in value or ()]
    return value
