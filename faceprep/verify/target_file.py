"""`targets.parquet` read with suspicion: nothing is parsed before its checksum is right."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from faceprep import records, seal, storage, targets
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from faceprep.targets import Targets

Owner = tuple[str, str]
"""Who has one target: an identity and an empty clip, or an identity and its clip."""

_COLUMNS = ["identity", "clip", "key", "face_index"]


def read_sound(location: str) -> Targets:
    """The choice.

    Raises:
        InputError: missing, damaged, or of another version.
    """
    try:
        with storage.open_input(location) as file:
            intact = seal.is_intact(file)
    except FileNotFoundError:
        raise InputError(f"{location}: missing") from None
    except (OSError, InputError) as error:
        raise InputError(f"{location}: not readable ({error})") from None
    if not intact:
        raise InputError(f"{location}: damaged: its checksum is wrong")
    found = targets.read_targets(location)
    if found is None:  # it went away meanwhile
        raise InputError(f"{location}: missing")
    return found


def chosen(found: Targets) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that name a face: number, and identity, clip, key, face_index."""
    rows = found.rows.select(_COLUMNS).to_pylist()
    return ((number, row) for number, row in enumerate(rows) if row["key"] is not None)


@functools.lru_cache(maxsize=1)
def known_targets(location: str) -> Mapping[Owner, str]:
    """Owner to the key of their target, in a sound file."""
    return {
        (row["identity"], row["clip"] or ""): records.face_key(row["key"], row["face_index"])
        for _, row in chosen(read_sound(location))
    }
