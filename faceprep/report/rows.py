"""The rows of a folder of faces as the page needs them, and whose they are. No pictures yet.

Strings become numbers once; what follows are sorts of integers, for hundreds of thousands of faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records
from faceprep.faces.pose import facing_angle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.face_folder import FaceFolder

    Indices = NDArray[np.int64]

_TEXT = ("key", "identity", "clip", "status", "reason", "sha256")
_NUMBERS = (
    *("yaw", "pitch", "roll", "frontality", "score", "sharpness", "box_width", "box_height"),
    *("width", "height", "crop_bytes"),
)
_OF_REJECTS = [
    "name",
    "group",
    "picture",
    "part",
    "identity",
    "status",
    "reason",
    "width",
    "height",
]
_DIGITS = 16  # of a SHA-256 in hexadecimal: enough to tell all pictures apart


@dataclass(frozen=True)
class Rows:
    """Everything that is in the parts.

    Attributes:
        faces: their rows: `name` (`records.face_key`), `group` (index into `groups`), `picture` (the
            same for copies of one file: the end of its SHA-256), `size` (px, of the box's longer
            side), `angle` (degrees, of the stored pose), `part`, `row`, and as in `records.FaceRow`
            `identity`, `face_index`, `yaw`, `pitch`, `roll`, `frontality`, `score`, `sharpness`,
            `box_width`, `box_height`, `crop_bytes`.
        rejects: those of images without a face: `name`, `group`, `picture`, `part`, and as in
            `records.FaceRow` `identity`, `status`, `reason`, `width`, `height`.
        groups: `identity` and `clip` (empty without) of everybody, those too of whom no face was found;
            sorted by these.
    """

    faces: pa.Table
    rejects: pa.Table
    groups: pa.Table

    @property
    def images(self) -> int:
        """How many images there are: an image with several faces counts once."""
        first = pc.equal(self.faces["face_index"], 0)
        return int(self.rejects.num_rows + (pc.sum(first).as_py() or 0))

    def per_group(self, rows: pa.Table) -> Indices:
        """(groups,) how many of these rows each group has."""
        return np.bincount(indices(rows, "group"), minlength=self.groups.num_rows)

    def title(self, group: int) -> str:
        """What a group is called: the identity, and the clip if there is one."""
        name = self.groups.slice(group, 1).to_pylist()[0]
        return f"{name['identity']}, {name['clip']}" if name["clip"] else str(name["identity"])

    def by_angle(self, groups: Indices, most: int | None = None) -> list[tuple[int, ...]]:
        """For each of these groups its faces (indices), the most frontal first; so many at the most."""
        order = np.lexsort((floats(self.faces, "angle"), indices(self.faces, "group")))
        counts = self.per_group(self.faces)
        starts, ends = (np.cumsum(counts) - counts)[groups], np.cumsum(counts)[groups]
        stops = ends if most is None else np.minimum(ends, starts + most)
        return [
            tuple(order[start:stop].tolist())
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
        ]


def read_rows(folder: FaceFolder, *, clips: bool) -> Rows:
    """Read all rows, part after part.

    Args:
        folder: of faces.
        clips: make a group of each clip, not of each identity.

    Raises:
        InputError: a part cannot be read.
    """
    table = folder.rows((*_TEXT, "face_index", *_NUMBERS), _slim)
    groups, group = _groups(table, clips)
    table = table.append_column("group", pa.array(group, pa.int64()))
    found = pc.equal(table["status"], records.OK)
    faces = table.filter(found).drop_columns(["status", "reason", "clip", "width", "height"])
    with np.errstate(invalid="ignore"):  # a pose may be anything in a strange folder
        angle = facing_angle(floats(faces, "yaw"), floats(faces, "pitch"))
    rejects = table.filter(pc.invert(found))
    return Rows(
        faces.append_column("angle", pa.array(angle, pa.float32())),
        rejects.select(_OF_REJECTS),
        groups,
    )


def floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    """(rows,) a column; what is null becomes NaN."""
    return np.asarray(table[name].cast(pa.float64()).to_numpy(), np.float64)


def indices(table: pa.Table, name: str) -> Indices:
    """(rows,) a column of whole numbers, none of them null."""
    return np.asarray(table[name].to_numpy(), np.int64)


def _slim(part: pa.Table) -> pa.Table:
    """The rows of a part, with no more than is needed of each."""
    columns = {
        "name": records.face_keys(part),
        "picture": pc.utf8_slice_codeunits(part["sha256"], -_DIGITS, None),
        "size": pc.max_element_wise(part["box_width"], part["box_height"]),
    }
    for name, column in columns.items():
        part = part.append_column(name, column)
    return part.drop_columns(["key", "sha256"])


def _groups(table: pa.Table, clips: bool) -> tuple[pa.Table, Indices]:
    """The groups, sorted, and the index of each row's own."""
    clip = pa.repeat("", table.num_rows)
    if clips:
        clip = pc.fill_null(table["clip"], "").combine_chunks()
    people, person = _sorted_codes(table["identity"].combine_chunks())
    videos, video = _sorted_codes(clip)
    both, group = np.unique(person * max(len(videos), 1) + video, return_inverse=True)
    columns = [people.take(both // max(len(videos), 1)), videos.take(both % max(len(videos), 1))]
    return pa.table(columns, ["identity", "clip"]), np.asarray(group, np.int64)


def _sorted_codes(column: pa.StringArray) -> tuple[pa.Array, Indices]:
    """The distinct values, ascending, and for each row which it is."""
    found = column.dictionary_encode()
    order = pc.sort_indices(found.dictionary).to_numpy().astype(np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return found.dictionary.take(order), place[found.indices.to_numpy()]
