"""The stage end to end: people out of a folder of faces, whatever happens on the way."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faceprep import parts, storage
from faceprep.errors import InputError
from faceprep.extract import manifest, plan
from faceprep.extract.catalog import Catalog
from faceprep.extract.layouts import SCHEMA
from faceprep.face_folder import open_faces
from faceprep.log import LOG
from faceprep.targets import NAME, read_targets
from faceprep.verify.description import read_faces
from tests.forget.made import ANN, OPTIONS, ZOE, choose, files, people, run
from tests.verify.build import faults_of_faces, flip, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable


BOTH = (ANN, ZOE)
SHARED: dict[str, Any] = {"sha256": "5a" * 32}
_STEPS = 11
"""Manifest, targets, journal, archives, three parts, two catalogues, targets, manifest."""


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(LOG, "propagate", True)
    caplog.set_level("INFO")
    return caplog


def rows(folder: Path) -> pd.DataFrame:
    return pd.concat(map(pd.read_parquet, sorted(folder.glob("part-*")))).reset_index(drop=True)


def spelt_out(path: Path) -> bytes:
    """All that is in a file, as it lies there and as readers see it: values, statistics, metadata."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        part = pq.ParquetFile(path)
        groups = [part.metadata.row_group(n).to_dict() for n in range(part.num_row_groups)]
        content += str((part.read().to_pydict(), groups, part.metadata.metadata)).encode()
    if path.suffix == ".arrow":
        with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
            content += str((reader.read_all().to_pydict(), reader.schema.metadata)).encode()
    return content


@pytest.fixture(scope="session")
def without(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after both were forgotten, undisturbed."""
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("without") / "faces"))
    summary = run(folder, *BOTH)
    assert (summary.people, summary.images, summary.faces, len(summary.others)) == (2, 14, 12, 0)
    return folder


@pytest.mark.parametrize("name", [name.encode() for name in BOTH])
def test_no_byte_of_a_name_is_left(made: Path, without: Path, name: bytes) -> None:
    there = [path.name for path in made.rglob("*") if path.is_file() and name in spelt_out(path)]
    assert {"run.json", NAME, "catalog.arrow", "part-00000-of-00003.parquet"} & set(there)
    left = [path for path in without.rglob("*") if path.is_file() and name in spelt_out(path)]
    assert left == []


def test_all_others_keep_their_rows_and_their_targets(made: Path, without: Path) -> None:
    before = rows(made)
    expected = before[~before.identity.isin(BOTH)].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows(without), expected)
    chosen = read_targets(str(without / NAME))
    assert chosen is not None
    assert chosen.rows["identity"].to_pylist() == [n for n in [*people(), "p900"] if n not in BOTH]
    assert chosen.faces == open_faces(str(without)).digest


def test_parts_without_them_keep_their_bytes(made: Path, without: Path) -> None:
    before, after = files(made), files(without)
    same = [name for name in after if name.startswith("part-") and before[name] == after[name]]
    assert same == ["part-00001-of-00003.parquet"]


def test_the_folder_is_sound_and_says_what_is_in_it(without: Path) -> None:
    assert faults_of_faces(without) == ()
    described = json.loads((without / parts.MANIFEST).read_text())
    found = rows(without)
    assert described["counts"]["images"] == found.key.nunique()
    assert described["counts"]["faces"] == (found.status == "ok").sum()
    assert described["forgotten"]["finished"]


def test_what_runs_have_said_keeps_its_numbers(made: Path, without: Path) -> None:
    before, after = (json.loads((f / ".runs/run.json").read_text()) for f in (made, without))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"error", "failed", "command", "cwd"}


class PowerCutError(Exception):
    """The moment after which nothing is written any more."""


def strike(monkeypatch: pytest.MonkeyPatch, last: int) -> Callable[[], int]:
    """Let so many files be put in place or removed, and then none; returns what counts them."""
    done = 0

    def counted(really: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal done
            if done >= last:
                raise PowerCutError
            done += 1
            return really(*arguments, **options)

        return step

    for owner, name in ((Path, "replace"), (shutil, "rmtree")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return lambda: done


def test_wherever_it_is_killed_the_same_command_goes_on(
    made: Path, without: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = files(without)
    for last in range(_STEPS + 1):
        folder = Path(shutil.copytree(made, tmp_path / f"{last}"))
        with monkeypatch.context() as patch:
            done = strike(patch, last)
            if last < _STEPS:
                with pytest.raises(PowerCutError):
                    run(folder, *BOTH)
                refused_or_untouched(folder, made)
            else:
                run(folder, *BOTH)
            assert done() == last
        run(folder, *(BOTH if last % 2 or not last else ()))
        assert files(folder) == expected, f"killed after {last} steps"


def refused_or_untouched(folder: Path, made: Path) -> None:
    if files(folder) == files(made):
        return
    for look in (open_faces, read_faces):
        with pytest.raises(InputError, match="people are being forgotten in this folder"):
            look(str(folder))


def test_a_dry_run_tells_the_same_and_touches_nothing(folder: Path, made: Path) -> None:
    summary = run(folder, *BOTH, dry_run=True)
    assert (summary.people, summary.images, summary.faces, summary.parts) == (2, 14, 12, 3)
    assert files(folder) == files(made)


def test_damaged_targets_go_too(folder: Path) -> None:
    flip(folder / NAME, 100)
    run(folder, ANN)
    assert not (folder / NAME).exists()


def test_targets_are_chosen_again_where_a_picture_was_in_conflict(folder: Path) -> None:
    share_a_picture(folder)
    run(folder, ANN)
    chosen = read_targets(str(folder / NAME))
    assert chosen is not None
    assert ANN not in chosen.rows["identity"].to_pylist()
    assert chosen.faces != open_faces(str(folder)).digest


def share_a_picture(folder: Path) -> None:
    """Give two people a picture of the same bytes."""
    rewrite(
        folder, parts.Part(0, 0, 3), lambda of: of.__setitem__(0, [replace(of[0][0], **SHARED)])
    )
    rewrite(
        folder, parts.Part(0, 1, 3), lambda of: of.__setitem__(0, [replace(of[0][0], **SHARED)])
    )
    choose(folder)


def test_files_of_others_are_told_of(folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes/who.txt").write_text(ANN)
    assert run(folder, ANN).others == ("notes/who.txt",)


def test_a_part_that_no_catalogue_calls_for_is_told_of(folder: Path) -> None:
    shutil.copy(folder / "part-00000-of-00003.parquet", folder / "part-00000-of-00009.parquet")
    summary = run(folder, ANN)
    assert summary.others == ("part-00000-of-00009.parquet",)
    chosen = read_targets(str(folder / NAME))
    assert chosen is not None
    assert chosen.faces == open_faces(str(folder)).digest


def test_a_folder_among_the_journals_is_told_of(folder: Path) -> None:
    (folder / ".runs/mine").mkdir()
    (folder / ".runs/mine/who.txt").write_text(ANN)
    assert run(folder, ANN).others == (".runs/mine/who.txt",)


@pytest.mark.parametrize("name", [ANN, "never there"])
def test_words_go_of_those_who_are_gone_or_never_were_there_too(folder: Path, name: str) -> None:
    run(folder, name, allow_unknown=True)
    (folder / ".runs/later.json").write_text(json.dumps({"error": f"{name}: gone", "done": 1}))
    (folder / ".archives").mkdir()
    assert run(folder, name).people == 0
    assert name not in (folder / ".runs/later.json").read_text()
    assert not (folder / ".archives").exists()


def test_it_works_in_a_bucket(folder: Path, s3_bucket: str, without: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and ".tmp-" not in path.name:
            storage.write_bytes(f"{s3_bucket}/faces/{path.relative_to(folder)}", path.read_bytes())
    run(f"{s3_bucket}/faces", *BOTH)
    for name, content in files(without).items():
        if name != parts.MANIFEST:
            assert storage.read_bytes(f"{s3_bucket}/faces/{name}") == content


def test_extract_passes_them_over_from_then_on(
    folder: Path, made: Path, log: pytest.LogCaptureFixture
) -> None:
    """The same source again, with another person in it."""
    everything = pa.concat_tables(
        pa.Table.from_batches([images]) for _, images in parts.slices(str(made))
    )
    new = pa.Table.from_pylist([{"key": "q/1.jpg", "identity": "q"}], SCHEMA)
    run(folder, *BOTH)
    source = Catalog("raw", "identity", pa.concat_tables([everything.cast(SCHEMA), new]))
    now = manifest.describe(OPTIONS, "identity")
    _, planned = plan.begin(str(folder), source, now, None)
    assert planned.skipped == {"images of people who were forgotten": 14}
    assert "skipped: 14 images of 2 people whom 'faceprep forget' keeps out" in log.text
    assert parts.read_slice(str(folder), parts.Part(2, 0, 1))["key"].to_pylist() == ["q/1.jpg"]


def test_overwriting_lifts_it_and_says_so(folder: Path, log: pytest.LogCaptureFixture) -> None:
    run(folder, *BOTH)
    plan.make_room(str(folder), manifest.describe(OPTIONS, "identity"), None, overwrite=True)
    assert "2 people had been forgotten in it" in log.text
    assert not (folder / parts.MANIFEST).exists()


def test_other_options_alone_do_not_lift_it(folder: Path) -> None:
    run(folder, *BOTH)
    for path in folder.glob("part-*"):
        path.unlink()
    other = manifest.describe(replace(OPTIONS, size=32), "identity")
    plan.make_room(str(folder), other, None, overwrite=False)
    assert json.loads((folder / parts.MANIFEST).read_text())["forgotten"]["people"]
