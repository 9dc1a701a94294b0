"""What a page tells of data sets of shards. Read without tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faceprep import dataset_folder, records, storage, tfrecord
from faceprep.dataset_folder import MANIFEST
from faceprep.errors import InputError
from faceprep.report.contents import DataSetContents, Split
from faceprep.report.examples import within
from faceprep.report.sample import histograms, read_samples
from faceprep.report.text import number, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from faceprep.report.sample import Sample

_COUNTS = {
    "identities": "people",
    "conflicts": "left out: of pictures under two people",
    "without_target": "left out: of people without a target",
    "duplicates": "left out: copies",
    "singletons": "left out: the only face of a person",
    "targets_themselves": "left out: the targets themselves",
    "beyond_max_per_identity": "left out: beyond --max-per-identity",
    "other_views": "left out: of other views",
    "outside_splits": "left out: of people in no split",
    "no_anchors": "faces without another of the person",
    "conflicting_pictures": "pictures under two people",
    "stand_ins": "images without a face",
    "pairs_with_stand_ins": "pairs with one of them",
}
"""Counts of `shard.json` in words."""


def find_data_sets(path: str) -> list[str]:
    """The version folders of data sets at or below a folder; none where it has none, or is not there.

    Raises:
        InputError: it cannot be read.
    """
    try:
        below = dataset_folder.version_folders(path, storage.names(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    return [storage.join(path, version).rstrip("/") for version in below]


def read_data_set(folder: str, *, budget: int, faces: str | None = None) -> DataSetContents:
    """Collect what a page tells of one data set.

    Args:
        folder: of a version of it.
        budget: bytes of all pictures together.
        faces: digest of those that the page shows above; None where it shows none.

    Raises:
        InputError: unfinished, of another version, a shard missing, a record damaged that was looked at.
    """
    described = dataset_folder.read_finished(folder)
    try:
        name = dataset_folder.one_of(records.EXAMPLES, described["data_set"])
        compression = dataset_folder.one_of(
            tfrecord.COMPRESSIONS, described["options"]["compression"]
        )
        facts = dict(_facts(described))
        notes = tuple(_of_other_faces(described, faces))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        location = storage.join(folder, MANIFEST)
        raise InputError(f"{location}: not as faceprep writes it ({error})") from None
    found = dataset_folder.read_splits(folder)
    sizes = _sizes(folder, name, found)
    samples = read_samples(folder, name, found, compression)
    return DataSetContents(
        path=folder,
        name=name,
        facts=_totals(found, sizes) | facts,
        options={each.replace("_", " "): str(to) for each, to in described["options"].items()},
        splits=tuple(
            Split(each, split.examples, len(split.lengths), sizes[each], dict(samples[each].labels))
            for each, split in found.items()
        ),
        yaw=histograms(samples),
        examples=within({split: each.examples for split, each in samples.items()}, budget),
        notes=(*notes, *_notes(found, samples)),
    )


def not_shown(folder: str, reason: str) -> DataSetContents:
    """What is told of a data set that cannot be shown: where it is, and why."""
    data_set = next((name for name in records.EXAMPLES if name in folder.split("/")), "data set")
    return DataSetContents(folder, data_set, {}, {}, (), {}, {}, (reason,))


def _sizes(
    folder: str, data_set: str, splits: Mapping[str, dataset_folder.Split]
) -> dict[str, int]:
    """Split to the bytes of its shards. Raises InputError: one is missing."""
    try:
        there = storage.sizes(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error})") from None
    files = {n: [shard.name for shard in split.shards(data_set)] for n, split in splits.items()}
    for name in (name for of_split in files.values() for name in of_split):
        if name not in there:
            raise InputError(f"{storage.join(folder, name)}: missing; 'faceprep verify' tells more")
    return {name: sum(there[file] for file in of_split) for name, of_split in files.items()}


def _totals(splits: Mapping[str, dataset_folder.Split], sizes: Mapping[str, int]) -> dict[str, str]:
    return {
        "records": f"{sum(split.examples for split in splits.values()):,}",
        "shards": f"{sum(len(split.lengths) for split in splits.values()):,}",
        "size on disk": size(sum(sizes.values())),
    }


def _facts(described: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What `shard.json` tells; data sets of older versions have no `run`."""
    for name, count in described["counts"].items():
        if count:
            yield _COUNTS.get(name, name.replace("_", " ")), f"{count:,}"
    image = described["image"]
    yield "images", f"{image['size']} × {image['size']} px, {image['format']}"
    if run := described.get("run"):
        workers = f"{run['workers']:,} worker{'s' if run['workers'] > 1 else ''}"
        yield "records/s", f"{number(run['per_second'])} with {workers}"
    yield "made by", ", ".join(f"{name} {which}" for name, which in described["versions"].items())


def _of_other_faces(described: Mapping[str, Any], above: str | None) -> Iterator[str]:
    """A note where `shard.json` names other faces than those above."""
    made_of = described.get("inputs", {}).get("faces")
    if above and made_of and made_of != above:
        yield "It was made of other faces than those above; shard again to match."


def _notes(
    splits: Mapping[str, dataset_folder.Split], samples: Mapping[str, Sample]
) -> Iterator[str]:
    """What the reader should know of the figures."""
    parts = [
        f"{samples[name].records:,} of {split.examples:,} of {name}"
        for name, split in splits.items()
        if samples[name].records < split.examples
    ]
    if parts:
        yield (
            "Angles and labels are those of the first records of each split, which lie in random order: "
            f"{', '.join(parts)}."
        )
