"""Folders of very many faces, made up quickly: a few crops, over and over."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pyarrow as pa

from faceprep import manifest, part_file, parts, records
from faceprep.extract.layouts import SCHEMA
from tests.inspect.made import OPTIONS, face

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CROPS = 50


def many_people(
    folder: Path,
    people: int,
    *,
    faces: int = 1,
    side: int = 16,
    grain: int = 30,
    surname: str = "",
) -> Path:
    """A finished folder of faces.

    Args:
        folder: new.
        people: in it, all with as many faces.
        faces: of each.
        side: of the crops, px.
        grain: how far pixels are from grey; 128 makes pictures that cannot be packed.
        surname: what all of them are called after their number.
    """
    folder.mkdir()
    described = {"format": records.FACES_FORMAT, "digest": "d", "versions": {"faceprep": "1"}}
    described |= {"options": OPTIONS | {"size": side}, "counts": {}}
    manifest.write(str(folder), parts.MANIFEST, described)
    called = [f"{person:06d}{surname}" for person in range(people)]
    names = [f"{person}/{number}.jpg" for person in called for number in range(faces)]
    columns = {
        "key": pa.array(names),
        "identity": pa.array([name.partition("/")[0] for name in names]),
    }
    images = {n: columns.get(n, pa.nulls(len(names), pa.string())) for n in SCHEMA.names}
    parts.write_catalog(str(folder), 0, "identity", pa.table(images).cast(SCHEMA))
    rows = _rows(names, [_crop(n, side, grain) for n in range(_CROPS)])
    for part in parts.planned_parts(str(folder)):
        share = islice(rows, parts.images_per_part(len(names)))
        part_file.write_part(str(folder), part, "made of", ([row] for row in share))
    return folder


def _rows(names: list[str], crops: list[bytes]) -> Iterator[records.FaceRow]:
    template = face("", "")
    for number, name in enumerate(names):
        crop = crops[number % len(crops)]
        yield replace(
            template,
            key=name,
            identity=name.partition("/")[0],
            sha256=f"{number:064x}",
            yaw=float(number % 180 - 90),
            crop=crop,
            crop_bytes=len(crop),
        )


def _crop(number: int, side: int, grain: int) -> bytes:
    chances = np.random.default_rng(number)
    pixels = 128 + chances.integers(-grain, grain, (side, side, 3))
    return bytes(cv2.imencode(".jpg", pixels.clip(0, 255).astype(np.uint8))[1].tobytes())
