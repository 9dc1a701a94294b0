"""A folder of faces and its parts: sound ones have no fault; each damage is told where it is."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from faceprep import parts, records
from faceprep.parts import Part
from faceprep.records import FaceRow
from faceprep.verify.description import read_faces
from faceprep.verify.face_part import PartTask, check_part
from tests.verify import build
from tests.verify.build import edit_json, faults_of_faces, flip, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faceprep.records import ShardFace

FIRST, SECOND = Part(0, 0, 1), Part(1, 0, 1)


def only_fault(folder: Path) -> tuple[str, int | None, str]:
    """File name, record and words of a single fault."""
    (fault,) = faults_of_faces(folder)
    assert fault.file.startswith(f"{folder}/")
    return fault.file.removeprefix(f"{folder}/"), fault.record, fault.what


def task_of(folder: Path, part: Part) -> PartTask:
    described = read_faces(str(folder))
    return PartTask(str(folder), part, described.digest, described.image)


def test_what_extract_left_has_no_fault(extracted: Path) -> None:
    assert faults_of_faces(extracted) == ()
    report = check_part(task_of(extracted, FIRST))
    assert report.whole
    assert (report.records, report.images) == (18, 18)
    assert report.counts == parts.Counts(images=18, faces=18)
    assert report.bytes == (extracted / FIRST.name).stat().st_size


def test_every_flipped_byte_of_a_part_is_found(faces: Path) -> None:
    draw = random.Random(3)
    for part in (FIRST, SECOND):
        path = faces / part.name
        whole = path.read_bytes()
        for place in [draw.randrange(len(whole)) for _ in range(100)]:
            flip(path, place, draw.randint(1, 255))
            report = check_part(task_of(faces, part))
            assert not report.whole, place
            assert {fault.file for fault in report.faults.faults()} == {str(path)}
            path.write_bytes(whole)


def test_every_flipped_byte_of_the_footer_is_found(faces: Path) -> None:
    path = faces / SECOND.name
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little")
    for place in [*range(-8, 0), *range(-footer, -8, 29)]:
        flip(path, place, 0x10)
        assert not check_part(task_of(faces, SECOND)).whole, place
        path.write_bytes(whole)


def test_a_damaged_crop_is_told_with_its_row(faces: Path) -> None:
    path = faces / FIRST.name
    crop = pq.read_table(path)["crop"][11].as_py()
    start = path.read_bytes().index(crop)
    content = bytearray(path.read_bytes())
    content[start + 1000 : start + 1200] = b"\xff\x01" * 100
    path.write_bytes(content)
    told = [(f.record, f.what[:14]) for f in faults_of_faces(faces)]
    assert told == [(None, "damaged: its c"), (11, "crop: damaged ")]


def test_rows_that_cannot_be_read_are_told_by_their_group(faces: Path) -> None:
    path = faces / FIRST.name
    column = pq.read_metadata(path).row_group(0).column(records.face_schema().names.index("sha256"))
    content = bytearray(path.read_bytes())
    middle = column.dictionary_page_offset or column.data_page_offset
    content[middle : middle + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(content)
    whole, rows = faults_of_faces(faces)
    assert whole.what.startswith("damaged")
    assert rows.record == 0
    assert rows.what.startswith("rows 0 to 17 cannot be read (")


# What is done to the folder, the file that is told, and words of the fault.
FILES: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda d: (d / SECOND.name).unlink(), SECOND.name, "missing; run the 'faceprep extract'"),
    (
        lambda d: shutil.copy(d / FIRST.name, d / Part(0, 1, 2).name),
        Part(0, 1, 2).name,
        "no catalogue of the folder calls for it",
    ),
    (
        lambda d: shutil.copy(d / FIRST.name, d / SECOND.name),
        SECOND.name,
        "made with other options or of other images than catalog.update-001.arrow",
    ),
    (lambda d: (d / SECOND.name).write_bytes(b""), SECOND.name, "its end is damaged, or it is no"),
    (lambda d: pd.DataFrame({"x": [1]}).to_parquet(d / SECOND.name), SECOND.name, "no checksum"),
    (
        lambda d: edit_json(d / "extract.json", counts=None),
        "extract.json",
        "unfinished: 0 of 2 parts to do",
    ),
    (
        lambda d: edit_json(d / "extract.json", counts={"images": 25, "faces": 24, "rejects": {}}),
        "extract.json",
        "says that there are 25 images, 24 faces; the parts hold 24 images, 24 faces",
    ),
    (lambda d: (d / "catalog.arrow").write_bytes(b"x" * 99), "catalog.arrow", "damaged ("),
    (lambda d: (d / "targets.parquet").write_bytes(b"x" * 99), "targets.parquet", "not readable"),
]


@pytest.mark.parametrize(("damage", "name", "words"), FILES)
def test_a_damaged_file_is_told(
    faces: Path, damage: Callable[[Path], object], name: str, words: str
) -> None:
    damage(faces)
    told = [(f.file, f.record) for f in faults_of_faces(faces) if words in f.what]
    assert told == [(f"{faces}/{name}", None)]
    assert {f.file for f in faults_of_faces(faces)} == {f"{faces}/{name}"}


def test_an_unfinished_folder_is_told_once(faces: Path) -> None:
    edit_json(faces / "extract.json", counts=None)
    (faces / FIRST.name).unlink()
    name, _, what = only_fault(faces)
    assert name == "extract.json"
    assert what.startswith("unfinished: 1 of 2 parts to do; run the 'faceprep extract' command")


def test_missing_catalogues_are_told(faces: Path) -> None:
    (faces / "catalog.arrow").unlink()
    (fault,) = faults_of_faces(faces)
    assert fault.what.startswith("catalog.arrow is missing")
    (faces / "catalog.update-001.arrow").unlink()
    assert only_fault(faces) == ("catalog.arrow", None, "missing")


# What is done to the rows of the first part, the row that is told, and words of the fault.
ROWS: list[tuple[Callable[[list[list[FaceRow]]], object], int | None, str]] = [
    (lambda of: of.__setitem__(4, [replace(of[4][0], identity="x")]), 4, "identity is 'x'; the"),
    (lambda of: of.__setitem__(4, [replace(of[4][0], crop=b"no", crop_bytes=2)]), 4, "crop: not a"),
    (lambda of: of.insert(7, of.pop(3)), 7, "'person_00/03.jpg' is not in the order of the cat"),
    (
        lambda of: of.pop(),
        None,
        "has no row for 1 images of the catalogue; the first is 'person_02",
    ),
]


@pytest.mark.parametrize(("change", "row", "words"), ROWS)
def test_wrong_rows_in_a_sealed_part_are_told(
    faces: Path, change: Callable[[list[list[FaceRow]]], object], row: int | None, words: str
) -> None:
    rewrite(faces, FIRST, change)
    fault = faults_of_faces(faces)[-1]
    assert (fault.file, fault.record) == (f"{faces}/{FIRST.name}", row)
    assert fault.what.startswith(words)


def test_a_face_that_comes_twice_is_told_with_both_places(faces: Path) -> None:
    stolen: list[FaceRow] = []
    rewrite(faces, FIRST, lambda of: stolen.extend(of[2]))
    rewrite(faces, SECOND, lambda of: of.__setitem__(1, list(stolen)))
    told = {fault.what: fault.record for fault in faults_of_faces(faces)}
    assert told[f"has the face of record 2 of {faces}/{FIRST.name}"] == 1


def test_a_part_that_counts_wrongly_is_told(faces: Path) -> None:
    # The writer takes each list for an image of its own, so that it counts one too many.
    rewrite(faces, SECOND, lambda of: of.append([replace(of[-1][0], face_index=1)]))
    told = [(f.file.rpartition("/")[2], f.what) for f in faults_of_faces(faces)]
    assert (SECOND.name, "says that it holds 7 images, 7 faces; it holds 6 images, 7 faces") in told


def chosen(people: dict[str, list[ShardFace]]) -> dict[tuple[str, str], ShardFace]:
    return {(identity, ""): of[0] for identity, of in people.items()}


def test_targets_that_are_there_have_no_fault(
    faces: Path, people: dict[str, list[ShardFace]]
) -> None:
    build.write_targets(faces, chosen(people))
    assert faults_of_faces(faces) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "nobody/1.jpg"}, "the target of 'person_01' is 'nobody/1.jpg', which is no face"),
        ({"key": "person_02/00.jpg"}, "the target of 'person_01' is 'person_02/00.jpg', which"),
        ({"key": "person_01/00.jpg#1"}, "the target of 'person_01' is 'person_01/00.jpg#1'"),
    ],
)
def test_a_target_that_is_no_face_of_its_person_is_told_with_its_row(
    faces: Path, people: dict[str, list[ShardFace]], changes: dict[str, str], words: str
) -> None:
    wrong = chosen(people)
    wrong["person_01", ""] = build.renamed(wrong["person_01", ""], changes["key"])
    build.write_targets(faces, wrong)
    name, record, what = only_fault(faces)
    assert (name, record) == ("targets.parquet", 1)
    assert what.startswith(words)


def test_a_reject_is_no_target(faces: Path, people: dict[str, list[ShardFace]]) -> None:
    def reject(of: list[list[FaceRow]]) -> None:
        row = of[6][0]
        of[6] = [FaceRow(row.key, row.identity, "no_face", reason="no face found")]

    rewrite(faces, FIRST, reject)
    edit_json(faces / "extract.json", counts={"images": 24, "faces": 23, "rejects": {"no_face": 1}})
    build.write_targets(faces, chosen(people))
    name, record, what = only_fault(faces)
    assert (name, record) == ("targets.parquet", 1)
    assert what == "the target of 'person_01' is 'person_01/00.jpg', which is no face of theirs"


def test_targets_are_not_blamed_for_a_missing_part(
    faces: Path, people: dict[str, list[ShardFace]]
) -> None:
    build.write_targets(faces, chosen(people))
    (faces / SECOND.name).unlink()
    assert only_fault(faces)[0] == SECOND.name
    (faces / FIRST.name).unlink()
    told = sorted(fault.file for fault in faults_of_faces(faces))
    assert told == sorted(f"{faces}/{part.name}" for part in (FIRST, SECOND))


def test_a_part_of_random_bytes_is_one_fault(faces: Path) -> None:
    (faces / FIRST.name).write_bytes(np.random.default_rng(0).bytes(1_000_000))
    assert only_fault(faces)[:2] == (FIRST.name, None)
