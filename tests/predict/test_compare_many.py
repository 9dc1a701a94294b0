"""A file of pairs in, a row for each pair out; whatever the photographs are."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from PIL import Image

from faceprep.commands.predict import predict
from faceprep.errors import FaceprepError, InputError, UsageError
from faceprep.train.run_folder import write_run
from tests.predict.small_siamese import FROM, make_siamese, siamese_run
from tests.predict.test_compare import told
from tests.predict.test_run import refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose network has its first weights."""
    return make_siamese(tmp_path_factory.mktemp("runs") / "siamese-embed-001")


@pytest.fixture
def photos(sample: Sample, tmp_path: Path) -> Path:
    """Two photographs each of two people, one without a face, and one that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, number in (("a0", 0), ("a1", 1), ("b0", 6), ("b1", 7)):
        shutil.copy(sample.root / sample.images[number].key, folder / f"{name}.jpg")
    Image.new("RGB", (80, 80)).save(folder / "none.png")
    (folder / "words.jpg").write_text("words")
    return folder


def write(folder: Path, *lines: str, columns: str = "first,second,label") -> Path:
    path = folder / "pairs.csv"
    path.write_text("\n".join((columns, *lines)) + "\n")
    return path


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


MIXED = {
    ("a0.jpg", "a1.jpg", "1"): "ok",
    ("a0.jpg", "none.png", "0"): "no_face",
    ("words.jpg", "none.png", ""): "unreadable",
    ("a0.jpg", "b0.jpg", "0"): "ok",
    ("gone.jpg", "b0.jpg", "1"): "unreadable",
    ("b0.jpg", "b0.jpg", ""): "ok",
}
"""Lines of a file of pairs, and what becomes of each."""


def test_nothing_is_lost_and_all_in_order(run: Path, photos: Path, tmp_path: Path) -> None:
    pairs, out = write(photos, *map(",".join, MIXED)), tmp_path / "out"
    found = told(run, "--pairs", pairs, "--out", out, "--workers", "2")
    table = rows(out)
    labels = {"1": "true", "0": "false", "": ""}
    wanted = [(one, other, labels[label]) for one, other, label in MIXED]
    assert [(row["first"], row["second"], row["label"]) for row in table] == wanted
    assert [row["status"] for row in table] == list(MIXED.values())
    assert table[1]["reason"] == "second: no face found"
    assert table[2]["reason"].startswith("first: ")
    assert table[2]["reason"].endswith("; second: no face found")
    assert "No such file" in table[4]["reason"]
    assert (table[1]["first_faces"], table[1]["second_faces"]) == ("1", "0")
    assert table[1]["first_box"].count(",") == 3
    alone = told(run, photos / "a0.jpg", photos / "b0.jpg")
    assert float(table[3]["score"]) == pytest.approx(alone["score"], abs=1e-5)
    assert float(table[5]["score"]) == pytest.approx(1.0, abs=1e-5)
    for row in table:
        check_verdict(row)
    assert (found["pairs"], found["judged"], found["photographs"]) == (6, 3, 6)
    assert found["not_judged"] == {"no_face": 1, "unreadable": 2}
    assert (found["genuine"], found["impostor"]) == (1, 1)
    right = [row["right"] == "true" for row in table if row["right"]]
    assert found["accuracy"] == sum(right) / 2
    assert (found["threshold"], found["threshold_from"]) == (0.5, FROM)


def check_verdict(row: dict[str, str]) -> None:
    """What was judged has a score and a verdict, and nothing else has."""
    judged = row["status"] == "ok"
    assert bool(row["score"]) == bool(row["same"]) == judged
    assert bool(row["right"]) == (judged and bool(row["label"]))
    if judged:
        assert (float(row["score"]) > 0.5) == (row["same"] == "true")


def test_a_long_file_is_done_in_rounds(run: Path, photos: Path, tmp_path: Path) -> None:
    names = ["a0.jpg", "a1.jpg", "b0.jpg", "b1.jpg"]
    lines = [f"{names[n % 4]},{names[n // 4 % 4]}" for n in range(200)]
    pairs = write(photos, *lines, columns="first,second")
    found = told(run, "--pairs", pairs, "--out", tmp_path / "out", "--workers", "1")
    assert (found["pairs"], found["judged"], found["photographs"]) == (200, 200, 4)
    assert found["accuracy"] is None
    table = rows(tmp_path / "out")
    assert [f"{row['first']},{row['second']}" for row in table] == lines
    for row, later in zip(table, table[16:], strict=False):
        assert float(row["score"]) == pytest.approx(float(later["score"]), abs=1e-5)


def test_a_photograph_that_kills_a_worker_costs_its_pairs(photos: Path, tmp_path: Path) -> None:
    extract = {**siamese_run().data["extract"], "detector": "tests.detectors:Treacherous"}
    run = make_siamese(tmp_path / "run", data={"extract": extract})
    Image.new("RGB", (61, 50)).save(photos / "kills.png")
    pairs = write(photos, "a0.jpg,kills.png,1", "a0.jpg,b0.jpg,0")
    told(run, "--pairs", pairs, "--out", tmp_path / "out")
    assert [row["status"] for row in rows(tmp_path / "out")] == ["crashed", "ok"]


def test_the_lines_say_how_many_are_right(run: Path, photos: Path, tmp_path: Path) -> None:
    write_run(str(run), siamese_run(threshold=-2.0))
    pairs = write(photos, "a0.jpg,a1.jpg,1", "a0.jpg,b0.jpg,0", "a0.jpg,none.png,1")
    result = CliRunner().invoke(
        predict, [str(run), "--pairs", str(pairs), "--out", str(tmp_path / "out")]
    )
    write_run(str(run), siamese_run())
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[:5] == [
        "pairs 3",
        "same person 2",
        "different people 0",
        "not judged: no_face 1",
        "1 of 2 with a label right, 50.0%: 1 of 1 genuine pairs right, 0 of 1 impostor pairs",
    ]
    assert lines[-2:] == [f"threshold -2.0000: {FROM}", f"results.csv in {tmp_path}/out"]
    assert "a0.jpg, none.png: no_face: second: no face found" in result.stderr


def test_no_pair_that_can_be_judged_is_an_end_of_its_own(
    run: Path, photos: Path, tmp_path: Path
) -> None:
    pairs = write(photos, "a0.jpg,none.png,1")
    error = refused(run, "--pairs", pairs, "--out", tmp_path / "out")
    assert isinstance(error, FaceprepError)
    assert (error.exit_code, str(error)) == (1, "none of the 1 pairs could be judged")
    assert [row["status"] for row in rows(tmp_path / "out")] == ["no_face"]


def test_the_same_pairs_again_and_others_not(run: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pairs = write(photos, "a0.jpg,a1.jpg,1")
    told(run, "--pairs", pairs, "--out", out)
    first = (out / "results.csv").read_bytes()
    told(run, "--pairs", pairs, "--out", out)
    assert (out / "results.csv").read_bytes() == first
    error = refused(run, "--pairs", write(photos, "a0.jpg,b1.jpg,1"), "--out", out)
    assert isinstance(error, UsageError)
    assert "predictions with other images than now" in str(error)


@pytest.mark.parametrize(
    ("line", "message"),
    [("a0.jpg,a1.jpg,9", "line 2: label is '9'"), ("a0.jpg,,1", "line 2: no photograph in column")],
)
def test_a_file_with_a_wrong_line_is_refused_at_once(
    run: Path, photos: Path, tmp_path: Path, line: str, message: str
) -> None:
    error = refused(run, "--pairs", write(photos, line), "--out", tmp_path / "out")
    assert isinstance(error, InputError)
    assert message in str(error)
    assert not (tmp_path / "out").exists()
