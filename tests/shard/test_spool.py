"""The spool: every crop that a data set needs is where it is said to be, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import manifest, part_file, parts, records
from faceprep.errors import InputError, StorageError
from faceprep.extract.layouts import SCHEMA
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import FaceFolder, open_faces
from faceprep.parts import Part
from faceprep.records import FaceRow
from faceprep.shard.faces import read_faces
from faceprep.shard.plan import Contents
from faceprep.shard.spool import Spool, plan_spool, write_spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.conftest import Sample

PARTS = 67
"""Two to a spool file, of which there are at most 64."""


@pytest.fixture(scope="module")
def sample_faces(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FaceFolder:
    """24 faces in one part."""
    out = tmp_path_factory.mktemp("sample faces") / "faces"
    extract(str(sample.root), str(out), ExtractOptions(), workers=1)
    return open_faces(str(out))


def made_up(person: int) -> list[FaceRow]:
    """A person's faces, and a reject; their order is not that of their keys, no two crops are alike."""
    noise = np.random.default_rng(person)
    faces = []
    for number in range(noise.integers(1, 5)):
        crop = noise.bytes(int(noise.integers(1, 300)))
        name, sha256 = f"{999 - person}/{9 - number}", f"{person:060x}{number:04x}"
        row = FaceRow(name, name[:3], records.OK, face_index=0, sha256=sha256)
        faces.append(replace(row, crop=crop, crop_bytes=len(crop)))
    return [*faces, FaceRow(f"{999 - person}/none", f"{999 - person}", records.NO_FACE)]


def folder_of(path: Path, rows: Iterable[Sequence[FaceRow]]) -> FaceFolder:
    """A folder of faces; each sequence of rows is a part."""
    path.mkdir()
    described = {"format": records.FACES_FORMAT, "versions": {}, "options": {}}
    manifest.write(str(path), parts.MANIFEST, described)
    for update, of_part in enumerate(rows):
        images = [{name: getattr(row, name) for name in SCHEMA.names} for row in of_part]
        parts.write_catalog(str(path), update, "list", pa.Table.from_pylist(images, SCHEMA))
        part_file.write_part(str(path), Part(update, 0, 1), "made up", [[row] for row in of_part])
    return open_faces(str(path))


@pytest.fixture(scope="module")
def many_parts(tmp_path_factory: pytest.TempPathFactory) -> FaceFolder:
    """A person in each."""
    path = tmp_path_factory.mktemp("many parts") / "faces"
    return folder_of(path, (made_up(person) for person in range(PARTS)))


def pairs(folder: FaceFolder, features: Sequence[int], targets: Sequence[int]) -> Contents:
    """Pairs of rows."""
    faces = read_faces(folder, rejects=True)
    table = pa.table({"feature": pa.array(features, pa.int64()), "target": targets})
    return Contents("pairs", faces, table, (), {})


def found_rows(folder: FaceFolder) -> list[int]:
    found: list[int] = np.flatnonzero(read_faces(folder, rejects=True)["found"]).tolist()
    return found


def written(spool: Spool) -> list[bytes]:
    """The content of the spool's files, the last of which is not written by a task."""
    for task in spool.tasks:
        Path(task.path).parent.mkdir(exist_ok=True)
        write_spool(task)
    return [Path(path).read_bytes() for path in spool.files[:-1]] + [spool.extra]


def image(files: Sequence[bytes], spool: Spool, contents: Contents, row: int) -> bytes:
    start, length = int(spool.offset[row]), int(contents.faces["crop_bytes"][row].as_py())
    return files[int(spool.file[row])][start : start + length]


def crops_of(folder: FaceFolder) -> list[bytes | None]:
    """As the parts have them, in the order of the keys."""
    columns = ["key", "crop"]
    tables = [pq.read_table(folder.location(i), columns=columns) for i in range(len(folder.parts))]
    crops: list[bytes | None] = pa.concat_tables(tables).sort_by("key")["crop"].to_pylist()
    return crops


def test_real_crops_are_where_the_spool_says(sample_faces: FaceFolder, tmp_path: Path) -> None:
    contents = pairs(sample_faces, range(24), [0] * 24)
    spool = plan_spool(str(tmp_path / ".spool"), sample_faces, contents)
    files = written(spool)
    assert [image(files, spool, contents, row) for row in range(24)] == crops_of(sample_faces)
    assert [Path(path).name for path in spool.files] == ["crops-00000", "extra"]
    assert spool.extra == b""


def test_so_are_those_of_many_parts_in_few_files(many_parts: FaceFolder, tmp_path: Path) -> None:
    rows = found_rows(many_parts)
    contents = pairs(many_parts, rows, rows[::-1])
    spool = plan_spool(str(tmp_path / ".spool"), many_parts, contents)
    files, crops = written(spool), crops_of(many_parts)
    assert [len(task.wanted) for task in spool.tasks] == [2] * 33 + [1]
    for row in rows:
        assert image(files, spool, contents, row) == crops[row]
    assert sum(map(len, files)) == sum(len(crop) for crop in crops if crop)


def test_what_no_record_names_is_not_in_the_spool(many_parts: FaceFolder, tmp_path: Path) -> None:
    wanted = found_rows(many_parts)[20:150:10]
    contents = pairs(many_parts, [*wanted, *wanted], wanted[:1] * 2 * len(wanted))
    spool = plan_spool(str(tmp_path / ".spool"), many_parts, contents)
    files, crops = written(spool), crops_of(many_parts)
    assert np.flatnonzero(spool.file >= 0).tolist() == wanted
    assert sum(map(len, files)) == sum(len(crops[row] or b"") for row in wanted)
    for row in wanted:
        assert image(files, spool, contents, row) == crops[row]
    assert [Path(path).name for path in spool.files[:-1]] == sorted(
        {f"crops-{contents.faces['part'][row].as_py() // 2:05d}" for row in wanted}
    )


def test_images_that_lie_in_no_part_come_last(many_parts: FaceFolder, tmp_path: Path) -> None:
    faces = read_faces(many_parts, rejects=True)
    rejects = np.flatnonzero(~np.asarray(faces["found"]))[[5, 60]].tolist()
    extra = {rejects[1]: b"another", rejects[0]: b"a stand-in"}
    lengths = faces["crop_bytes"].to_pylist()
    for row, data in extra.items():
        lengths[row] = len(data)
    place = faces.column_names.index("crop_bytes")
    found = found_rows(many_parts)[:2]
    contents = replace(
        pairs(many_parts, [found[0], rejects[1]], [rejects[0], found[1]]),
        faces=faces.set_column(place, "crop_bytes", pa.array(lengths, pa.int32())),
        extra=extra,
    )
    spool = plan_spool(str(tmp_path / ".spool"), many_parts, contents)
    files, crops = written(spool), crops_of(many_parts)
    assert spool.extra == b"a stand-inanother"
    assert spool.files[-1] == str(tmp_path / ".spool" / "extra")
    for row in (*found, *rejects):
        assert image(files, spool, contents, row) == extra.get(row, crops[row])


def test_images_may_all_lie_in_no_part(many_parts: FaceFolder, tmp_path: Path) -> None:
    [first, second, *_] = found_rows(many_parts)
    extra = {first: b"a", second: b"b"}
    contents = replace(pairs(many_parts, [first], [second]), extra=extra)
    spool = plan_spool(str(tmp_path), many_parts, contents)
    assert (spool.tasks, spool.files, spool.extra) == ((), (str(tmp_path / "extra"),), b"ab")


def test_a_task_says_how_many_crops_it_has_written(many_parts: FaceFolder, tmp_path: Path) -> None:
    rows = found_rows(many_parts)
    spool = plan_spool(str(tmp_path), many_parts, pairs(many_parts, rows, rows))
    assert sum(write_spool(task) for task in spool.tasks) == len(rows)
    assert [Path(task.path).stat().st_size for task in spool.tasks] == [
        task.lengths.sum() for task in spool.tasks
    ]


@pytest.mark.parametrize("lie", [-1, 1, 1000])
def test_a_part_whose_crop_bytes_lie_is_named(tmp_path: Path, lie: int) -> None:
    honest = FaceRow("ann/1", "ann", records.OK, face_index=0, crop=b"12345", crop_bytes=5)
    liar = replace(honest, key="ann/2", crop_bytes=5 + lie)
    folder = folder_of(tmp_path / "faces", [[honest, liar]])
    spool = plan_spool(str(tmp_path), folder, pairs(folder, [0], [1]))
    with pytest.raises(InputError) as caught:
        write_spool(spool.tasks[0])
    assert str(caught.value) == (
        f"{folder.location(0)}: crops are not as long as crop_bytes says; run 'faceprep verify' on "
        "the faces"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_a_damaged_part_is_named(sample_faces: FaceFolder, tmp_path: Path) -> None:
    part = tmp_path / sample_faces.parts[0].name
    part.write_bytes(Path(sample_faces.location(0)).read_bytes()[:-1000])
    damaged = replace(sample_faces, path=str(tmp_path))
    spool = plan_spool(str(tmp_path), damaged, pairs(sample_faces, [0], [1]))
    with pytest.raises(InputError, match=f"{part.name}: not a readable part"):
        write_spool(spool.tasks[0])
    assert list(tmp_path.iterdir()) == [part]


def test_a_spool_needs_its_folder(sample_faces: FaceFolder, tmp_path: Path) -> None:
    spool = plan_spool(str(tmp_path / "nowhere"), sample_faces, pairs(sample_faces, [0], [1]))
    with pytest.raises(StorageError, match="nowhere/crops-00000: could not be written"):
        write_spool(spool.tasks[0])
