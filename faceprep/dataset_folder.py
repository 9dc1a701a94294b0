"""A data set on disk, laid out as TensorFlow Datasets does, so that it is read without faceprep.

    DIR/pairs/1.0.0/
      pairs-train.tfrecord-00000-of-00004     the shards
      dataset_info.json, features.json        what tfds.builder_from_directory reads
      shard.json                              faceprep's own: options, versions, counts

https://www.tensorflow.org/datasets/external_tfrecord describes the layout.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import manifest, records, storage
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MANIFEST = "shard.json"
TARGETS = "targets.parquet"
"""In a data set of pairs: the targets as they were chosen, a copy."""

INFO, FEATURES = "dataset_info.json", "features.json"
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"
_SHARD = re.compile(
    r"(?P<data_set>\w+)-(?P<split>\w+)\.tfrecord-(?P<index>\d{5})-of-(?P<total>\d{5})"
)

_VERSION = re.compile(r"\d+\.\d+\.\d+")

IMAGE_FORMATS = {"jpg": "jpeg", "png": "png"}
"""The formats of crops: as extract calls them, and as TensorFlow Datasets does."""

_TFDS = "tensorflow_datasets.core.features"


@dataclass(frozen=True, order=True)
class Shard:
    """One file of a data set.

    Attributes:
        data_set: its name, for instance `pairs`.
        split: for instance `train`.
        index: from 0.
        total: how many shards the split has.
    """

    data_set: str
    split: str
    index: int
    total: int

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.data_set}-{self.split}.tfrecord-{self.index:05d}-of-{self.total:05d}"


@dataclass(frozen=True)
class Split:
    """What a finished split holds.

    Attributes:
        name: of the split.
        lengths: records in each of its shards.
        bytes: of all its examples, without their frames.
    """

    name: str
    lengths: tuple[int, ...]
    bytes: int

    @property
    def examples(self) -> int:
        """Records in all its shards."""
        return sum(self.lengths)

    def shards(self, data_set: str) -> list[Shard]:
        """Its files."""
        total = len(self.lengths)
        return [Shard(data_set, self.name, index, total) for index in range(total)]


@dataclass(frozen=True)
class ImageForm:
    """What the images of a data set are.

    Attributes:
        size: side in pixels; they are square and have three channels.
        format: `jpeg` or `png`.
    """

    size: int
    format: str

    @classmethod
    def of_crops(cls, extract: Mapping[str, Any]) -> ImageForm:
        """Of the crops that extract makes with these options."""
        return cls(int(extract["size"]), IMAGE_FORMATS[extract["format"]])


def parse_shard(name: str) -> Shard | None:
    """The reverse of `Shard.name`; None for another file."""
    match = _SHARD.fullmatch(name)
    if not match:
        return None
    return Shard(match["data_set"], match["split"], int(match["index"]), int(match["total"]))


def shards_in(folder: str) -> set[Shard]:
    """The shards that are there."""
    return {shard for shard in map(parse_shard, storage.names(folder)) if shard}


def version_folders(path: str, names: Collection[str]) -> list[str]:
    """The version folders of data sets at or below a folder, as paths below it; "" for the folder itself.

    Args:
        path: a version folder, a folder of versions, or one of several data sets.
        names: what lies in it.
    """
    if MANIFEST in names:
        return [""]
    if versions := _versions(path, names):
        return versions
    return [
        f"{data_set}/{version}"
        for data_set in records.EXAMPLES
        if data_set in names
        for folder in [storage.join(path, data_set)]
        for version in _versions(folder, storage.names(folder))
    ]


def _versions(path: str, names: Iterable[str]) -> list[str]:
    return [
        name
        for name in names
        if _VERSION.fullmatch(name) and MANIFEST in storage.names(storage.join(path, name))
    ]


def one_of(known: Collection[str], value: str) -> str:
    """The value, if it is known. Raises ValueError."""
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return value


def info(data_set: str, splits: Mapping[str, Split]) -> bytes:
    """The content of `dataset_info.json`."""
    description = " ".join((records.EXAMPLES[data_set].__doc__ or "").split())
    return _json(
        {
            "description": description,
            "fileFormat": "tfrecord",
            "name": data_set,
            "splits": [
                {
                    "filepathTemplate": _TEMPLATE,
                    "name": split.name,
                    "numBytes": str(split.bytes),  # protobuf's JSON has 64-bit numbers in quotes
                    "shardLengths": [str(length) for length in split.lengths],
                }
                for split in splits.values()
            ],
            "version": records.SHARDS_VERSION,
        }
    )


def feature_tree(data_set: str, image: ImageForm) -> bytes:
    """The content of `features.json`."""
    tree: dict[str, Any] = {}
    for feature in records.features(records.EXAMPLES[data_set]):
        *path, name = feature.name.split("/")
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
        branch[name] = {"description": feature.doc, **_connector(feature.kind, image)}
    return _json(_features_dict(tree))


def fingerprint(folder: str) -> str:
    """SHA-256 (hexadecimal) of what a data set says of itself: of its content, not of its place.

    Raises:
        OSError: it says nothing, or cannot be read.
    """
    contents = (storage.read_bytes(storage.join(folder, name)) for name in (MANIFEST, INFO))
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def read_finished(folder: str) -> dict[str, Any]:
    """What `shard.json` says of a data set, once it is finished.

    Raises:
        InputError: it is missing, not readable, of a version that cannot be read here, or unfinished.
    """
    location = storage.join(folder, MANIFEST)
    found = manifest.read(folder, MANIFEST)
    if found is None:
        raise InputError(
            f"{location}: missing, so these are no shards of faceprep's; make some anew"
        )
    version = str(found["format"])
    if version.split(".")[0] != records.SHARDS_VERSION.split(".")[0]:
        raise InputError(
            f"{location}: has format {version}, this faceprep reads {records.SHARDS_VERSION}; "
            "run 'faceprep shard' again"
        )
    if found.get("counts") is None or not storage.exists(storage.join(folder, INFO)):
        raise InputError(
            f"{folder}: unfinished; go on with the 'faceprep shard' command that began it"
        )
    return found


def read_splits(folder: str) -> dict[str, Split]:
    """The splits that `dataset_info.json` names.

    Raises:
        InputError: missing or not readable.
    """
    location = storage.join(folder, INFO)
    try:
        found = json.loads(storage.read_bytes(location))
        return {
            split["name"]: Split(
                split["name"], tuple(map(int, split["shardLengths"])), int(split["numBytes"])
            )
            for split in found["splits"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{location}: not readable ({error}); a data set that 'faceprep shard' has not finished?"
        ) from None


def _features_dict(tree: Mapping[str, Any]) -> dict[str, Any]:
    inner = {
        name: each if "pythonClassName" in each else _features_dict(each)
        for name, each in tree.items()
    }
    return {
        "featuresDict": {"features": inner},
        "pythonClassName": f"{_TFDS}.features_dict.FeaturesDict",
    }


def _connector(kind: type, image: ImageForm) -> dict[str, Any]:
    if kind is bytes:
        side = str(image.size)
        form = {
            "dtype": "uint8",
            "encodingFormat": image.format,
            "shape": {"dimensions": [side, side, "3"]},
        }
        return {"image": form, "pythonClassName": f"{_TFDS}.image_feature.Image"}
    if kind is str:
        return {"pythonClassName": f"{_TFDS}.text_feature.Text", "text": {}}
    dtype = {float: "float32", int: "int64", bool: "bool"}[kind]
    tensor = {"dtype": dtype, "encoding": "none", "shape": {}}
    return {"pythonClassName": f"{_TFDS}.scalar.Scalar", "tensor": tensor}


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()
