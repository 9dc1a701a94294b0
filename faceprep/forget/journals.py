"""People out of what runs have said of themselves: error messages, and commands that name them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from faceprep import journal, storage
from faceprep.log import LOG

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_INSTEAD = "(left out: it named a person who was forgotten)"
_CUT = "…"
"""What ends a line that was cut: nobody can tell whom the rest of it named."""


def silence(folder: str, people: Collection[str], keys: Collection[str]) -> None:
    """Rewrite the files in `.runs` that name somebody; what cannot be read is deleted.

    Numbers and times stay, so that what all runs have taken together stays true.

    Args:
        folder: of the faces.
        people: who must not be named.
        keys: of their images, which must not be either.

    Raises:
        StorageError: a file cannot be written.
    """
    named = mentions(people, keys)
    place = storage.join(folder, journal.FOLDER)
    for name in storage.names(place):
        location = storage.join(place, name)
        try:
            told = json.loads(storage.read_bytes(location))
            quiet = {field: _quiet(value, named) for field, value in told.items()}
        except (ValueError, AttributeError):
            LOG.warning(f"{location}: not readable; deleted")
            storage.remove(location)
            continue
        if quiet != told:
            text = json.dumps(quiet, ensure_ascii=False) + "\n"
            storage.write_bytes(location, text.encode())


def mentions(people: Collection[str], keys: Collection[str]) -> Callable[[str], bool]:
    """A test whether a text names one of some people, or a picture of theirs.

    A name counts where it stands alone: `ann` is named in `raw/ann`, and not in `annex`.
    """
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    alone = re.compile(rf"(?<!\w)(?:{names})(?!\w)") if people else None

    def named(text: str) -> bool:
        return bool(alone and alone.search(text)) or any(key in text for key in keys)

    return named


def _quiet(value: Any, named: Callable[[str], bool]) -> Any:
    """A value of a run's, or what is said instead."""
    if isinstance(value, list):
        return [_quiet(each, named) for each in value]
    if isinstance(value, str) and (named(value) or value.endswith(_CUT)):
        return _INSTEAD
    return value
