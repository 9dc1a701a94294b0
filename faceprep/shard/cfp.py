"""The pairs of CFP's verification protocol. None is ever dropped.

Where no face was found in an image, its centre stands in for the face, and the record says so:
published accuracies count such pairs.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from faceprep import records, storage
from faceprep.engine import WorkerPool
from faceprep.errors import ImageError, InputError
from faceprep.faces.options import FaceOptions, made_with
from faceprep.log import LOG
from faceprep.shard.plan import Contents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.face_folder import FaceFolder
    from faceprep.shard.protocol import Protocol

_IMAGE = re.compile(r"(?:^|/)(?P<name>\d+/(?:frontal|profile)/[^/]+)$")
_NAMED = 3  # of the images that an error is about


@dataclass(frozen=True)
class StandIn:
    """An image in which no face was found.

    Attributes:
        path: of the source image.
        options: of extract, which say how crops are made.
    """

    path: str
    options: FaceOptions


def plan_cfp(folder: FaceFolder, faces: pa.Table, protocol: Protocol) -> Contents:
    """Turn a protocol into records.

    Args:
        folder: of faces.
        faces: as `faces.read_faces` reads them, rejects too.
        protocol: the pairs.

    Raises:
        InputError: the protocol names images that are not in `faces/`, calls two people one or one
            two, or an image without a face cannot be read.
    """
    row_of = _rows_by_name(faces)
    _refuse_unknown(folder.path, protocol, row_of)
    first = [row_of[_name(pair.first)] for pair in protocol.pairs]
    second = [row_of[_name(pair.second)] for pair in protocol.pairs]
    _refuse_wrong_labels(faces, protocol, first, second)
    extra = _stand_ins(folder, faces, protocol, {*first, *second})
    if extra:
        LOG.info(f"{len(extra):,} images have no face; their centres stand in")
    table = pa.table(
        {
            "key": [pair.key for pair in protocol.pairs],
            "split": [pair.split for pair in protocol.pairs],
            "first": pa.array(first, pa.int64()),
            "second": pa.array(second, pa.int64()),
            "label": [
                records.LABEL_SAME if pair.same else records.LABEL_DIFFERENT
                for pair in protocol.pairs
            ],
            "protocol": [pair.protocol for pair in protocol.pairs],
            "fold": pa.array([pair.fold for pair in protocol.pairs], pa.int64()),
        }
    )
    pairs = sum(one in extra or other in extra for one, other in zip(first, second, strict=True))
    counts = {"stand_ins": len(extra), "pairs_with_stand_ins": pairs}
    faces = _with_lengths(faces, extra)
    return Contents("cfp", faces, table, protocol.splits, counts, extra=extra)


def _name(path: str) -> str:
    """`001/frontal/01.jpg`: what an image is called wherever the data set's root is."""
    match = _IMAGE.search(path)
    return match["name"] if match else path


def _rows_by_name(faces: pa.Table) -> dict[str, int]:
    names = [_name(key) for key in faces["key"].to_pylist()]
    # from the last to the first, so that an image's first face wins
    return {name: row for row, name in reversed(list(enumerate(names)))}


def _refuse_unknown(path: str, protocol: Protocol, row_of: Mapping[str, int]) -> None:
    named = dict.fromkeys(image for pair in protocol.pairs for image in (pair.first, pair.second))
    unknown = [image for image in named if _name(image) not in row_of]
    if unknown:
        some = ", ".join(unknown[:_NAMED]) + (", …" if len(unknown) > _NAMED else "")
        raise InputError(
            f"{protocol.folder}: names {len(unknown):,} images that {path} does not have: {some}; "
            "extract the whole of CFP, with its folders frontal and profile"
        )


def _refuse_wrong_labels(
    faces: pa.Table, protocol: Protocol, first: list[int], second: list[int]
) -> None:
    one = faces["identity"].take(pa.array(first)).to_pylist()
    other = faces["identity"].take(pa.array(second)).to_pylist()
    for pair, a, b in zip(protocol.pairs, one, other, strict=True):
        if pair.same != (a == b):
            raise InputError(
                f"{storage.join(protocol.folder, pair.file)}:{pair.line}: of identities {a} and {b}"
            )


def _stand_ins(
    folder: FaceFolder, faces: pa.Table, protocol: Protocol, rows: set[int]
) -> dict[int, bytes]:
    """Row of each image without a face to the crop that stands in for it."""
    found = faces["found"].to_pylist()
    needed = {_name(faces["key"][row].as_py()): row for row in rows if not found[row]}
    if not needed:
        return {}
    options = made_with(folder.options)
    sources = {
        _name(image): _source(protocol, image)
        for pair in protocol.pairs
        for image in (pair.first, pair.second)
    }
    tasks = {StandIn(sources[name], options): row for name, row in needed.items()}
    with WorkerPool(1) as pool:
        crops = pool.results(make_stand_in, tasks, lambda task: task.path)
        return {tasks[task]: crop for task, crop in crops}


def _source(protocol: Protocol, image: str) -> str:
    """Where an image is: the protocol names it relative to its own folder."""
    scheme, mark, path = protocol.folder.rpartition("://")
    return f"{scheme}{mark}{posixpath.normpath(posixpath.join(path, image))}"


def make_stand_in(task: StandIn) -> bytes:
    """The centre of an image, encoded as a crop.

    Raises:
        InputError: the image is missing or damaged.
    """
    from faceprep.faces.decode import decode
    from faceprep.faces.encode import encode
    from faceprep.faces.warp import centre_crop

    try:
        data = storage.read_bytes(task.path)
        image = decode(data, task.options.max_pixels, task.options.size)
    except (OSError, ImageError) as error:
        raise InputError(
            f"{task.path}: no face was found in it, and it cannot be read to let its centre stand in "
            f"({error}); the protocol's images are expected where its lists say"
        ) from None
    return encode(centre_crop(image.pixels, task.options.size), task.options)


def _with_lengths(faces: pa.Table, extra: Mapping[int, bytes]) -> pa.Table:
    lengths = faces["crop_bytes"].to_pylist()
    for row, crop in extra.items():
        lengths[row] = len(crop)
    place = faces.column_names.index("crop_bytes")
    return faces.set_column(place, "crop_bytes", pa.array(lengths, pa.int32()))
