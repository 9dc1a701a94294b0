"""What the manifests of a data set and of a folder of faces say that is needed to check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from faceprep import dataset_folder, forgotten, manifest, parts, records, storage, tfrecord
from faceprep.dataset_folder import IMAGE_FORMATS, ImageForm, one_of
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Found = Mapping[str, Any]

Description = TypeVar("Description")


@dataclass(frozen=True)
class DataSet:
    """From shard.json.

    Attributes:
        data_set: one of `records.EXAMPLES`.
        image: what its images are.
        compression: one of `tfrecord.COMPRESSIONS`.
        finished: whether it has its counts.
        targets: SHA-256 of the targets that it was made with, in hexadecimal; None if it says none.
        sha256: name of a shard to the digest of the file, likewise; may be empty.
    """

    data_set: str
    image: ImageForm
    compression: str
    finished: bool
    targets: str | None
    sha256: Mapping[str, str]


@dataclass(frozen=True)
class Faces:
    """From extract.json.

    Attributes:
        digest: of the options.
        image: what the crops are.
        counts: of all parts; None while unfinished.
        crops: whether there should be any.
    """

    digest: str
    image: ImageForm
    counts: parts.Counts | None
    crops: bool = True


def read_data_set(folder: str) -> DataSet:
    """Read shard.json.

    Raises:
        InputError: missing, not readable, of another format, or without something that is needed.
    """
    return _read(folder, dataset_folder.MANIFEST, records.SHARDS_VERSION, _data_set)


def read_faces(folder: str) -> Faces:
    """Read extract.json. Raises InputError as `read_data_set`, or where people are being forgotten."""
    location = storage.join(folder, parts.MANIFEST)
    forgotten.refuse_unfinished(location, manifest.read(folder, parts.MANIFEST) or {})
    return _read(folder, parts.MANIFEST, records.FACES_FORMAT, _faces)


def _read(
    folder: str, name: str, version: str | int, describe: Callable[[Found], Description]
) -> Description:
    location = storage.join(folder, name)
    found = manifest.read(folder, name)
    if found is None:
        raise InputError(f"{location}: missing; nothing else in the folder was looked at")
    if found["format"] != version:
        raise InputError(
            f"{location}: has format {found['format']!r}, this faceprep reads {version!r}"
        )
    try:
        return describe(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{location}: not as faceprep writes it ({type(error).__name__}: {error}); "
            "nothing else in the folder was looked at"
        ) from None


def _data_set(found: Found) -> DataSet:
    image = found["image"]
    return DataSet(
        data_set=one_of(records.EXAMPLES, found["data_set"]),
        image=ImageForm(int(image["size"]), one_of(IMAGE_FORMATS.values(), image["format"])),
        compression=one_of(tfrecord.COMPRESSIONS, found["options"]["compression"]),
        finished=found["counts"] is not None,
        targets=found.get("inputs", {}).get("targets"),
        sha256=dict(found.get("sha256", {})),
    )


def _faces(found: Found) -> Faces:
    options, counts = found["options"], found["counts"]
    return Faces(
        digest=str(found["digest"]),
        image=ImageForm.of_crops(options),
        crops=bool(options.get("crops", True)),
        counts=None if counts is None else parts.Counts(**counts),
    )
