"""A data set of shards, and one shard: what is in them."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from faceprep import dataset_folder, manifest, records, shard_file, storage, tfrecord
from faceprep.errors import InputError
from faceprep.inspect.pictures import save_data_set, save_records
from faceprep.inspect.report import MORE, Column, Inspection, Shown
from faceprep.inspect.words import face_words, json_value, save_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from faceprep.dataset_folder import Shard, Split

_LOOKED_AT = 2000
"""Records whose faces' poses are drawn; reading them takes half a second."""


def inspect_data_set(path: str, wanted: int, save: str | None) -> Inspection:
    """Look into a version folder of a data set, finished or not.

    The records shown are the first of each split, spread evenly over the splits.

    Raises:
        InputError: `shard.json` or `dataset_info.json` cannot be read, or is of something else.
        StorageError: `save` cannot be written.
    """
    described = manifest.read(path, dataset_folder.MANIFEST) or {}
    data_set = str(described.get("data_set"))
    if data_set not in records.EXAMPLES:
        raise InputError(f"{path}: {dataset_folder.MANIFEST} names no data set that is known here")
    finished = described.get("counts") is not None
    there = dataset_folder.shards_in(path)
    splits = dataset_folder.read_splits(path) if finished else {}
    planned = {shard for split in splits.values() for shard in split.shards(data_set)}
    notes = [f"{shard.name}: missing; {MORE}" for shard in sorted(planned - there)]
    facts = {
        "finished": finished,
        "splits": _split_facts(splits) if finished else _unfinished(there),
        **{name: value for name, value in described.items() if name != "data_set"},
    }
    compression = str(described["options"].get("compression", "none"))
    files = [sorted(s for s in there if s.split == name) for name in _in_order(splits, there)]
    shown = tuple(_shown(_first(path, files, compression, wanted), save))
    what = f"the data set {data_set}: {_summary(data_set)}"
    pictures: tuple[str, ...] = ()
    if save is not None:
        sample = _yaws(_first(path, files, compression, _LOOKED_AT), data_set)
        pictures = (save_data_set(save, _sizes(splits), sample), *save_records(save, shown))
    return Inspection(path, what, facts, _columns(data_set), shown, tuple(notes), pictures=pictures)


def inspect_shard(path: str, wanted: int, save: str | None) -> Inspection:
    """Look into one shard.

    Raises:
        InputError: of a data set that is not faceprep's, or not readable.
        StorageError: `save` cannot be written.
    """
    folder, _, name = path.rpartition("/")
    shard = dataset_folder.parse_shard(name)
    if shard is None or shard.data_set not in records.EXAMPLES:
        known = ", ".join(records.EXAMPLES)
        raise InputError(f"{path}: of a data set that is not known here (known: {known})")
    folder = folder or "."
    compression = _compression(folder, path)
    facts: dict[str, Any] = {
        "data_set": shard.data_set,
        "split": shard.split,
        "shard": f"{shard.index} of 0 to {shard.total - 1}",
        "compression": compression,
        **_length(folder, shard),
    }
    shown = tuple(_shown(_first(folder, [[shard]], compression, wanted), save))
    what = f"one shard of the data set {shard.data_set}"
    pictures = save_records(save, shown) if save else ()
    return Inspection(path, what, facts, _columns(shard.data_set), shown, pictures=pictures)


def _columns(data_set: str) -> tuple[Column, ...]:
    found = records.features(records.EXAMPLES[data_set])
    return tuple(
        Column(each.name, "image" if each.kind is bytes else each.kind.__name__, each.doc)
        for each in found
    )


def _summary(data_set: str) -> str:
    """The first line of what its examples are, as a part of a sentence."""
    line = (records.EXAMPLES[data_set].__doc__ or "").partition("\n")[0].rstrip(".")
    return line[:1].lower() + line[1:]


def _split_facts(splits: Mapping[str, Split]) -> dict[str, dict[str, int]]:
    return {
        name: {"examples": split.examples, "shards": len(split.lengths), "bytes": split.bytes}
        for name, split in splits.items()
    }


def _sizes(splits: Mapping[str, Split]) -> dict[str, int]:
    return {name: split.examples for name, split in splits.items()}


def _yaws(
    found: Iterator[tuple[Shard, tfrecord.Record]], data_set: str
) -> Iterator[dict[str, float]]:
    """Of the faces of each record, by their role; what is damaged is passed over."""
    roles = records.faces_of(records.EXAMPLES[data_set])
    for _, record in found:
        with suppress(ValueError):
            values = shard_file.values(record, data_set)
            yield {role: values[f"{role}/yaw"] for role in roles}


def _unfinished(there: set[Shard]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for shard in sorted(there):
        entry = found.setdefault(shard.split, {"shards": 0, "shards_planned": shard.total})
        entry["shards"] += 1
    return found


def _in_order(splits: Mapping[str, Split], there: set[Shard]) -> list[str]:
    return list(splits) or sorted({shard.split for shard in there})


def _compression(folder: str, path: str) -> str:
    described = manifest.read(folder, dataset_folder.MANIFEST)
    if described:
        return str(described["options"].get("compression", "none"))
    try:
        with storage.open_input(path) as file:
            return "GZIP" if tfrecord.has_our_header(file) else "none"
    except OSError as error:
        raise InputError(f"{path}: not readable ({error.strerror or error})") from None


def _length(folder: str, shard: Shard) -> dict[str, int]:
    """How many examples it should have, if its data set is finished."""
    if not storage.exists(storage.join(folder, dataset_folder.INFO)):
        return {}
    split = dataset_folder.read_splits(folder).get(shard.split)
    known = split is not None and shard in split.shards(shard.data_set)
    return {"examples": split.lengths[shard.index]} if split and known else {}


def _first(
    folder: str, splits: Sequence[Sequence[Shard]], compression: str, wanted: int
) -> Iterator[tuple[Shard, tfrecord.Record]]:
    """The first records of each split; the earlier splits get those that do not come out even."""
    for index, shards in enumerate(splits):
        share = -(-wanted // (len(splits) - index))
        taken = list(islice(_records(folder, shards, compression), share))
        yield from taken
        wanted -= len(taken)


def _records(
    folder: str, shards: Sequence[Shard], compression: str
) -> Iterator[tuple[Shard, tfrecord.Record]]:
    for shard in shards:
        for record in shard_file.read_records(storage.join(folder, shard.name), compression):
            yield shard, record


def _shown(found: Iterator[tuple[Shard, tfrecord.Record]], save: str | None) -> Iterator[Shown]:
    for number, (shard, record) in enumerate(found):
        where = f"{shard.name} record {record.index}"
        try:
            values = shard_file.values(record, shard.data_set)
        except ValueError as error:
            yield Shown(where, (f"damaged: {error}; {MORE}",), {})
            continue
        roles = records.faces_of(records.EXAMPLES[shard.data_set])
        images = [(role, values[f"{role}/image"]) for role in roles]
        yield Shown(
            where,
            _WORDS[shard.data_set](values),
            {name: json_value(value) for name, value in values.items()},
            save_pictures(save, number, images),
        )


def _face(values: Mapping[str, Any], role: str) -> str:
    face = {name.removeprefix(f"{role}/"): value for name, value in values.items()}
    return f"{role} {face_words(face, values[f'{role}/key'], values[f'{role}/image'])}"


def _pair(values: Mapping[str, Any]) -> tuple[str, ...]:
    return _face(values, "feature"), f"-> {_face(values, 'target')}"


def _verification(values: Mapping[str, Any]) -> tuple[str, ...]:
    label = "the same person" if values["label"] == records.LABEL_SAME else "different people"
    head = f"{values['protocol']}, fold {values['fold']}, {label} ({values['key']})"
    return head, _face(values, "first"), _face(values, "second")


def _triplet(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_face(values, role) for role in ("anchor", "positive", "negative"))


_WORDS: dict[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "pairs": _pair,
    "cfp": _verification,
    "triplets": _triplet,
}
