"""People out of the files of a folder of faces: parts, catalogues, counts, and what runs have left behind."""

from __future__ import annotations

import dataclasses
import itertools
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from faceprep import archives, journal, part_file, parts, storage, targets
from faceprep.errors import InputError
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from faceprep.parts import Counts, Part
    from faceprep.records import FaceRow


@dataclass(frozen=True)
class Leaving:
    """What there is of people who are to be forgotten.

    Attributes:
        images: in the catalogues.
        faces: in the parts that are there.
        parts: that hold any of these, finished or planned.
    """

    images: int
    faces: int
    parts: tuple[Part, ...]


def people_in(folder: str) -> frozenset[str]:
    """Everybody in the catalogues. Raises InputError: one is damaged."""
    return frozenset(
        name
        for _, images in parts.slices(folder)
        for name in pc.unique(images["identity"]).to_pylist()
    )


def parts_there(folder: str) -> list[Part]:
    """The parts that the catalogues call for and that are there, in their order.

    A file that has the name of a part, and that no catalogue calls for, is not one of them.
    """
    there = parts.finished_parts(folder)
    return [part for part in parts.planned_parts(folder) if part in there]


def look(folder: str, digest: str, people: Collection[str]) -> Leaving:
    """Count what there is of some people, and make sure that it can be removed.

    Args:
        folder: of the faces.
        digest: of the options that it was made with.
        people: who is to be removed.

    Raises:
        InputError: a part that holds one of them is damaged, or was made of other images.
    """
    there = frozenset(parts_there(folder))
    images, faces, held = 0, 0, []
    for part, batch in parts.slices(folder):
        left = parts.without(batch, people)
        if left.num_rows == batch.num_rows:
            continue
        images += batch.num_rows - left.num_rows
        held.append(part)
        if part in there and not part_file.is_made_of(
            folder, part, parts.fingerprint(digest, left)
        ):
            part_file.read_counts(folder, part, parts.fingerprint(digest, batch))
            location = storage.join(folder, part.name)
            rows = part_file.read_rows(location)
            faces += sum(row.identity in people and row.face_index is not None for row in rows)
    return Leaving(images, faces, tuple(held))


def rewrite_parts(
    folder: str, digest: str, people: Collection[str], *, bar: bool
) -> dict[Part, Counts]:
    """Make each part that holds some people anew from its own rows, without theirs.

    Parts that hold none keep their bytes, and what was done before a kill is seen by its fingerprint.

    Returns:
        What is in each part of the folder that is there.

    Raises:
        InputError: a part is damaged. StorageError: no space, no permission.
    """
    there = frozenset(parts_there(folder))
    counts: dict[Part, Counts] = {}
    with Progress(len(there), bar=bar, unit="parts") as progress:
        for part, batch in parts.slices(folder):
            if part in there:
                made_of = parts.fingerprint(digest, parts.without(batch, people))
                if not part_file.is_made_of(folder, part, made_of):
                    images = _images(storage.join(folder, part.name), people)
                    part_file.write_part(folder, part, made_of, images)
                counts[part] = part_file.read_counts(folder, part, made_of)
                progress.advance(1)
    return counts


def _images(location: str, people: Collection[str]) -> Iterator[list[FaceRow]]:
    """For each image of others its rows."""
    for _, rows in itertools.groupby(part_file.read_rows(location), operator.attrgetter("key")):
        image = list(rows)
        if image[0].identity not in people:
            yield image


def rewrite_catalogues(folder: str, people: Collection[str]) -> None:
    """The last that tells who was there; those without them are left. Raises InputError, StorageError."""
    updates = {
        part.update
        for part, images in parts.slices(folder)
        if parts.without(images, people).num_rows < images.num_rows
    }
    for update in sorted(updates):
        parts.leave_out(folder, update, people)


def remove_leftovers(folder: str) -> None:
    """Delete what killed runs have left, and pieces of archives. Raises StorageError."""
    storage.remove_folder(storage.join(folder, archives.FOLDER))
    for place in (folder, storage.join(folder, journal.FOLDER)):
        storage.remove_leftovers(place)


def counted(
    folder: str, described: Mapping[str, Any], counts: Mapping[Part, Counts]
) -> dict[str, Any]:
    """The manifest with the counts as they are now; without any where parts are still to be extracted."""
    if counts.keys() != set(parts.planned_parts(folder)):
        return dict(described)
    total = sum(counts.values(), parts.Counts())
    worst = journal.worst_part((part.name, each) for part, each in counts.items())
    return {**described, "counts": dataclasses.asdict(total), "worst_part": worst}


def strange_files(folder: str) -> tuple[str, ...]:
    """Files that are not of these faces, parts that no catalogue calls for among them: paths, sorted."""
    ours = {parts.MANIFEST, targets.NAME}
    ours |= {part.name for part in parts.planned_parts(folder)}
    ours |= {parts.catalog_name(update) for update in range(parts.count_updates(folder))}
    try:
        found = sorted(name for name, _ in storage.find(folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error})") from None
    return tuple(name for name in found if name not in ours and not _of_runs(name))


def _of_runs(name: str) -> bool:
    """Whether a path is one that runs leave things at: all that is deleted, or told no names in."""
    room, _, rest = name.partition("/")
    return room == archives.FOLDER or (room == journal.FOLDER and "/" not in rest)
