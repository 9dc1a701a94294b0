"""What a worker writes: records that read back as planned, with the crops as extract encoded them."""

from __future__ import annotations

import gzip
import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import example, records, tfrecord
from faceprep.engine import WorkerPool
from faceprep.errors import InputError, StorageError
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import FaceFolder, open_faces
from faceprep.records import PairExample, VerificationExample
from faceprep.shard.faces import read_faces
from faceprep.shard.worker import FinishedShard, ShardCounts, ShardTask, count_shard, write_shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.conftest import Sample

    Values = dict[str, Any]

FEATURES, TARGETS = [3, 1, 2, 7, 20], [0, 0, 0, 6, 23]


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FaceFolder:
    """24 faces in one part."""
    out = tmp_path_factory.mktemp("sample faces") / "faces"
    extract(str(sample.root), str(out), ExtractOptions(), workers=1)
    return open_faces(str(out))


@pytest.fixture
def rows(folder: FaceFolder) -> list[Values]:
    """Of the part, in the order of the keys."""
    found: list[Values] = pq.read_table(folder.location(0)).to_pylist()
    return found


@pytest.fixture
def spool(rows: list[Values], tmp_path: Path) -> tuple[str, str]:
    """The crops of the even rows one after the other, and those of the odd ones."""
    for name, start in (("even", 0), ("odd", 1)):
        (tmp_path / name).write_bytes(b"".join(row["crop"] for row in rows[start::2]))
    return str(tmp_path / "even"), str(tmp_path / "odd")


def columns_of(faces: pa.Table, slot: str, chosen: Sequence[int]) -> dict[str, Any]:
    """Of one face of each record: its fields, and where its image lies."""
    lengths = np.asarray(faces["crop_bytes"])
    places = [int(lengths[row % 2 : row : 2].sum()) for row in chosen]
    fields = {name: faces[name].take(pa.array(chosen)) for name in records.face_fields()}
    fields |= {"file": [row % 2 for row in chosen], "offset": places, "length": lengths[chosen]}
    return {f"{slot}/{name}": column for name, column in fields.items()}


def batch_of(columns: Mapping[str, Any]) -> pa.RecordBatch:
    return pa.table(dict(columns)).combine_chunks().to_batches()[0]


@pytest.fixture
def task(folder: FaceFolder, spool: tuple[str, str], tmp_path: Path) -> ShardTask:
    """Of five pairs."""
    faces = read_faces(folder)
    columns = {"key": faces["key"].take(pa.array(FEATURES))}
    columns |= columns_of(faces, "feature", FEATURES) | columns_of(faces, "target", TARGETS)
    return ShardTask(str(tmp_path / "shard"), "pairs", "none", batch_of(columns), spool)


def finished(task: ShardTask) -> FinishedShard:
    keys = task.records.column("key").to_pylist()
    return FinishedShard(task.path, task.data_set, task.compression, keys)


def read(path: str, kind: type = PairExample, compression: str = "none") -> list[Values]:
    kinds = {feature.name: feature.kind for feature in records.features(kind)}
    with Path(path).open("rb") as file, tfrecord.decompressed(file, compression) as stream:
        found = list(tfrecord.read_records(stream))
    assert not any(record.fault for record in found)
    return [example.decode(record.payload, kinds) for record in found]


def as_in_example(row: Values) -> Values:
    """A row of faces/ as an example has it."""
    fields = {name: row[name] for name in records.face_fields() if name != "found"}
    return fields | {"image": row["crop"], "clip": "", "view": "", "found": True}


def test_what_is_written_reads_back_as_it_was_planned(task: ShardTask, rows: list[Values]) -> None:
    write_shard(task)
    found = read(task.path)
    assert [record["key"] for record in found] == [rows[row]["key"] for row in FEATURES]
    for record, feature, target in zip(found, FEATURES, TARGETS, strict=True):
        for slot, row in (("feature", feature), ("target", target)):
            face = {name: record[f"{slot}/{name}"] for name in as_in_example(rows[row])}
            assert face == as_in_example(rows[row])


def test_images_are_the_crops_byte_for_byte(task: ShardTask, rows: list[Values]) -> None:
    write_shard(task)
    for record, row in zip(read(task.path), FEATURES, strict=True):
        assert record["feature/image"] == rows[row]["crop"]
        assert record["feature/image"].startswith(b"\xff\xd8")


def test_the_count_is_that_of_records_and_of_bytes_without_their_frames(task: ShardTask) -> None:
    counts = write_shard(task)
    size = Path(task.path).stat().st_size - 5 * tfrecord.FRAME_BYTES
    assert counts == ShardCounts(records=5, bytes=size, sha256=None)
    assert count_shard(finished(task)) == counts


def test_a_shard_may_be_compressed(task: ShardTask) -> None:
    plain, zipped = task, replace(task, path=f"{task.path}.gz", compression="GZIP")
    counts = write_shard(zipped)
    assert write_shard(plain) == replace(counts, sha256=None)
    assert counts.sha256 == hashlib.sha256(Path(zipped.path).read_bytes()).hexdigest()
    assert gzip.decompress(Path(zipped.path).read_bytes()) == Path(plain.path).read_bytes()
    assert count_shard(finished(zipped)) == counts
    assert read(zipped.path, compression="GZIP") == read(plain.path)


@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_the_same_task_gives_the_same_bytes_in_another_process(
    task: ShardTask, compression: str
) -> None:
    here = replace(task, compression=compression)
    there = replace(here, path=f"{task.path}-there")
    with WorkerPool(1) as pool:
        [(_, counts)] = pool.results(write_shard, [there], lambda task: task.path)
    assert counts == write_shard(here)
    assert Path(there.path).read_bytes() == Path(here.path).read_bytes()


def test_many_records_are_as_good_as_few(task: ShardTask) -> None:
    many = pa.Table.from_batches([task.records] * 500).combine_chunks().to_batches()[0]
    counts = write_shard(replace(task, records=many, path=f"{task.path}-many"))
    assert counts == ShardCounts(2500, 500 * write_shard(task).bytes, None)
    assert read(f"{task.path}-many") == read(task.path) * 500


def test_a_stand_in_says_that_it_is_one(
    folder: FaceFolder, spool: tuple[str, str], tmp_path: Path
) -> None:
    faces = read_faces(folder)
    second = columns_of(faces, "second", [4])
    nothing = {f"second/{name}": [math.nan] for name in ("yaw", "pitch", "roll", "frontality")}
    second |= nothing | {"second/found": [False], "second/length": pa.array([20], pa.int32())}
    columns = columns_of(faces, "first", [5]) | second
    columns |= {"key": ["ff01/same/1"], "label": [1], "protocol": ["FF"], "fold": [1]}
    task = ShardTask(str(tmp_path / "cfp"), "cfp", "none", batch_of(columns), spool)
    write_shard(task)
    [record] = read(task.path, VerificationExample)
    assert (record["label"], record["protocol"], record["fold"]) == (1, "FF", 1)
    assert (record["first/found"], record["second/found"]) == (True, False)
    assert all(math.isnan(record[name]) for name in nothing)
    assert len(record["second/image"]) == 20


@pytest.mark.parametrize("left", [0, 1000])
def test_a_spool_file_that_is_cut_off_is_named(task: ShardTask, left: int) -> None:
    odd = Path(task.spool[1])
    odd.write_bytes(odd.read_bytes()[:left])
    with pytest.raises(InputError) as caught:
        write_shard(task)
    assert str(caught.value) == f"{odd}: ends too soon; delete it, and run the same command again"
    assert not Path(task.path).exists()


def test_a_shard_needs_its_folder(task: ShardTask, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere/shard: could not be written"):
        write_shard(replace(task, path=str(tmp_path / "nowhere" / "shard")))


def places_of(path: Path) -> list[int]:
    """Where each record begins."""
    with path.open("rb") as file:
        sizes = [len(r.payload) + tfrecord.FRAME_BYTES for r in tfrecord.read_records(file)]
    return [sum(sizes[:index]) for index in range(len(sizes))]


@pytest.mark.parametrize(
    ("index", "offset", "words"),
    [
        (0, 100, "record 0: the checksum of its content is wrong"),
        (3, 100, "record 3: the checksum of its content is wrong"),
        (2, 0, "record 2: the checksum of its length is wrong"),
    ],
)
def test_a_damaged_record_is_named_with_the_remedy(
    task: ShardTask, index: int, offset: int, words: str
) -> None:
    write_shard(task)
    path = Path(task.path)
    data = bytearray(path.read_bytes())
    data[places_of(path)[index] + offset] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        count_shard(finished(task))
    assert str(caught.value).startswith(f"{path}: {words}")
    assert str(caught.value).endswith("Delete the file, and run the same command again")


@pytest.mark.parametrize(
    ("compression", "words"),
    [("none", "record 4: the file ends within it"), ("GZIP", "the compressed stream is damaged")],
)
def test_a_shard_that_is_cut_off_is_named(task: ShardTask, compression: str, words: str) -> None:
    write_shard(replace(task, compression=compression))
    path = Path(task.path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError) as caught:
        count_shard(finished(replace(task, compression=compression)))
    assert str(caught.value).startswith(f"{path}: record ")
    assert words in str(caught.value)


@pytest.mark.parametrize("keys", [["a"], [], None])
def test_a_shard_of_other_records_is_named(task: ShardTask, keys: list[str] | None) -> None:
    write_shard(task)
    planned = finished(task)
    other = planned.keys[::-1] if keys is None else keys
    with pytest.raises(InputError, match="holds other records than were planned"):
        count_shard(replace(planned, keys=other))
