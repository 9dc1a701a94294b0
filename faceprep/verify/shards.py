"""One shard: what a worker looks at in it, and what it reports."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, cast

from faceprep import example, records, tfrecord
from faceprep.verify import rules
from faceprep.verify.gzip_member import GzipMember
from faceprep.verify.keys import hash_of
from faceprep.verify.reading import Reading, Report
from faceprep.verify.target_file import Owner, known_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from faceprep.dataset_folder import ImageForm, Shard

_CHUNK = 1 << 20


@dataclass(frozen=True)
class ShardTask:
    """All that a worker needs to know to look at one shard.

    Attributes:
        location: of the file.
        shard: which one it is.
        image: what its images should be.
        compression: one of `tfrecord.COMPRESSIONS`.
        per: with pairs: see `rules.Setting`.
        targets: with pairs: where its sound `targets.parquet` is; None for none.
        sha256: what shard.json says of the file, in hexadecimal; None where it says nothing.
    """

    location: str
    shard: Shard
    image: ImageForm
    compression: str
    per: str | None
    targets: str | None
    sha256: str | None


@dataclass(frozen=True)
class TargetImage:
    """The image that is an owner's target: a 64-bit hash of its bytes, and a record that has it."""

    hash: int
    record: int


@dataclass(frozen=True)
class ShardReport(Report):
    """What is in a shard, besides what is in any file.

    Attributes:
        payload_bytes: of the records that could be read, without their frames.
        identities: each person in it, to the first record with them.
        target_images: with pairs: each owner in it, to their target's image.
    """

    payload_bytes: int
    identities: Mapping[str, int]
    target_images: Mapping[Owner, TargetImage]


def check_shard(task: ShardTask) -> ShardReport:
    """Look at every byte of a shard. Whatever is wrong is in the report; nothing is raised."""
    reading = _ShardReading(task)
    reading.run()
    return ShardReport(
        faults=reading.faults,
        bytes=reading.bytes,
        records=reading.records,
        images=reading.images.count,
        whole=reading.whole,
        keys=reading.keys.keys(),
        payload_bytes=reading.payload_bytes,
        identities=reading.identities,
        target_images=reading.target_images,
    )


class _ShardReading(Reading):
    def __init__(self, task: ShardTask) -> None:
        super().__init__(task.location, task.image)
        self._task = task
        self._data_set = task.shard.data_set
        self._faces = records.faces_of(records.EXAMPLES[self._data_set])
        self._setting = rules.Setting(task.shard.split, task.per)
        self.payload_bytes = 0
        self.identities: dict[str, int] = {}
        self.target_images: dict[Owner, TargetImage] = {}

    def read(self, file: IO[bytes]) -> None:
        if self._task.targets:
            known = known_targets(self._task.targets)
            self._setting = replace(self._setting, targets=known)
        for record in self._frames(file):
            if record.fault:
                self.lose(record.fault, record.index)
            else:
                self._look_into(record)
        expected = self._task.sha256
        if self.whole and expected is not None and _sha256(file) != expected:
            self.lose("not the file that was written: shard.json has another SHA-256")

    def _frames(self, file: IO[bytes]) -> Iterator[tfrecord.Record]:
        if self._task.compression == "none":
            yield from tfrecord.read_records(file)
            return
        if not tfrecord.has_our_header(file):
            self.lose("does not begin with the gzip header that faceprep writes")
        member = GzipMember(file)
        yield from tfrecord.read_records(cast("IO[bytes]", io.BufferedReader(member, _CHUNK)))
        if member.trailing:
            self.lose("more bytes follow where the compressed stream ends")

    def _look_into(self, record: tfrecord.Record) -> None:
        self.records += 1
        self.payload_bytes += len(record.payload)
        try:
            values = example.decode(record.payload, rules.kinds_of(self._data_set))
        except ValueError as error:
            self.note(str(error), record.index)
            return
        self.keys.add(values["key"], record.index)
        for what in rules.broken(self._data_set, values, self._setting):
            self.note(what, record.index)
        for face in self._faces:
            self._look_at_face(record.index, face, values)

    def _look_at_face(self, index: int, face: str, values: Mapping[str, Any]) -> None:
        self.identities.setdefault(values[f"{face}/identity"], index)
        image = values[f"{face}/image"]
        hash_ = hash_of(image)
        if fault := self.images.fault(image, hash_):
            self.note(f"{face}/image: {fault}", index)
        if face == "target":
            owner = self._setting.owner(values["target/identity"], values["target/clip"])
            self._compare_target(owner, TargetImage(hash_, index))

    def _compare_target(self, owner: Owner, here: TargetImage) -> None:
        """Hold a target's image against the one that its owner had before in this file."""
        before = self.target_images.setdefault(owner, here)
        if before.hash != here.hash:
            what = f"target/image is another than that of {owner[0]!r} in record {before.record}"
            self.note(what, here.record)


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
