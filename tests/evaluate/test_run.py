"""The stage as a whole: a tiny network judges drawn faces."""

from __future__ import annotations

import csv
import dataclasses
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import roc_auc_score

from faceprep import storage
from faceprep.commands.evaluate import evaluate as command
from faceprep.errors import InputError
from faceprep.evaluate.evaluation import Evaluation, by_protocol, on_other_folds
from faceprep.evaluate.leak import Choice
from faceprep.evaluate.options import EvaluateOptions
from faceprep.evaluate.protocol import read_folds, stand_ins_of
from faceprep.evaluate.run import evaluate, report_on
from tests.evaluate.small_protocol import (
    keys,
    made_up,
    opened,
    people_of,
    seen_run,
    small_protocol,
    with_model,
)

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"README.md", "evaluation.json", "scores.csv", "roc.png", "scores.png", "worst.png"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`shards/` of four folds; `run/`, which was trained on the first and validated on the second."""
    folder = tmp_path_factory.mktemp("small")
    small_protocol(folder, folds=4)
    with_model(seen_run(folder / "run", people_of(1), people_of(2)))
    return folder


def judged_by(small: Path, to: Path, **options: Any) -> Evaluation:
    arguments = (str(small / "run"), str(small / "shards"), str(to))
    return evaluate(*arguments, EvaluateOptions(**options))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_made_up_scores_give_a_whole_report(tmp_path: Path) -> None:
    shards = opened(small_protocol(tmp_path))
    judged, folds = made_up(shards), read_folds(shards)
    found = Evaluation(
        "mine", ("runs/mine",), str(tmp_path / "out"), shards.folder, shards.fingerprint, judged,
        by_protocol(judged, on_other_folds(None), "shards"), stand_ins_of(folds, [1, 3]),
        Choice((1, 2, 3)), (), "faceprep evaluate",
    )  # fmt: skip
    assert found.stand_ins == {"FF": (), "FP": ("000/profile/02.jpg", "006/profile/02.jpg")}
    report_on(found, shards)
    assert names(tmp_path / "out") == FILES
    page = tmp_path / "out" / "README.md"
    page.write_text(page.read_text("utf-8") + "My own words.\n", "utf-8")
    report_on(dataclasses.replace(found, name="yours"), shards)  # over the same again
    assert names(tmp_path / "out") == FILES
    assert page.read_text("utf-8").startswith("# How well `yours`")
    assert page.read_text("utf-8").endswith("My own words.\n")
    kept = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert kept == {**json.loads(json.dumps(found.as_json())), "run": "yours"}


def test_folds_that_the_run_has_not_seen_are_judged(small: Path, tmp_path: Path) -> None:
    found = judged_by(small, tmp_path / "out", centre_crops=True)
    assert found.choice.folds == (2, 3, 4)
    assert found.choice.left_out == {1: 3}
    assert found.choice.validated == (2,)
    assert names(tmp_path / "out") == FILES
    wanted = [p.key for f in (2, 3, 4) for name in ("FF", "FP") for p in keys(name, f)]
    assert list(found.judged.keys) == wanted
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for protocol in ("FF", "FP"):
        ours = [row for row in rows if row["protocol"] == protocol]
        same = [int(row["same"]) for row in ours]
        assert same == [p.label for f in (2, 3, 4) for p in keys(protocol, f)]
        auc = roc_auc_score(same, [float(row["score"]) for row in ours])
        assert found.figures[protocol].auc == pytest.approx(auc, abs=1e-9)
    assert found.as_json()["fp"]["stand_in_keys"] == [
        f"{number:03d}/profile/02.jpg" for number in (3, 6, 9)
    ]


def test_the_model_of_the_run_is_what_judges(small: Path, tmp_path: Path) -> None:
    """And one fold alone is judged at the threshold of the run; faces cut out otherwise are noted.

    The other run is behind a URL, where it gets its report.
    """
    changes: dict[str, Any] = {"threshold": 0.25, "data": {"extract": {"size": 112, "wings": 2}}}
    other = with_model(seen_run(tmp_path / "other", people_of(1), [], **changes), seed=1)
    one = judged_by(small, tmp_path / "one", folds="4")
    url = f"memory://{uuid4().hex}"
    for file in other.iterdir():
        storage.write_bytes(f"{url}/{file.name}", file.read_bytes())
    two = evaluate(url, str(small / "shards"), "", EvaluateOptions(folds="4"))
    assert one.judged.keys == two.judged.keys
    assert not np.array_equal(one.judged.scores, two.judged.scores)
    assert set(storage.names(f"{url}/evaluation")) == FILES
    card = storage.read_bytes(f"{url}/README.md").decode()
    assert "[all of it](evaluation/README.md)" in card
    assert "](evaluation/roc.png)" in card
    assert two.command == f"faceprep evaluate {url} {small}/shards/cfp/1.0.0 --folds 4"
    assert one.notes == ()
    assert [note.partition(": ")[2] for note in two.notes] == ["size 112 and 32."]
    for found, threshold in ((one, 0.5), (two, 0.25)):
        assert [fold.threshold for fold in found.figures["FF"].folds] == [threshold]
        assert found.figures["FF"].threshold_rule.startswith("one fold alone")


def test_a_leak_is_refused_before_anything_is_written(small: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="trained on 3 of the people of fold 01"):
        judged_by(small, tmp_path / "out", folds="1-3")
    assert not (tmp_path / "out").exists()


def test_a_leak_that_is_allowed_stands_in_the_report(small: Path, tmp_path: Path) -> None:
    found = judged_by(small, tmp_path / "out", allow_leak=True)
    assert found.choice.folds == (1, 2, 3, 4)
    kept = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert kept["leak"]["people"] == 3
    assert "Warning: a leak" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_a_folder_of_something_else_is_left_alone(small: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty, and not an evaluation"):
        judged_by(small, tmp_path)
    assert names(tmp_path) == {"mine.txt"}


def test_the_command_prints_its_figures(small: Path, tmp_path: Path) -> None:
    arguments = [str(small / "run"), str(small / "shards"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(command, [*arguments, "--centre-crops"], catch_exceptions=False)
    found = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    line = next(line for line in result.stdout.splitlines() if line.startswith("AUC"))
    assert line.split() == ["AUC", f"{found['ff']['auc']:.4f}", f"{found['fp']['auc']:.4f}"]
    assert "  006/profile/02.jpg" in result.stdout
    assert "Left out, for the run was trained on people in them" in result.stdout
