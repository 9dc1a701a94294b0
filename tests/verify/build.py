"""Data sets on disk, as the shard stage leaves them, of faces that the real command extracted."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import dataset_folder, example, manifest, part_file, parts, records, targets, tfrecord
from faceprep.dataset_folder import ImageForm, Shard, Split
from faceprep.records import (
    FaceRow,
    PairExample,
    ShardFace,
    TripletExample,
    VerificationExample,
)
from faceprep.verify.data_set import DataSetCheck
from faceprep.verify.description import read_data_set, read_faces
from faceprep.verify.faces import FacesCheck
from faceprep.verify.fault import FaultLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from faceprep.verify.fault import Fault

Content: TypeAlias = dict[str, list[list[Any]]]
"""Split to shards to examples."""

JPEG = ImageForm(160, "jpeg")
NAN = float("nan")


@dataclass(frozen=True)
class DataSet:
    """What a data set is made of; `write` puts it on disk."""

    name: str
    content: Content
    image: ImageForm = JPEG
    compression: str = "none"
    per: str = "identity"
    chosen: Mapping[tuple[str, str], ShardFace] = dataclasses.field(default_factory=dict)
    hashed: bool = False

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        splits = {name: self._write_split(folder, name) for name in self.content}
        (folder / dataset_folder.INFO).write_bytes(dataset_folder.info(self.name, splits))
        tree = dataset_folder.feature_tree(self.name, self.image)
        (folder / dataset_folder.FEATURES).write_bytes(tree)
        inputs = {"faces": "f" * 64}
        if self.name == "pairs":
            write_targets(folder, self.chosen, self.per)
            inputs["targets"] = sha256_of(folder / targets.NAME)
        manifest.write(
            str(folder),
            dataset_folder.MANIFEST,
            {
                "format": records.SHARDS_VERSION,
                "data_set": self.name,
                "options": {"compression": self.compression},
                "inputs": inputs,
                "image": dataclasses.asdict(self.image),
                "versions": {"faceprep": "0.1.0"},
                "counts": {"examples": sum(split.examples for split in splits.values())},
                "sha256": self._hashes(folder) if self.hashed else {},
            },
        )
        return folder

    def changed(self, *steps: str | int, **fields: Any) -> DataSet:
        """The same with other fields in one example: `changed("train", 0, 2, "target", key="x")`."""
        split, shard, record, *path = steps
        content = {name: [list(s) for s in shards] for name, shards in self.content.items()}
        place = content[str(split)][int(shard)]
        before = place[int(record)]
        if path:
            face = replace(getattr(before, str(path[0])), **fields)
            fields = {str(path[0]): face}
        place[int(record)] = replace(before, **fields)
        return replace(self, content=content)

    def _write_split(self, folder: Path, name: str) -> Split:
        shards, size = self.content[name], 0
        for index, examples in enumerate(shards):
            payloads = [example.encode(flat(each)) for each in examples]
            size += sum(map(len, payloads))
            shard = Shard(self.name, name, index, len(shards))
            write_shard(folder / shard.name, payloads, self.compression)
        return Split(name, tuple(map(len, shards)), size)

    def _hashes(self, folder: Path) -> dict[str, str]:
        shards = folder.glob("*.tfrecord-*")
        return {path.name: sha256_of(path) for path in shards}


def write_shard(path: Path, payloads: Iterable[bytes], compression: str = "none") -> None:
    with path.open("wb") as file, tfrecord.compressed(file, compression) as stream:
        for payload in payloads:
            tfrecord.write_record(stream, payload)


def edit_json(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}, indent=2) + "\n")


def flip(path: Path, place: int, bits: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """What is wrong with a data set, looked at in this process."""
    faults = FaultLog()
    check = DataSetCheck(str(folder), read_data_set(str(folder)), faults)
    for task in check.tasks:
        check.take(task, check.work(task))
    check.finish()
    return faults.faults()


def only_fault(folder: Path) -> tuple[str, int | None, str]:
    """File name, record and words of the single fault of a data set."""
    (fault,) = faults_of(folder)
    assert fault.file.startswith(f"{folder}/")
    return fault.file.removeprefix(f"{folder}/"), fault.record, fault.what


def faults_of_faces(folder: Path) -> tuple[Fault, ...]:
    """What is wrong with a folder of faces, looked at in this process."""
    faults = FaultLog()
    check = FacesCheck(str(folder), read_faces(str(folder)), faults)
    for task in check.tasks:
        check.take(task, check.work(task))
    check.finish()
    return faults.faults()


def rewrite(
    folder: Path, part: parts.Part, change: Callable[[list[list[FaceRow]]], object]
) -> None:
    """Write a part anew, sealed and of the same images, with other rows."""
    by_image: dict[str, list[FaceRow]] = {}
    for row in pq.read_table(folder / part.name).to_pylist():
        by_image.setdefault(row["key"], []).append(FaceRow(**row))
    rows = list(by_image.values())
    change(rows)
    digest = json.loads((folder / parts.MANIFEST).read_text())["digest"]
    made_of = parts.fingerprint(digest, parts.read_slice(str(folder), part))
    part_file.write_part(str(folder), part, made_of, rows)


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """An example as `example.encode` takes it."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        name = f"{prefix}{field.name}"
        found |= flat(inner, f"{name}/") if isinstance(inner, ShardFace) else {name: inner}
    return found


def faces_in(folder: Path) -> dict[str, list[ShardFace]]:
    """Identity to their faces."""
    found: dict[str, list[ShardFace]] = {}
    for path in sorted(folder.glob("part-*")):
        for row in pq.read_table(path).to_pylist():
            found.setdefault(row["identity"], []).append(_face(row))
    return found


def _face(row: Mapping[str, Any]) -> ShardFace:
    return ShardFace(
        image=row["crop"],
        key=records.face_key(row["key"], row["face_index"]),
        identity=row["identity"],
        clip=row["clip"] or "",
        view=row["view"] or "",
        yaw=row["yaw"],
        pitch=row["pitch"],
        roll=row["roll"],
        frontality=row["frontality"],
        found=True,
    )


def pairs(faces: Mapping[str, list[ShardFace]]) -> DataSet:
    """Two people in two shards of train, two people in one shard of test."""
    a, b, c, d = faces.values()
    chosen = {(name, ""): max(of, key=lambda f: f.frontality) for name, of in faces.items()}
    train = [PairExample(f.key, f, chosen[f.identity, ""]) for f in a + b]
    test = [PairExample(f.key, f, chosen[f.identity, ""]) for f in c + d]
    return DataSet("pairs", {"train": [train[::2], train[1::2]], "test": [test]}, chosen=chosen)


def pairs_per_clip(faces: Mapping[str, list[ShardFace]]) -> DataSet:
    """One person in two clips, each with a target of its own."""
    one = next(iter(faces.values()))
    clips = [[replace(f, clip=str(n)) for f in one[n::2]] for n in (0, 1)]
    chosen = {(of[0].identity, of[0].clip): of[0] for of in clips}
    train = [PairExample(f.key, f, of[0]) for of in clips for f in of]
    return DataSet("pairs", {"train": [train]}, per="clip", chosen=chosen)


def cfp(faces: Mapping[str, list[ShardFace]]) -> DataSet:
    """Two folds of two people each; one profile in which no face was found."""
    a, b, c, d = faces.values()
    content: Content = {}
    for fold, (one, other) in enumerate([(a, b), (c, d)], 1):
        for protocol, view in (("FF", "frontal"), ("FP", "profile")):
            split = f"{protocol.lower()}{fold:02d}"
            first = replace(one[0], view="frontal")
            seconds = [replace(face, view=view) for face in (one[1], other[1])]
            content[split] = [
                [
                    VerificationExample(f"{split}/{word}/{n}", first, second, label, protocol, fold)
                    for n, (word, label, second) in enumerate(
                        [("same", 1, seconds[0]), ("diff", 0, seconds[1])]
                    )
                ]
            ]
    built = DataSet("cfp", content)
    lost = {"found": False, "yaw": NAN, "pitch": NAN, "roll": NAN, "frontality": NAN}
    return built.changed("fp02", 0, 1, "second", **lost)


def triplets(faces: Mapping[str, list[ShardFace]]) -> DataSet:
    """Two people in each split."""
    a, b, c, d = faces.values()
    content: Content = {
        split: [[TripletExample(f"{f.key}@0", f, g, other[0]) for f, g in pairwise(of)]]
        for split, of, other in (("train", a, b), ("test", c, d))
    }
    return DataSet("triplets", content)


def write_targets(
    folder: Path, chosen: Mapping[tuple[str, str], ShardFace], per: str = "identity"
) -> None:
    rows = [_target_row(identity, clip, face) for (identity, clip), face in chosen.items()]
    table = pa.Table.from_pylist(rows, records.target_schema())
    found = targets.Targets(table, {"per": per}, "f" * 64)
    targets.write_targets(str(folder / targets.NAME), found)


def _target_row(identity: str, clip: str, face: ShardFace) -> dict[str, Any]:
    empty = dict.fromkeys(records.target_schema().names)
    key, _, index = face.key.partition("#")
    known = {
        "key": key,
        "face_index": int(index or 0),
        "yaw": face.yaw,
        "angle_source": "keypoints",
    }
    counts = {"faces": 6, "shortlist": 0, "reason": "the most frontal"}
    return {**empty, "identity": identity, "clip": clip or None, **known, **counts}


def renamed(face: ShardFace, key: str) -> ShardFace:
    return replace(face, key=key)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
