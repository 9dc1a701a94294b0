"""Images are read again where they were extracted, if they are still the same, and only if that is safe."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from faceprep import parts, records
from faceprep.extract.catalog import read_catalog
from faceprep.past_runs import Run
from faceprep.report import sources
from faceprep.report.sources import SIDE, Sources, is_safe
from tests.inspect.made import no_face
from tests.report.some_faces import folder_of

if TYPE_CHECKING:
    from faceprep.face_folder import FaceFolder

KEY = "ann/1.png"
IMAGE = bytes(cv2.imencode(".png", np.full((40, 300, 3), 90, np.uint8))[1].tobytes())


def row(content: bytes = IMAGE, key: str = KEY, **changes: Any) -> dict[str, Any]:
    """An image as `Rows.rejects` has it."""
    found = {"name": key, "picture": hashlib.sha256(content).hexdigest()[-16:], "part": 0}
    return {**found, "status": records.NO_FACE, "width": 300, "height": 40, **changes}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder of images with one in it."""
    (tmp_path / "raw/ann").mkdir(parents=True)
    (tmp_path / "raw" / KEY).write_bytes(IMAGE)
    return tmp_path / "raw"


@pytest.fixture
def folder(tmp_path: Path) -> FaceFolder:
    """A folder of faces, of which nothing tells where it comes from."""
    return folder_of(tmp_path / "faces", no_face(KEY, "ann"))


def tell(folder: FaceFolder, command: str, cwd: Path) -> None:
    """Let a run say what it was."""
    moment: dict[str, Any] = {"begun": 1.0, "seen": 2.0, "ended": 2.0, "state": "done"}
    task: dict[str, Any] = {
        "task": None,
        "workers": 1,
        "cores": 1,
        "unit": "images",
        "total": 1,
        "before": 0,
    }
    said: dict[str, Any] = {"stage": "extract", "host": "host", "pid": 1, "done": 1, "files": None}
    run = Run(**said, **moment, **task, command=command, cwd=str(cwd))
    place = Path(folder.path, ".runs")
    place.mkdir()
    (place / "1.json").write_text(json.dumps(run.as_json()))


def test_a_small_picture(folder: FaceFolder, raw: Path) -> None:
    found = Sources(folder, str(raw))
    pixels = cv2.imdecode(np.frombuffer(found.picture(row()), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.shape == (round(40 * SIDE / 300), SIDE, 3)
    assert abs(int(pixels.mean()) - 90) < 4
    assert list(found.notes()) == []


@pytest.mark.parametrize(
    "command",
    [
        "faceprep extract raw --out faces",
        "faceprep extract --out faces --size 64 raw",
        "faceprep extract --out faces",
        "faceprep extract raw/list.csv --layout list",
    ],
)
def test_the_command_tells_where(folder: FaceFolder, raw: Path, command: str) -> None:
    (raw / "list.csv").write_text("path,identity\n")
    tell(folder, command, raw.parent)
    assert Sources(folder, None).picture(row())


def test_nothing_tells_where(folder: FaceFolder, raw: Path) -> None:
    found = Sources(folder, None)
    assert found.picture(row()) == b""
    assert "nothing tells where" in " ".join(found.notes())


@pytest.mark.parametrize("what", ["another", "gone", "a folder", "a pipe"])
def test_the_image_is_another_or_gone(folder: FaceFolder, raw: Path, what: str) -> None:
    image = raw / KEY
    image.unlink()
    if what == "another":
        image.write_bytes(IMAGE + b"\0")
    elif what == "a folder":
        image.mkdir()
    elif what == "a pipe":  # reading it would never end
        os.mkfifo(image)
    assert Sources(folder, str(raw)).picture(row()) == b""


@pytest.mark.parametrize("key", ["../secret.png", "{}/secret.png", "ann/../../secret.png", "a\0b"])
def test_no_name_leads_outside(folder: FaceFolder, raw: Path, key: str) -> None:
    (raw.parent / "secret.png").write_bytes(IMAGE)
    assert Sources(folder, str(raw)).picture(row(key=key.format(raw.parent))) == b""


@pytest.mark.parametrize(
    ("changes", "safe"),
    [
        ({}, True),
        ({"status": records.TOO_SMALL}, True),
        ({"status": records.UNREADABLE}, True),
        ({"status": records.UNREADABLE, "width": None, "height": None}, False),
        ({"status": records.CRASHED}, False),
        ({"status": records.TIMEOUT}, False),
        ({"status": records.TOO_LARGE}, False),
        ({"picture": None}, False),
        ({"width": 100_000, "height": 100_000}, False),
        ({"width": 0}, False),
    ],
)
def test_what_is_safe_to_decode(changes: dict[str, Any], safe: bool) -> None:
    assert is_safe(row(**changes)) == safe


def test_what_is_not_safe_is_not_even_read(folder: FaceFolder, raw: Path) -> None:
    found = Sources(folder, str(raw))
    assert found.picture(row(status=records.CRASHED)) == b""
    assert list(found.notes()) == []  # it is not missed either


def test_a_row_that_lies_about_the_size(folder: FaceFolder, raw: Path) -> None:
    huge = bytes(cv2.imencode(".png", np.zeros((5700, 5700), np.uint8))[1].tobytes())
    (raw / KEY).write_bytes(huge)
    assert Sources(folder, str(raw)).picture(row(huge)) == b""


def test_long_files_are_not_read(
    folder: FaceFolder, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_MOST_BYTES", len(IMAGE) - 1)
    assert Sources(folder, str(raw)).picture(row()) == b""


def test_after_a_while_no_more_are_begun(
    folder: FaceFolder, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_SECONDS", -1.0)
    found = Sources(folder, str(raw))
    assert found.picture(row()) == b""
    assert any("to decode" in note for note in found.notes())


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_images_in_archives(tmp_path: Path, raw: Path, kind: str) -> None:
    """But for those in a `.tar.gz`: what tells where to begin in it is gone when all is extracted."""
    archive = shutil.make_archive(str(tmp_path / "archived"), kind, raw)
    catalog = read_catalog(archive, "identity")
    folder = folder_of(tmp_path / "faces", no_face(KEY, "ann"))
    (tmp_path / "faces/catalog.arrow").unlink()
    parts.write_catalog(folder.path, 0, catalog.layout, catalog.images)
    (key,) = catalog.images["key"].to_pylist()
    shown = Sources(folder, archive).picture(row(key=key))
    assert bool(shown) == (kind != "gztar")
