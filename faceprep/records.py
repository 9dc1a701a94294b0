"""The contracts between stages: the face row, which `faces/` is made of, and the shards' examples.

A field is declared once, as an annotated attribute: its name, its Python type, its meaning, and for
the row its Arrow type. The Parquet schema, the shards' metadata and the documentation follow from it.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Annotated, Any, get_args, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

FACES_FORMAT = 2
"""Version of the layout of `faces/`. Grows when old and new parts can no longer be mixed."""

OK = "ok"
NO_FACE = "no_face"
TOO_SMALL = "too_small"
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"
CRASHED = "crashed"
TIMEOUT = "timeout"

STATUSES = {
    OK: "a face, with its crop",
    NO_FACE: "the image is fine, and the detector finds no face in it",
    TOO_SMALL: "faces were found, all smaller than --min-face",
    UNREADABLE: "not an image, or too damaged to show a face",
    TOO_LARGE: "more pixels than --max-pixels; not decoded",
    CRASHED: "decoding or detecting it killed the process or failed in an unforeseen way",
    TIMEOUT: "it took longer than --timeout seconds",
}
"""Every value of `FaceRow.status`. All but `ok` are rejects: one row, without a crop."""

_Str = pa.string()
_Int = pa.int32()
_Float = pa.float32()
_Points = pa.list_(pa.float32(), 12)


@dataclasses.dataclass(frozen=True, slots=True)
class FaceRow:
    """One face, or one image that gave none.

    Lengths are pixels of the upright source image, origin at its top left corner (the centre of the
    first pixel is at 0.5, 0.5), x to the right, y down. Angles are degrees as `faces.pose` defines.
    """

    key: Annotated[str, _Str, "POSIX path of the image below the dataset root; unique, stable"]
    identity: Annotated[str, _Str, "the person, as the layout of the dataset names them"]
    status: Annotated[str, _Str, "ok, or why there is no face: see records.STATUSES"]
    clip: Annotated[str | None, _Str, "one video of that person, where the layout has clips"] = None
    view: Annotated[str | None, _Str, "frontal or profile, as labelled by the dataset"] = None
    reason: Annotated[str | None, _Str, "for rejects: the reason in words"] = None
    sha256: Annotated[str | None, _Str, "of the source file's bytes, hexadecimal"] = None
    width: Annotated[int | None, _Int, "of the upright source image, px"] = None
    height: Annotated[int | None, _Int, "of the upright source image, px"] = None
    damaged: Annotated[
        bool | None, pa.bool_(), "the file is truncated or corrupt; shown as far as it decodes"
    ] = None
    face_index: Annotated[
        int | None, _Int, "0 for the first face kept of this image, then 1, 2, …"
    ] = None
    face_count: Annotated[int | None, _Int, "faces found in this image, kept or not"] = None
    score: Annotated[float | None, _Float, "detection score, 0..1"] = None
    box_x: Annotated[
        float | None, _Float, "left edge of the face box, px; may lie outside the image"
    ] = None
    box_y: Annotated[float | None, _Float, "top edge of the face box, px"] = None
    box_width: Annotated[float | None, _Float, "px"] = None
    box_height: Annotated[float | None, _Float, "px"] = None
    keypoints: Annotated[
        list[float] | None,
        _Points,
        "x, y of: eye at the image's left, eye at its right, nose tip, mouth, left ear, right ear; px",
    ] = None
    eye_distance: Annotated[float | None, _Float, "between the two eye keypoints, px"] = None
    yaw: Annotated[float | None, _Float, "degrees, > 0: turned toward the image's right"] = None
    pitch: Annotated[float | None, _Float, "degrees, > 0: looking up"] = None
    roll: Annotated[float | None, _Float, "degrees, > 0: tilted clockwise in the image"] = None
    pose_source: Annotated[
        str | None, _Str, "keypoints or mesh: what yaw, pitch and roll come from"
    ] = None
    frontality: Annotated[float | None, _Float, "100 cos² yaw cos² pitch, 0 beyond 90°"] = None
    sharpness: Annotated[
        float | None, _Float, "variance of the Laplacian, in the middle of the crop"
    ] = None
    crop_bytes: Annotated[int | None, _Int, "length of crop, so that shards can be planned"] = None
    crop: Annotated[bytes | None, pa.binary(), "the aligned face, encoded as extract.json says"] = (
        None
    )


@functools.cache
def face_schema() -> pa.Schema:
    """The Arrow schema of `faces/*.parquet`; each field's metadata holds its `doc`."""
    return _schema(FaceRow)


@dataclasses.dataclass(frozen=True, slots=True)
class TargetRow:
    """The most frontal face of a person, or of a clip; or why there is none. Angles in degrees."""

    identity: Annotated[str, _Str, "the person"]
    clip: Annotated[str | None, _Str, "the clip, where each has a target of its own"]
    key: Annotated[str | None, _Str, "of the image with the target; null without one"]
    face_index: Annotated[int | None, _Int, "which face of that image"]
    yaw: Annotated[float | None, _Float, "of the target, as faces/ has it"]
    pitch: Annotated[float | None, _Float, "likewise"]
    roll: Annotated[float | None, _Float, "likewise"]
    mesh_yaw: Annotated[float | None, _Float, "of the target by the mesh; null where it refuses"]
    mesh_pitch: Annotated[float | None, _Float, "likewise"]
    angle: Annotated[
        float | None, _Float, "between the target's facing direction and the line of sight"
    ]
    angle_source: Annotated[str | None, _Str, "mesh or keypoints: what angle comes from"]
    best_angle: Annotated[float | None, _Float, "the smallest angle in the shortlist"]
    quality: Annotated[float | None, _Float, "of the target: see select.choose"]
    runner_up: Annotated[str | None, _Str, "the face that would be the target without this one"]
    runner_up_angle: Annotated[float | None, _Float, "its angle"]
    faces: Annotated[int, _Int, "how many it was chosen from"]
    shortlist: Annotated[int, _Int, "how many of them the mesh looked at"]
    reason: Annotated[str, _Str, "why this one, or why none, in words"]


@functools.cache
def target_schema() -> pa.Schema:
    """The Arrow schema of `targets.parquet`."""
    return _schema(TargetRow)


def _schema(row: type) -> pa.Schema:
    hints = get_type_hints(row, include_extras=True)
    return pa.schema([_arrow_field(f.name, hints[f.name]) for f in dataclasses.fields(row)])


def _arrow_field(name: str, hint: Any) -> pa.Field:
    python_type, arrow_type, doc = get_args(hint)
    nullable = type(None) in get_args(python_type)
    return pa.field(name, arrow_type, nullable=nullable, metadata={"doc": doc})


SHARDS_VERSION = "1.0.0"
"""Version of the examples. The first number grows when readers of old shards cannot read new ones, the
last when only the words about them change, for `features.json` holds these."""

LABEL_SAME, LABEL_DIFFERENT = 1, 0


def face_key(key: str, face_index: int) -> str:
    """What a face is called: its image's key, and for further faces of one image their number."""
    return f"{key}#{face_index}" if face_index else key


def face_keys(rows: pa.Table) -> pa.ChunkedArray:
    """`face_key` of each row, given its `key` and `face_index`; null where the key is."""
    further = pc.greater(pc.fill_null(rows["face_index"], 0), 0)
    number = rows["face_index"].cast(pa.string())
    return pc.if_else(further, pc.binary_join_element_wise(rows["key"], number, "#"), rows["key"])


@dataclasses.dataclass(frozen=True, slots=True)
class ShardFace:
    """A face in an example. Angles are degrees as `faces.pose` defines them; text is UTF-8."""

    image: Annotated[bytes, "the aligned face, as extract encoded it"]
    key: Annotated[
        str, "path of the image below the data set's root; #1, #2, … for its other faces"
    ]
    identity: Annotated[str, "the person"]
    clip: Annotated[str, "one video of that person; empty without clips"]
    view: Annotated[str, "frontal or profile, as labelled by the data set; empty without labels"]
    yaw: Annotated[float, "degrees, > 0: turned toward the image's right; NaN without a face"]
    pitch: Annotated[float, "degrees, > 0: looking up; NaN without a face"]
    roll: Annotated[float, "degrees, > 0: tilted clockwise before alignment; NaN without a face"]
    frontality: Annotated[float, "100 cos² yaw cos² pitch, 0 beyond 90°; NaN without a face"]
    found: Annotated[
        bool, "false where no face was found, and the centre of the image stands in for it"
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class PairExample:
    """Any view of a person, and the most frontal one: what the autoencoder learns from."""

    key: Annotated[str, "of the feature; unique"]
    feature: ShardFace
    target: ShardFace


@dataclasses.dataclass(frozen=True, slots=True)
class VerificationExample:
    """Two faces of a verification protocol, and whether they are of one person."""

    key: Annotated[str, "split/same or diff/line of the protocol's file; unique"]
    first: ShardFace
    second: ShardFace
    label: Annotated[int, "1: the same person, 0: different people"]
    protocol: Annotated[str, "FF: frontal with frontal, FP: frontal with profile"]
    fold: Annotated[int, "1 to 10"]


@dataclasses.dataclass(frozen=True, slots=True)
class TripletExample:
    """A face, another of the same person, and one of somebody else."""

    key: Annotated[str, "of the anchor, and the number of the draw; unique"]
    anchor: ShardFace
    positive: ShardFace
    negative: ShardFace


EXAMPLES: dict[str, type] = {
    "pairs": PairExample,
    "cfp": VerificationExample,
    "triplets": TripletExample,
}
"""Name of a data set to what its records are."""


@dataclasses.dataclass(frozen=True, slots=True)
class Feature:
    """One entry of an example.

    Attributes:
        name: path in the example, for instance `feature/yaw`.
        kind: bytes (an encoded image), str, float, int or bool.
        doc: its meaning.
    """

    name: str
    kind: type
    doc: str


@functools.cache
def features(example: type) -> tuple[Feature, ...]:
    """The entries of an example, faces unfolded, in the order of their declaration."""
    found: list[Feature] = []
    for name, hint in get_type_hints(example, include_extras=True).items():
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            inner = features(hint)
            found += [Feature(f"{name}/{each.name}", each.kind, each.doc) for each in inner]
        else:
            kind, doc = get_args(hint)
            found.append(Feature(name, kind, doc))
    return tuple(found)


@functools.cache
def faces_of(example: type) -> tuple[str, ...]:
    """The names of the faces in an example, for instance feature and target."""
    hints = get_type_hints(example)
    return tuple(name for name, hint in hints.items() if hint is ShardFace)


def face_fields() -> tuple[str, ...]:
    """The fields of a `ShardFace` besides its image."""
    return tuple(f.name for f in dataclasses.fields(ShardFace) if f.name != "image")
