"""The plain facts, as far as a folder tells them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from faceprep.report import facts
from faceprep.report.chosen import lay_beside, targets_of
from faceprep.report.people import MOST_FACES
from faceprep.report.rows import read_rows
from tests.inspect.made import face, no_face
from tests.report.some_faces import folder_of, store_targets, target

if TYPE_CHECKING:
    from faceprep.face_folder import FaceFolder

RUN = {"workers": 2, "per_second": 312.4, "wall_seconds": 754.0}
WORST = {"part": "part-00000-of-00001.parquet", "images": 3, "rejected": 2}


def look(folder: FaceFolder, *, clips: bool = False, **more: Any) -> dict[str, dict[str, str]]:
    """The facts, with more in `extract.json`."""
    manifest = Path(folder.path, "extract.json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | more))
    rows = read_rows(folder, clips=clips)
    return facts.read(folder, rows, lay_beside(*targets_of(folder), rows))


def test_an_older_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"), no_face("b", "ann"), no_face("c", "bob"))
    found = look(folder)
    assert found["facts"].pop("size on disk").endswith(" kB")
    assert found["facts"] == {
        "images": "3",
        "faces": "1",
        "people": "2",
        "without a face": "2 (66.7%)",
        "targets": "not chosen; 'faceprep select' chooses them",
        "parts": "1",
    }
    assert found["options"] == {"layout": "identity", "size": "24", "format": "jpg"}
    assert found["versions"] == {"faceprep": "1"}


def test_what_the_runs_tell(tmp_path: Path) -> None:
    found = look(folder_of(tmp_path, face("a", "ann")), run=RUN, worst_part=WORST)["facts"]
    assert found["images/s"] == "312 with 2 workers"
    assert found["time"] == "13 min from first to last"
    assert found["worst part"] == f"{WORST['part']}: 2 of its 3 images gave no face"


def test_clips(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("1", "ann", 1, clip="x"), face("2", "ann", 2, clip="y"))
    store_targets(folder, target("ann", "1", clip="x"), target("ann", clip="y"), per="clip")
    found = look(folder, clips=True)["facts"]
    assert (found["people"], found["clips"]) == ("1", "2")
    assert found["targets"] == "1 of 2 have one"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0 s"), (45.0, "45 s"), (99.0, "99 s"), (754.0, "13 min"), (79_200.0, "22 h 0 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert facts.duration(seconds) == words


def test_nothing_to_note(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, face("a", "ann"))
    assert list(facts.notes(folder, read_rows(folder, clips=False))) == []


def test_parts_are_missing(tmp_path: Path) -> None:
    folder = replace(folder_of(tmp_path, face("a", "ann")), missing=3)
    assert look(folder)["facts"]["parts"] == "1 of 4"
    (note,) = facts.notes(folder, read_rows(folder, clips=False))
    assert note.startswith("3 parts are still to do")


def test_many_faces_and_none_with_a_crop(tmp_path: Path) -> None:
    faces = (face(str(n), "ann", n, crop=None, crop_bytes=None) for n in range(MOST_FACES + 1))
    folder = folder_of(tmp_path, *faces)
    many, cropless = facts.notes(folder, read_rows(folder, clips=False))
    assert f"more than {MOST_FACES} faces" in many
    assert "--no-crops" in cropless
