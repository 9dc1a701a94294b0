"""People who are to stay out of a folder of faces: what `faceprep forget` writes into `extract.json`.

    "forgotten": {"salt": "9f…", "people": ["03ab…", …], "finished": true}

A person is there as the SHA-256 of the salt and the name. That keeps names from being read, and not from
being guessed: who has the list can try whether a name is on it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEY = "forgotten"


@dataclass(frozen=True)
class Forgotten:
    """The list of a folder.

    Attributes:
        salt: of the hashes, hexadecimal; another one in every folder.
        people: SHA-256 of each, hexadecimal.
        finished: whether nothing of them is left in the folder.
    """

    salt: str
    people: frozenset[str] = frozenset()
    finished: bool = True

    def hash_of(self, identity: str) -> str:
        """What stands for a person on this list."""
        return hashlib.sha256(f"{self.salt}\0{identity}".encode()).hexdigest()

    def holds(self, identity: str) -> bool:
        """Whether a person is on it."""
        return bool(self.people) and self.hash_of(identity) in self.people

    def among(self, identities: Iterable[str]) -> frozenset[str]:
        """Those of some people who are on it."""
        return frozenset(filter(self.holds, identities))

    def begun_with(self, identities: Iterable[str]) -> Forgotten:
        """The list with more people on it, of whom there may still be something in the folder."""
        more = map(self.hash_of, identities)
        return replace(self, people=self.people.union(more), finished=False)

    def done(self) -> Forgotten:
        """The same list when nothing is left of those on it."""
        return replace(self, finished=True)

    def into(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """A manifest with this list in it."""
        content = {"salt": self.salt, "people": sorted(self.people), "finished": self.finished}
        return {**described, _KEY: content}


def read(location: str, described: Mapping[str, Any]) -> Forgotten:
    """The list in a manifest; a new and empty one where there is none.

    Args:
        location: of the manifest, for messages.
        described: what it says.

    Raises:
        InputError: there is a list, and it is not as faceprep writes it.
    """
    found = described.get(_KEY)
    if found is None:
        return Forgotten(secrets.token_hex(16))
    try:
        return Forgotten(
            str(found["salt"]), frozenset(map(str, found["people"])), found["finished"] is True
        )
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{location}: its list of people to be forgotten is not readable ({error}); whom it kept "
            "out is not known any more. Start afresh with 'faceprep extract --overwrite'"
        ) from None


def refuse_unfinished(location: str, described: Mapping[str, Any]) -> None:
    """Keep others from a folder in which people are being forgotten.

    Args:
        location: of the manifest, for messages.
        described: what it says.

    Raises:
        InputError: that was begun, and is not finished.
    """
    if not read(location, described).finished:
        raise InputError(
            f"{location}: people are being forgotten in this folder, and that is not finished; "
            "finish it with 'faceprep forget --faces' and this folder"
        )
