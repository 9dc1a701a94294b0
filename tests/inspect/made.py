"""Small folders of faces and data sets, made with the format modules alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pyarrow as pa

from faceprep import dataset_folder, example, manifest, part_file, parts, records, storage, tfrecord
from faceprep.dataset_folder import ImageForm, Split
from faceprep.extract.layouts import SCHEMA
from faceprep.records import FaceRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SIDE = 24
OPTIONS = {"layout": "identity", "size": SIDE, "format": "jpg"}


def crop(number: int, ending: str = "jpg") -> bytes:
    """An image of `SIDE` × `SIDE` pixels, another one for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return bytes(cv2.imencode(f".{ending}", pixels)[1].tobytes())


def face(key: str, identity: str, number: int = 0, **changes: Any) -> FaceRow:
    """A row with a face; `number` tells its pose and crop from others'."""
    image = crop(number)
    row = FaceRow(
        key,
        identity,
        records.OK,
        sha256=f"{number:064x}",
        width=640,
        height=480,
        damaged=False,
        face_index=0,
        face_count=1,
        score=0.75,
        box_x=10.0,
        box_y=20.0,
        box_width=100.0,
        box_height=110.0,
        keypoints=[float(n) for n in range(12)],
        eye_distance=40.5,
        yaw=-10.0 * number,
        pitch=3.25,
        roll=0.0,
        pose_source="keypoints",
        frontality=95.5,
        sharpness=123.5,
        crop_bytes=len(image),
        crop=image,
    )
    return replace(row, **changes)


def no_face(key: str, identity: str) -> FaceRow:
    """A reject."""
    return FaceRow(key, identity, records.NO_FACE, reason="no face found", width=9, height=9)


def make_faces(
    folder: Path, *slices: Sequence[FaceRow], finished: bool = True, **options: Any
) -> Path:
    """A folder of faces in which each slice (of at most 128 images) is a part; `[]` leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"format": records.FACES_FORMAT, "digest": "d", "versions": {"faceprep": "1"}}
    content |= {"options": OPTIONS | options, "counts": {} if finished else None}
    manifest.write(str(folder), parts.MANIFEST, content)
    for update, rows in enumerate(slices):
        by_image: dict[str, list[FaceRow]] = {}
        for row in rows:
            by_image.setdefault(row.key, []).append(row)
        images = [image[0] for image in by_image.values()]
        names = list(SCHEMA.names)
        table = pa.table({n: [getattr(image, n) for image in images] for n in names}, SCHEMA)
        if not images:
            table = pa.table({"key": ["?"], "identity": ["?"], "clip": [None], "view": [None]})
        parts.write_catalog(str(folder), update, "identity", table.cast(SCHEMA))
        if rows:
            part_file.write_part(
                str(folder), parts.Part(update, 0, 1), "made of", by_image.values()
            )
    return folder


@dataclass(frozen=True)
class DataSet:
    """A data set on disk.

    Attributes:
        folder: of the version.
        examples: split to the values of its examples, in their order.
    """

    folder: Path
    examples: Mapping[str, list[dict[str, Any]]]


def example_values(data_set: str, split: str, number: int, ending: str = "jpg") -> dict[str, Any]:
    """An example in which every value tells which it is; its last face is a stand-in."""
    last = records.faces_of(records.EXAMPLES[data_set])[-1]
    values: dict[str, Any] = {}
    for place, feature in enumerate(records.features(records.EXAMPLES[data_set])):
        role, _, name = feature.name.rpartition("/")
        if feature.kind is bytes:
            values[feature.name] = crop(100 * number + place, ending)
        elif feature.kind is str:
            values[feature.name] = f"{split}/{number:03d}/{place} é"
        elif feature.kind is float:
            values[feature.name] = float("nan") if role == last else number - place / 8
        else:
            values[feature.name] = name == "label" if role == "" else role != last
        values[feature.name] = feature.kind(values[feature.name])
    return values


def make_data_set(
    root: Path,
    data_set: str,
    lengths: Mapping[str, Iterable[int]],
    *,
    compression: str = "none",
    finished: bool = True,
    ending: str = "jpg",
    **changes: Any,
) -> DataSet:
    """A data set below `root`, with as many records in each split's shards as `lengths` says.

    `changes` are values that all of its examples have; those of a list they have in turn.
    """
    folder = root / data_set / records.SHARDS_VERSION
    folder.mkdir(parents=True)
    splits: dict[str, Split] = {}
    examples: dict[str, list[dict[str, Any]]] = {}
    for name, of_shards in lengths.items():
        split = Split(name, tuple(of_shards), 0)
        numbers = range(split.examples)
        examples[name] = [
            example_values(data_set, name, n, ending) | _in_turn(changes, n) for n in numbers
        ]
        payloads = [example.encode(values) for values in examples[name]]
        splits[name] = replace(split, bytes=sum(map(len, payloads)))
        _write_shards(folder, data_set, split, payloads, compression)
    image = ImageForm(SIDE, {"jpg": "jpeg"}.get(ending, ending))
    _write_metadata(folder, data_set, splits, image, compression, finished)
    return DataSet(folder, examples)


def _in_turn(changes: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        name: to[number % len(to)] if isinstance(to, list) else to for name, to in changes.items()
    }


def _write_shards(
    folder: Path, data_set: str, split: Split, payloads: list[bytes], compression: str
) -> None:
    left = iter(payloads)
    for shard, length in zip(split.shards(data_set), split.lengths, strict=True):
        with (
            (folder / shard.name).open("wb") as file,
            tfrecord.compressed(file, compression) as stream,
        ):
            for _ in range(length):
                tfrecord.write_record(stream, next(left))


def _write_metadata(
    folder: Path,
    data_set: str,
    splits: dict[str, Split],
    image: ImageForm,
    compression: str,
    finished: bool,
) -> None:
    content = {
        "format": records.SHARDS_VERSION,
        "data_set": data_set,
        "options": {"seed": 0, "compression": compression},
        "inputs": {"faces": "f" * 64},
        "image": asdict(image),
        "versions": {"faceprep": "1"},
        "counts": {"identities": 3} if finished else None,
    }
    manifest.write(str(folder), dataset_folder.MANIFEST, content)
    if finished:
        files = {
            dataset_folder.INFO: dataset_folder.info(data_set, splits),
            dataset_folder.FEATURES: dataset_folder.feature_tree(data_set, image),
        }
        for name, text in files.items():
            storage.write_bytes(str(folder / name), text)


def damage(path: Path, place: int) -> None:
    """Turn one byte of a file over; negative places count from its end."""
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
