"""Status of folders that are large, damaged, or nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from faceprep import forgotten, manifest, parts
from faceprep.errors import InputError, UsageError
from faceprep.status.run import status
from tests.status.made import many, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

LOOK = """
import sys
import pyarrow as pa
from faceprep.status.run import status
for line in status(sys.argv[1]).as_lines(): print(line)
print(pa.default_memory_pool().max_memory())
print([name for name in ("mediapipe", "tensorflow", "joblib", "cv2") if name in sys.modules])
"""


def test_it_looks_at_little_however_many_images_there_are(tmp_path: Path) -> None:
    folder = many(tmp_path / "faces", 300_000, 100)
    run = subprocess.run(
        [sys.executable, "-c", LOOK, str(folder)], capture_output=True, text=True, check=True
    )
    *lines, memory, heavy = run.stdout.splitlines()
    assert lines[1:3] == [
        "  parts       100 of 256 finished, 156 missing",
        "  images      117,200 of 300,000 (39.1%)",
    ]
    assert 0 < int(memory) < (folder / "catalog.arrow").stat().st_size / 10
    assert heavy == "[]"


ODD = json.dumps(
    {"format": 2, "digest": "d", "options": {}, "versions": {}, "counts": {"cats": 1}}
).encode()
OLD = json.dumps({"format": 1, "options": {}, "versions": {}}).encode()


def _with(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: None, "no such folder"),
        (lambda folder: folder.mkdir(), "nothing of faceprep's in it"),
        (lambda folder: folder.write_text("x"), "nothing of faceprep's in it"),
        (
            lambda folder: _with(many(folder, 300, 3), "extract.json", ODD),
            "counts are not readable",
        ),
        (lambda folder: _with(folder, "extract.json", b"{"), "extract.json: not readable"),
        (lambda folder: _with(folder, "shard.json", b"[]"), "shard.json: not readable"),
        (
            lambda folder: _with(many(folder, 300, 1), "catalog.arrow", b"ARROW1"),
            "catalog.arrow: damaged",
        ),
        (
            lambda folder: _with(many(folder, 300, 1), "extract.json", OLD),
            "has format 1, this faceprep reads 2",
        ),
    ],
)
def test_what_is_nothing_of_ours_or_damaged_gets_a_line(
    tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    make(tmp_path / "it")
    with pytest.raises(InputError, match=words):
        status(str(tmp_path / "it"))


@pytest.mark.parametrize("exact", [False, True])
def test_a_folder_in_which_people_are_being_forgotten_says_so(tmp_path: Path, exact: bool) -> None:
    folder = str(many(tmp_path / "faces", 300, 3))  # parts that do not fit their catalogue
    described = manifest.read(folder, parts.MANIFEST) or {}
    begun = forgotten.read("", described).begun_with(["0001"])
    manifest.write(folder, parts.MANIFEST, begun.into(described))
    found = told(tmp_path / "faces", exact=exact)
    assert (found["forgetting"], found["finished"], found["done"]) == (True, False, 300)
    assert found["next"] == f"faceprep forget --faces {folder}"
    assert next(status(folder).as_lines()) == f"{folder}: faces, people are being forgotten"


def test_an_empty_path_is_wrong_usage() -> None:
    with pytest.raises(UsageError):
        status("")


def test_the_command_ends_with_the_code_of_bad_input(tmp_path: Path, faceprep: Faceprep) -> None:
    run = faceprep("status", tmp_path / "nowhere")
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (3, "", 1)
