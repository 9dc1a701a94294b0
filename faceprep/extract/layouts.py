"""Layouts: how a data set's folders tell who is in a picture.

To add one: a function from key to `SourceImage` (None for an image outside the layout), one line in
`LAYOUTS`, its name in `options.LAYOUTS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from faceprep.archives.place import PLACE
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faceprep.archives.place import Place


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of the data set.

    Attributes:
        key: POSIX path below the data set's root; unique, stable.
        identity: the person.
        clip: one video of that person, where the layout has clips.
        view: `frontal` or `profile`, where the data set labels its images so.
        place: where it lies, if that is in an archive.
    """

    key: str
    identity: str
    clip: str | None = None
    view: str | None = None
    place: Place | None = None


SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("identity", pa.string(), nullable=False),
        pa.field("clip", pa.string()),
        pa.field("view", pa.string()),
    ]
)
"""`SourceImage` as Arrow, when nothing lies in an archive: a field for each of its other attributes."""

SCHEMA_WITH_PLACES = SCHEMA.append(pa.field("place", PLACE))
"""The same for a source with archives."""

_CFP = re.compile(r"(?:^|/)(?P<identity>\d{3,})/(?P<view>frontal|profile)/[^/]+$")
_MOST = 0.9


def _identity(key: str) -> SourceImage | None:
    """person/anything: LFW, CASIA-WebFace, VGGFace2."""
    identity, slash, _ = key.partition("/")
    return SourceImage(key, identity) if slash else None


def _youtube_faces(key: str) -> SourceImage | None:
    """person/clip/frame: YouTube Faces."""
    parts = key.split("/", 2)
    return SourceImage(key, parts[0], clip=parts[1]) if len(parts) == 3 else None


def _cfp(key: str) -> SourceImage | None:
    """…/NNN/{frontal,profile}/NN.jpg: Celebrities in Frontal-Profile."""
    match = _CFP.search(key)
    return SourceImage(key, match["identity"], view=match["view"]) if match else None


LAYOUTS: dict[str, Callable[[str], SourceImage | None]] = {
    "identity": _identity,
    "youtube-faces": _youtube_faces,
    "cfp": _cfp,
}
"""Layouts of folders. `list` (a table) and `auto` are the catalogue's."""


def recognise(keys: Sequence[str]) -> str:
    """The name of the layout that nine of ten keys have.

    cfp is known by its frontal and profile folders, youtube-faces by clips that are numbered;
    everything else with folders is `identity`.

    Raises:
        InputError: the images lie in the root itself, so nobody can tell who they show.
    """
    if _share(keys, lambda key: _cfp(key) is not None) >= _MOST:
        return "cfp"
    if _share(keys, _has_numbered_clip) >= _MOST:
        return "youtube-faces"
    if _share(keys, lambda key: "/" in key) > 0:
        return "identity"
    raise InputError(
        "the images lie in the root itself; put each person's into a folder of their own, "
        "or name them in a table (--layout list)"
    )


def _has_numbered_clip(key: str) -> bool:
    parts = key.split("/")
    return len(parts) == 3 and parts[1].isdigit()


def _share(keys: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, keys)) / len(keys)
