"""The public functions: what there is, that all of it is typed, and that a notebook can live by it."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click
import cv2
import numpy as np
import pyarrow as pa
import pytest

import faceprep
from faceprep import api, errors, records
from faceprep.api import training
from faceprep.commands import COMMANDS
from faceprep.train.run_folder import MODEL, write_run
from tests.evaluate.small_protocol import small_protocol
from tests.predict.small_siamese import siamese_run
from tests.shard.small_cfp import make_small_cfp
from tests.train.small_pairs import small_pairs
from tests.train.small_runs import a_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Sample

FUNCTIONS = sorted(name for name in faceprep.__all__ if name.islower() and name[0] != "_")
MODULES = ("preparing", "sharding", "tables", "examples", "training", "judging", "looking")
"""Of the API, in this order: what one makes, those after it read."""


@pytest.fixture(scope="module")
def workspace(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the examples begin in: `raw`, `cfp` as the real one, and `cfp-faces`."""
    folder = tmp_path_factory.mktemp("api")
    shutil.copytree(sample.root, folder / "raw")
    cfp = make_small_cfp(sample, folder / "cfp")
    faceprep.extract_faces(
        str(cfp.root), str(folder / "cfp-faces"), faceprep.ExtractOptions(size=64)
    )
    return folder


def test_the_examples_in_the_docstrings_run(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    told: list[str] = []
    runner = doctest.DocTestRunner()
    for name in MODULES:
        examples = doctest.DocTestFinder().find(importlib.import_module(f"faceprep.api.{name}"))
        for example in sorted(examples, key=lambda each: each.lineno or 0):
            runner.run(example, out=told.append)
    assert runner.tries > len(FUNCTIONS)
    assert not runner.failures, "".join(told)


def test_what_is_public_is_what_is_listed() -> None:
    assert sorted(set(faceprep.__all__)) == sorted(faceprep.__all__)
    assert set(faceprep.__all__) <= set(dir(faceprep))
    for name in faceprep.__all__:
        assert getattr(faceprep, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'extract_face'"):
        _ = faceprep.extract_face  # type: ignore[attr-defined]


def test_type_checkers_see_what_a_program_gets() -> None:
    """The imports for these, read off the source, have the names and the homes of those at run time."""
    homes = {
        alias.name: node.module
        for node in ast.walk(ast.parse(inspect.getsource(faceprep)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("faceprep")
        for alias in node.names
    }
    assert set(homes) == set(faceprep.__all__) - {"__version__"}
    for name, home in homes.items():
        assert getattr(importlib.import_module(str(home)), name) is getattr(faceprep, name)


def test_every_function_of_the_api_is_public() -> None:
    """But for what the commands share with it, which stands below the functions that are."""
    written = {
        name
        for module in MODULES
        for name, found in vars(importlib.import_module(f"faceprep.api.{module}")).items()
        if inspect.isfunction(found) and found.__module__ == f"faceprep.api.{module}"
        if name[0] != "_"
    }
    assert written - set(FUNCTIONS) == {"begun", "pairs_of", "interrupted_as_in_python"}
    assert set(FUNCTIONS) <= written


def test_names_do_not_clash_with_modules() -> None:
    modules = {path.stem for path in Path(faceprep.__file__).parent.iterdir()}
    assert not modules & set(faceprep.__all__)


def test_every_command_has_a_function() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (`.+`) \|$", api.__doc__ or "", re.MULTILINE))
    commands = {str(command.name): command for command in COMMANDS}
    assert set(rows) == set(commands)
    named = {name: re.findall(r"`(\w+)`", functions) for name, functions in rows.items()}
    assert {function for functions in named.values() for function in functions} <= set(FUNCTIONS)
    for name, command in commands.items():
        below = set(command.commands) - {"auto"} if isinstance(command, click.Group) else set()
        assert {f"{name}_{each}" for each in below} <= set(named[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_typed_and_told_of(name: str) -> None:
    function: Callable[..., object] = getattr(faceprep, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    doc = inspect.getdoc(function) or ""
    assert ">>> " in doc
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
        if len(signature.parameters) > 1:
            assert re.search(rf"^    {parameter.name}: ", doc, re.MULTILINE), parameter.name


def test_the_errors_are_one_family() -> None:
    for name in ("Diverged", "UsageError", "InputError", "OutOfReach", "StorageError"):
        assert issubclass(getattr(faceprep, name), faceprep.FaceprepError)
        assert getattr(faceprep, name) is getattr(errors, name)


def test_rows_come_with_the_columns_asked_for_in_that_order(workspace: Path) -> None:
    faces = str(workspace / "cfp-faces")
    columns = ["status", "crop", "key"]
    table = faceprep.read_faces(faces, columns)
    assert table.schema.equals(pa.schema([records.face_schema().field(n) for n in columns]))
    batches = list(faceprep.scan_faces(faces, columns, size=5))
    assert {len(batch) for batch in batches[:-1]} == {5}
    assert pa.Table.from_batches(batches).equals(table)
    assert "crop" not in faceprep.read_faces(faces).column_names
    assert table["status"].to_pylist().count("no_face") == 1


def test_what_cannot_be_read_is_an_error_that_says_so(workspace: Path) -> None:
    faces = str(workspace / "cfp-faces")
    with pytest.raises(faceprep.UsageError, match=r"no 'yav' \(did you mean 'yaw'"):
        faceprep.read_faces(faces, ["yav"])
    assert faceprep.read_faces(faces, "yaw").column_names == ["yaw"]
    with pytest.raises(faceprep.InputError, match="no such folder"):
        list(faceprep.scan_faces(str(workspace / "nowhere")))
    with pytest.raises(faceprep.InputError, match="not chosen"):
        faceprep.read_targets(faces)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: faceprep.select_targets(""), "FACES is empty"),
        (lambda: faceprep.forget_people("", "ann"), "FACES is empty"),
        (lambda: faceprep.shard_pairs("faces", ""), "--out is empty"),
        (lambda: faceprep.train_autoencoder("shards", runs=""), "--runs is empty"),
        (lambda: faceprep.train_autoencoder("shards", preset="v13"), "no preset 'v13'"),
        (lambda: faceprep.train_siamese("shards", preset="z"), "no preset 'z'"),
        (lambda: faceprep.cross_validate("shards", ""), "--run-dir is empty"),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object], error: str) -> None:
    with pytest.raises(faceprep.UsageError, match=error):
        call()


def test_a_run_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    for name, run in (("siamese", siamese_run()), ("autoencoder", a_run())):
        (tmp_path / name).mkdir()
        write_run(str(tmp_path / name), run)
        (tmp_path / name / MODEL).touch()
    with pytest.raises(faceprep.UsageError, match="compare_faces"):
        faceprep.predict_frontal(str(tmp_path / "siamese"), "a.jpg", "out")
    for judge in (faceprep.compare_faces, faceprep.compare_pairs):
        with pytest.raises(faceprep.UsageError, match="predict_frontal"):
            judge(str(tmp_path / "autoencoder"), "a.jpg", "b.jpg")


def test_shards_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = small_pairs(tmp_path, format="png", compression="GZIP")
    encoded = list(faceprep.read_shards(str(tmp_path / "shards"), decode=False))
    decoded = list(faceprep.read_shards(str(written)))
    assert len(encoded) == len(decoded) == 32
    for before, after in zip(encoded, decoded, strict=True):
        for face in ("feature", "target"):
            raw, found = before[face]["image"].numpy(), after[face]["image"].numpy()
            pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR_RGB)
            np.testing.assert_array_equal(pixels, found)
            assert after[face]["found"].numpy() is np.True_
            assert after[face]["yaw"].dtype.name == "float32"
    assert {record["key"].numpy() for record in decoded} == {r["key"].numpy() for r in encoded}


def test_which_shards_are_meant_is_asked_where_there_are_several(tmp_path: Path) -> None:
    root = tmp_path / "shards"
    with pytest.raises(faceprep.InputError, match="no shards in it"):
        faceprep.read_shards(str(root))
    for name in ("pairs", "cfp"):
        (root / name / "1.0.0").mkdir(parents=True)
    with pytest.raises(faceprep.UsageError, match="pairs, cfp; say which"):
        faceprep.read_shards(str(root))
    with pytest.raises(faceprep.UsageError, match=r"'pair' \(did you mean 'pairs'\?\)"):
        faceprep.read_shards(str(root), data_set="pair")


def test_what_is_asked_for_by_name_is_looked_at_first(tmp_path: Path) -> None:
    where, out = str(tmp_path / "raw"), str(tmp_path / "faces")
    for retry in ("unreadble", ["unreadble"]):
        with pytest.raises(faceprep.UsageError, match="'unreadble' is not one of no_face"):
            faceprep.extract_faces(where, out, retry=retry)
    options = faceprep.autoencoder_preset("v4")
    with pytest.raises(faceprep.UsageError, match="no preset 'frontl'"):
        faceprep.train_autoencoder("shards", options, preset="frontl")
    with pytest.raises(faceprep.UsageError, match="nothing to report"):
        faceprep.write_report(None)
    assert not list(tmp_path.iterdir())


def test_a_cross_validation_needs_its_folds_and_says_how_it_is_done_again(tmp_path: Path) -> None:
    shards = small_protocol(tmp_path, folds=2, protocols=["FF"])
    with pytest.raises(faceprep.InputError, match="needs 3 or more"):
        faceprep.cross_validate(str(shards), str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("signum", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, errors.Interrupted)]
)
def test_an_interruption_is_what_python_calls_it(signum: int, raised: type[BaseException]) -> None:
    with pytest.raises(raised), training.interrupted_as_in_python():
        raise errors.Interrupted(signum)
