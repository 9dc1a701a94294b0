"""What a page shows: plain values, ready to be laid out; nothing of files, crops or HTML is left in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faceprep.spread import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Face:
    """A face as the page shows it. Angles are degrees, as `faces.pose` defines them.

    Attributes:
        key: of the face.
        picture: the crop, small, as the bytes of a WebP or JPEG file; empty where there is no crop.
        yaw: > 0 is toward the image's right.
        pitch: > 0 is up.
        roll: > 0 is clockwise.
        angle: between the facing direction and the line of sight.
        frontality: 0 to 100.
        size: of the face box's longer side, px of the source image.
        sharpness: variance of the Laplacian.
        score: of detection, 0 to 1.
    """

    key: str
    picture: bytes
    yaw: float
    pitch: float
    roll: float
    angle: float
    frontality: float
    size: float
    sharpness: float
    score: float


@dataclass(frozen=True)
class Person:
    """A person, or a clip of one where each clip has a target.

    Attributes:
        identity: the person.
        clip: one video of theirs; empty without clips.
        count: of their faces, shown or not.
        images: how many of their images gave no face.
        has_target: whether the first of `faces` is the target.
        reason: why that one, or why none, in words; empty where no targets have been chosen.
        faces: the target first, then by angle.
        angle: of the target as it was chosen, degrees, which may be from its mesh, unlike the face's; NaN
            where that is not known.
    """

    identity: str
    clip: str
    count: int
    images: int
    has_target: bool
    reason: str
    faces: tuple[Face, ...]
    angle: float = math.nan


@dataclass(frozen=True)
class Reject:
    """An image that gave no face.

    Attributes:
        key: of the image.
        identity: whose it is.
        reason: in words.
        picture: the image, small; empty where it cannot be shown.
    """

    key: str
    identity: str
    reason: str
    picture: bytes


@dataclass(frozen=True)
class Rejects:
    """Images that gave no face for one cause.

    Attributes:
        status: see `records.STATUSES`.
        meaning: of the status, in words.
        count: how many there are.
        shown: some of them.
    """

    status: str
    meaning: str
    count: int
    shown: tuple[Reject, ...]


@dataclass(frozen=True)
class Doubt:
    """Faces that should be looked at together.

    Attributes:
        title: what is the matter with them, short: the identity, or two of them.
        words: the figures that say so.
        faces: of which it is said.
    """

    title: str
    words: str
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class Doubts:
    """One kind of doubtful cases.

    Attributes:
        title: of the kind.
        words: what it means, what was looked at, and what may be done.
        count: how many there are, in what was looked at.
        shown: the worst of them.
    """

    title: str
    words: str
    count: int
    shown: tuple[Doubt, ...]


@dataclass(frozen=True, eq=False)
class Histogram(Measure):
    """How often a value occurs among all faces.

    Attributes:
        counts: in each bin; what lies outside the edges counts in the first and the last one.
        unknown: faces without this value.
        quantiles: the values below which 5 %, 50 % and 95 % lie; None where only the counts are known.
    """

    counts: NDArray[Any]
    unknown: int = 0
    quantiles: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Density:
    """How often two values occur together.

    Attributes:
        yaw: edges of the bins, degrees.
        pitch: likewise.
        counts: (yaw bins, pitch bins).
    """

    yaw: NDArray[Any]
    pitch: NDArray[Any]
    counts: NDArray[Any]


@dataclass(frozen=True)
class FacesContents:
    """What is told of a folder of faces.

    Attributes:
        path: of the folder.
        facts: name to value, both in words: images, faces, images/s, …
        options: what extract was told.
        versions: of what made the faces.
        histograms: of yaw, pitch, frontality, face size, sharpness, score.
        density: of yaw and pitch.
        people: those shown, by name.
        people_in_all: how many there are.
        faces_in_all: how many there are.
        rejects: by cause, the most frequent first.
        doubts: by kind.
        notes: what the reader should know, such as that parts are missing.
    """

    path: str
    facts: Mapping[str, str]
    options: Mapping[str, str]
    versions: Mapping[str, str]
    histograms: tuple[Histogram, ...]
    density: Density
    people: tuple[Person, ...]
    people_in_all: int
    faces_in_all: int
    rejects: tuple[Rejects, ...]
    doubts: tuple[Doubts, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownExample:
    """A record of a data set.

    Attributes:
        title: of it, short: genuine, impostor, or empty.
        words: key, label, what else is known.
        faces: in the order of the example: role ("feature", "target", "first", …) to the face.
    """

    title: str
    words: str
    faces: Mapping[str, Face]


@dataclass(frozen=True)
class Split:
    """A split of a data set.

    Attributes:
        name: of it.
        records: in it.
        shards: it has.
        size: bytes of its shards.
        labels: label in words to how many records have it; empty where records have none.
    """

    name: str
    records: int
    shards: int
    size: int
    labels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSetContents:
    """What is told of one data set.

    Attributes:
        path: of the folder.
        name: pairs, cfp or triplets.
        facts: name to value, both in words.
        options: what shard was told.
        splits: of it.
        yaw: split to the histogram of |yaw| of the faces that are learned from; of a protocol, whose splits
            are alike, its kind and the face (`FP second`) to that of all splits; empty where it has none.
        examples: split to some records, always the same ones.
        notes: what the reader should know.
    """

    path: str
    name: str
    facts: Mapping[str, str]
    options: Mapping[str, str]
    splits: tuple[Split, ...]
    yaw: Mapping[str, Histogram]
    examples: Mapping[str, tuple[ShownExample, ...]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """Everything on a page.

    Attributes:
        faces: None where there are none.
        data_sets: at the folder of shards; empty for none.
    """

    faces: FacesContents | None
    data_sets: tuple[DataSetContents, ...] = ()
