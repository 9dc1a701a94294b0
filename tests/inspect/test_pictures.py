"""What `--save` draws: plots with everything that is there in them, and a sheet of the saved records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from faceprep.inspect.pictures import Faces
from faceprep.inspect.run import inspect
from faceprep.plotting import BLUE, VERMILION
from tests.inspect.made import damage, face, make_data_set, make_faces, no_face

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SLICES = (
    [face("ann/1.jpg", "ann", 1), no_face("ann/2.jpg", "ann"), face("bob/1.jpg", "bob", 2)],
    [face("cid/1.jpg", "cid", 3, yaw=None, sharpness=float("nan")), face("dan/1.jpg", "dan", 12)],
)


def read(path: str) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def has(picture: NDArray[np.uint8], colour: str) -> bool:
    return bool((picture == list(bytes.fromhex(colour[1:]))).all(axis=2).any())


def test_faces_are_counted_part_by_part(tmp_path: Path) -> None:
    counted = Faces()
    make_faces(tmp_path / "faces", *SLICES)
    for part in sorted((tmp_path / "faces").glob("part-*.parquet")):
        counted.add(pq.read_table(part))
    assert counted.by_status() == {"ok": 4, "no_face": 1}
    found = {name: int(counts.sum()) for name, counts in counted.counts.items()}
    assert found == {"yaw": 3, "pitch": 4, "frontality": 4, "size": 4, "sharpness": 3}
    yaws = counted.counts["yaw"]
    assert np.flatnonzero(yaws).tolist() == [0, 14, 16]  # beyond -90, -20 and -10 degrees


def test_columns_that_a_part_lacks_count_as_no_faces() -> None:
    counted = Faces()
    counted.add(pa.table({"status": ["ok", "ok"], "yaw": [1.0, None], "box_width": [5.0, 6.0]}))
    assert counted.by_status() == {"ok": 2}
    assert {name: int(each.sum()) for name, each in counted.counts.items() if each.any()} == {
        "yaw": 1
    }


@pytest.mark.parametrize("one_part", [False, True])
def test_a_folder_of_faces_and_a_part_are_drawn(tmp_path: Path, one_part: bool) -> None:
    faces, out = make_faces(tmp_path / "faces", *SLICES), tmp_path / "look"
    path = faces / "part-00000-of-00001.parquet" if one_part else faces
    found = inspect(str(path), save=str(out))
    assert found.pictures == (f"{out}/faces.png", f"{out}/records.png")
    assert f"drawn as {out}/faces.png" in found.as_text().splitlines()
    assert found.as_json()["pictures"] == list(found.pictures)
    plots, sheet = map(read, found.pictures)
    assert has(plots, BLUE)
    assert sheet.shape[1] == 2 * (160 + 8 + 16) + 16  # two of the three records have a face


def test_a_folder_without_faces_and_a_damaged_one_are_drawn_as_far_as_there_is(
    tmp_path: Path,
) -> None:
    rejects = make_faces(tmp_path / "rejects", [no_face("ann/1.jpg", "ann")])
    found = inspect(str(rejects), save=str(tmp_path / "a"))
    assert found.pictures == (f"{tmp_path}/a/faces.png",)
    damage(rejects / "part-00000-of-00001.parquet", -1)
    found = inspect(str(rejects), save=str(tmp_path / "b"))
    assert found.pictures == (f"{tmp_path}/b/faces.png",)
    assert not has(read(found.pictures[0]), BLUE)


@pytest.mark.parametrize(("data_set", "faces"), [("pairs", 2), ("cfp", 2), ("triplets", 3)])
def test_a_data_set_is_drawn(tmp_path: Path, data_set: str, faces: int) -> None:
    made = make_data_set(tmp_path, data_set, {"train": (2, 1), "test": (1,)})
    found = inspect(str(made.folder), records=2, save=str(tmp_path / "look"))
    assert found.pictures == tuple(f"{tmp_path}/look/{n}.png" for n in ("data-set", "records"))
    plot, sheet = map(read, found.pictures)
    assert has(plot, BLUE)
    assert has(plot, VERMILION)  # of another face of the same examples
    assert sheet.shape[1] == 2 * (faces * (160 + 4) + 4 + 16) + 16


@pytest.mark.parametrize("lengths", [(2,), (0,)])
def test_an_unfinished_data_set_is_drawn_as_far_as_it_is_there(
    tmp_path: Path, lengths: tuple[int, ...]
) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": lengths}, finished=False)
    found = inspect(str(made.folder), save=str(tmp_path / "look"))
    assert found.pictures[0] == f"{tmp_path}/look/data-set.png"
    assert has(read(found.pictures[0]), VERMILION) == bool(sum(lengths))


def test_pairs_of_one_person_are_framed_otherwise_than_of_two(tmp_path: Path) -> None:
    frames = []
    for label in (0, 1):
        made = make_data_set(tmp_path / str(label), "cfp", {"ff01": (1,)}, label=label)
        _, sheet = inspect(str(made.folder), save=str(tmp_path / f"look-{label}")).pictures
        frames.append({colour for colour in (BLUE, VERMILION) if has(read(sheet), colour)})
    assert frames == [{VERMILION}, {BLUE}]


def test_a_shard_has_its_sheet_and_a_damaged_record_is_passed_over(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (3,)})
    shard = made.folder / "pairs-train.tfrecord-00000-of-00001"
    damage(shard, shard.stat().st_size // 2)
    assert inspect(str(shard), save=str(tmp_path / "a")).pictures == (f"{tmp_path}/a/records.png",)
    found = inspect(str(made.folder), save=str(tmp_path / "b"))
    assert len(found.pictures) == 2
    assert sum(bool(each.saved) for each in found.records) == 2


def test_nothing_is_drawn_unless_asked_for(tmp_path: Path) -> None:
    faces = make_faces(tmp_path / "faces", *SLICES)
    shards = make_data_set(tmp_path, "pairs", {"train": (1,)}).folder
    before = sorted(tmp_path.rglob("*"))
    assert inspect(str(faces)).pictures == inspect(str(shards)).pictures == ()
    assert sorted(tmp_path.rglob("*")) == before
