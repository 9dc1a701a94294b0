"""Rows of faces/ as the stage reads them, made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faceprep import records
from faceprep.select.candidates import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

Face = dict[str, Any]

SCHEMA = pa.schema(
    [
        *(records.face_schema().field(name) for name in COLUMNS),
        pa.field("part", pa.int32()),
        pa.field("row", pa.int32()),
    ]
)


def face(key: str, yaw: float = 0.0, pitch: float = 0.0, **changes: Any) -> Face:
    """A row with a face; the identity is the first folder of the key, the picture its own."""
    box = {"box_x": 0.0, "box_y": 0.0, "box_width": 100.0, "box_height": 100.0}
    pose = {"yaw": yaw, "pitch": pitch, "roll": 0.0, "pose_source": "keypoints"}
    picture = {"identity": key.split("/")[0], "clip": None, "status": "ok", "sha256": key}
    quality = {"score": 1.0, "sharpness": 100.0, "keypoints": [0.0] * 12}
    return {"key": key, "face_index": 0, **picture, **box, **pose, **quality, **changes}


def reject(key: str, **changes: Any) -> Face:
    """A row without a face."""
    row = {"key": key, "identity": key.split("/")[0], "status": "no_face", "sha256": key}
    return {**dict.fromkeys(SCHEMA.names), **row, **changes}


def table(faces: Sequence[Face]) -> pa.Table:
    """Rows as `FaceFolder.rows` gives them."""
    places = ({"part": 0, "row": row, **face} for row, face in enumerate(faces))
    return pa.Table.from_pylist(list(places), SCHEMA)
