"""The contracts between stages. Here: the face row, which `faces/` is made of.

A field is declared once, as an annotated attribute of `FaceRow`: its name, its Python type, its
Arrow type and its meaning. The Parquet schema and the documentation follow from that.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Annotated, Any, get_args, get_type_hints

import pyarrow as pa

FACES_FORMAT = 1
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
    sharpness: Annotated[float | None, _Float, "variance of the Laplacian of the grey crop"] = None
    crop: Annotated[bytes | None, pa.binary(), "the aligned face, encoded as extract.json says"] = (
        None
    )


@functools.cache
def face_schema() -> pa.Schema:
    """The Arrow schema of `faces/*.parquet`; each field's metadata holds its `doc`."""
    hints = get_type_hints(FaceRow, include_extras=True)
    return pa.schema([_arrow_field(f.name, hints[f.name]) for f in dataclasses.fields(FaceRow)])


def _arrow_field(name: str, hint: Any) -> pa.Field:
    python_type, arrow_type, doc = get_args(hint)
    nullable = type(None) in get_args(python_type)
    return pa.field(name, arrow_type, nullable=nullable, metadata={"doc": doc})
