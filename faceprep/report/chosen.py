"""The targets of a folder of faces, laid beside the rows that they were chosen from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records, storage
from faceprep.report.rows import floats, indices
from faceprep.targets import NAME, read_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.face_folder import FaceFolder
    from faceprep.report.rows import Indices, Rows
    from faceprep.targets import Targets


@dataclass(frozen=True)
class Chosen:
    """Who is the target of whom, as far as that is known.

    Attributes:
        words: whether targets have been chosen, and of these faces.
        targets: `records.target_schema()`, a row for each of `Rows.groups`; None without targets.
        faces: (groups,) the target's index in `Rows.faces`; -1 where there is none.
        runners_up: (groups,) that of the face that would be the target without this one.
    """

    words: str
    targets: pa.Table | None
    faces: Indices
    runners_up: Indices

    @property
    def per_clip(self) -> bool:
        """Whether each clip has a target of its own."""
        return self.targets is not None and self.targets["clip"].null_count < self.targets.num_rows

    @property
    def without(self) -> Indices:
        """The groups of which is known that they have no target."""
        return np.flatnonzero(self.faces < 0) if self.targets else np.empty(0, np.int64)

    @property
    def angles(self) -> NDArray[np.float64]:
        """(groups,) degrees by which targets are turned away, as they were chosen; NaN without one."""
        return self.told_of_all("angle")

    def told_of_all(self, name: str) -> NDArray[np.float64]:
        """(groups,) a number that `targets.parquet` says of each group; NaN where it does not."""
        if self.targets is None:
            return np.full(len(self.faces), np.nan)
        return floats(self.targets, name)

    def told(self, group: int) -> dict[str, Any]:
        """What `targets.parquet` says of a group; empty without targets."""
        return self.targets.slice(group, 1).to_pylist()[0] if self.targets else {}


def targets_of(folder: FaceFolder) -> tuple[Targets | None, str]:
    """The targets that were chosen from these very faces, if any, and what to say of them.

    Raises:
        InputError: `targets.parquet` is there, and damaged.
    """
    found = read_targets(storage.join(folder.path, NAME))
    if found is None:
        return None, "not chosen; 'faceprep select' chooses them"
    if found.faces != folder.digest:
        return None, f"{NAME} is of other faces than these; choose again with 'faceprep select'"
    return found, ""


def lay_beside(found: Targets | None, words: str, rows: Rows) -> Chosen:
    """The targets in the order of the groups, and where their faces are.

    Args:
        found: chosen from these faces; None without.
        words: for this case.
        rows: with groups as the targets have them.
    """
    nobody = np.full(rows.groups.num_rows, -1, np.int64)
    if found is None:
        return Chosen(words, None, nobody, nobody)
    place = pc.index_in(_owners(rows.groups), value_set=_owners(found.rows))
    targets = found.rows.take(place)
    faces = _where(records.face_keys(targets), rows)
    have = f"{np.count_nonzero(faces >= 0):,} of {len(faces):,} have one"
    return Chosen(have, targets, faces, _where(targets["runner_up"], rows))


def _owners(table: pa.Table) -> pa.Array:
    """Identity and clip as one string; neither holds the character between them."""
    clip = pc.fill_null(table["clip"], "")
    return pc.binary_join_element_wise(table["identity"], clip, "\0").combine_chunks()


def _where(names: pa.ChunkedArray, rows: Rows) -> Indices:
    """(groups,) where the faces of these names are; -1 for null, and for what is not of the group."""
    found = pc.index_in(names, value_set=rows.faces["name"].combine_chunks(), skip_nulls=True)
    place = np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)
    group = np.append(indices(rows.faces, "group"), -1)
    return np.where(group[place] == np.arange(len(place)), place, -1)
