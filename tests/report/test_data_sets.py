"""What a page tells of a data set, and what is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from faceprep import dataset_folder, records, storage
from faceprep.errors import InputError
from faceprep.report import sample
from faceprep.report.data_sets import find_data_sets, not_shown, read_data_set
from tests.inspect.made import SIDE, damage, make_data_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = tuple(records.EXAMPLES)
ROOM = 1_000_000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", ["none", "GZIP"])
def test_a_data_set_is_told_by_split(tmp_path: Path, kind: str, compression: str) -> None:
    made = make_data_set(tmp_path, kind, {"one": (9, 8), "two": (1,)}, compression=compression)
    found = read_data_set(str(made.folder), budget=ROOM)
    assert (found.path, found.name) == (str(made.folder), kind)
    assert [(s.name, s.records, s.shards) for s in found.splits] == [("one", 17, 2), ("two", 1, 1)]
    sizes = [file.stat().st_size for file in sorted(made.folder.glob("*.tfrecord-*"))]
    assert [split.size for split in found.splits] == [sizes[0] + sizes[1], sizes[2]]
    assert {split: len(each) for split, each in found.examples.items()} == {
        "one": sample.EXAMPLES if kind != "cfp" else sample.EXAMPLES // 2,
        "two": 1,
    }
    assert found.notes == ()


@pytest.mark.parametrize(
    ("above", "inputs", "noted"),
    [
        ("e" * 64, {"faces": "f" * 64}, True),
        ("f" * 64, {"faces": "f" * 64}, False),
        (None, {"faces": "f" * 64}, False),
        ("e" * 64, {}, False),
    ],
)
def test_one_that_was_made_of_other_faces_than_those_above_says_so(
    tmp_path: Path, above: str | None, inputs: dict[str, str], noted: bool
) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1,)})
    change(made.folder, inputs=inputs)
    notes = read_data_set(str(made.folder), budget=ROOM, faces=above).notes
    assert notes == ("It was made of other faces than those above; shard again to match.",) * noted


def test_the_facts_are_in_words(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (2, 1)})
    change(
        made.folder,
        counts={"identities": 1234, "duplicates": 5, "singletons": 0, "new_in_0_9": 7},
        run={"per_second": 9876.5, "workers": 2},
    )
    found = read_data_set(str(made.folder), budget=ROOM)
    facts = dict(found.facts)
    assert facts.pop("size on disk").endswith("kB")
    assert facts == {
        "records": "3",
        "shards": "2",
        "people": "1,234",
        "left out: copies": "5",
        "new in 0 9": "7",
        "images": f"{SIDE} × {SIDE} px, jpeg",
        "records/s": "9,876 with 2 workers",
        "made by": "faceprep 1",
    }
    assert found.options == {"seed": "0", "compression": "none"}


def test_labels_are_counted(tmp_path: Path) -> None:
    made = make_data_set(tmp_path, "cfp", {"ff01": (6,)}, label=[0, 1, 1])
    (split,) = read_data_set(str(made.folder), budget=ROOM).splits
    assert split.labels == {"genuine": 4, "impostor": 2}


def test_the_same_records_are_shown_again(tmp_path: Path) -> None:
    folder = str(make_data_set(tmp_path, "pairs", {"train": (9,)}).folder)
    assert repr(read_data_set(folder, budget=ROOM)) == repr(read_data_set(folder, budget=ROOM))


def test_a_data_set_behind_a_url_is_told_alike(tmp_path: Path) -> None:
    folder = make_data_set(tmp_path, "triplets", {"train": (3, 2)}).folder
    url = f"memory://{uuid4().hex}/triplets/1.0.0"
    for file in folder.iterdir():
        storage.write_bytes(f"{url}/{file.name}", file.read_bytes())
    assert find_data_sets(url.removesuffix("/triplets/1.0.0")) == [url]
    found = replace(read_data_set(url, budget=ROOM), path=str(folder))
    assert repr(found) == repr(read_data_set(str(folder), budget=ROOM))


def test_pictures_stay_within_their_room(tmp_path: Path) -> None:
    folder = str(make_data_set(tmp_path, "pairs", {"train": (9,), "test": (9,)}).folder)

    def taken(budget: int) -> int:
        shown = read_data_set(folder, budget=budget).examples.values()
        return sum(len(f.picture) for split in shown for e in split for f in e.faces.values())

    assert taken(0) == 0
    assert 2_000 < taken(4_000) <= 4_000 < taken(ROOM)


def test_a_sample_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_data_set(tmp_path, "pairs", {"train": (1500,), "test": (2,)})
    monkeypatch.setattr(sample, "_RECORDS", 5)
    (note,) = read_data_set(str(made.folder), budget=ROOM).notes
    assert note.endswith(
        "the first records of each split, which lie in random order: 3 of 1,500 of train."
    )


@pytest.mark.parametrize("level", ["", "pairs", "pairs/1.0.0", "pairs/1.0.0/"])
def test_a_data_set_is_found_from_above(tmp_path: Path, level: str) -> None:
    made = make_data_set(tmp_path / "shards", "pairs", {"train": (1,)})
    assert find_data_sets(f"{tmp_path}/shards/{level}") == [str(made.folder)]


def test_where_there_are_none_none_are_found(tmp_path: Path) -> None:
    assert find_data_sets(str(tmp_path)) == []
    assert find_data_sets(f"{tmp_path}/nowhere") == []


def change(folder: Path, **entries: Any) -> None:
    """Other entries in `shard.json`."""
    path = folder / dataset_folder.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


SHARD = "pairs-train.tfrecord-00000-of-00001"
BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "unfinished": (lambda folder: change(folder, counts=None), ": unfinished; go on with the"),
    "version": (
        lambda folder: change(folder, format="2.0.0"),
        "/shard.json: has format 2.0.0, this faceprep reads 1.0.0",
    ),
    "kind": (lambda folder: change(folder, data_set="x"), "/shard.json: not as faceprep writes it"),
    "counts": (lambda folder: change(folder, counts=[1]), "/shard.json: not as faceprep writes it"),
    "image": (lambda folder: change(folder, image=None), "/shard.json: not as faceprep writes it"),
    "manifest": (
        lambda folder: (folder / "shard.json").unlink(),
        "/shard.json: missing, so these are no shards of faceprep's",
    ),
    "info": (
        lambda folder: (folder / "dataset_info.json").write_text("{}"),
        "/dataset_info.json: not readable",
    ),
    "missing": (lambda folder: (folder / SHARD).unlink(), f"/{SHARD}: missing; 'faceprep verify'"),
    "damaged": (
        lambda folder: damage(folder / SHARD, -100),
        f"/{SHARD}: record 2: the checksum of its content is wrong; 'faceprep verify' tells more",
    ),
    "cut off": (
        lambda folder: os.truncate(folder / SHARD, 1000),
        f"/{SHARD}: record 0: the file ends within it",
    ),
    "empty": (
        lambda folder: os.truncate(folder / SHARD, 0),
        ": split train has fewer records than",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_gets_one_line_that_names_it(tmp_path: Path, fault: str) -> None:
    folder = make_data_set(tmp_path, "pairs", {"train": (3,)}).folder
    break_it, message = BROKEN[fault]
    break_it(folder)
    with pytest.raises(InputError) as caught:
        read_data_set(str(folder), budget=ROOM)
    assert str(caught.value).startswith(f"{folder}{message}")
    assert "\n" not in str(caught.value)


def test_what_is_not_shown_is_told_nevertheless() -> None:
    found = not_shown("shards/cfp/1.0.0", "unfinished")
    assert (found.name, found.notes, found.splits) == ("cfp", ("unfinished",), ())
    assert not_shown("work/1.0.0", "").name == "data set"
