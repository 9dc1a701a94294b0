"""The demo: pairs of the test split on a picture, with verdicts that are those of the network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from PIL import Image

from faceprep.commands.predict import predict
from faceprep.errors import InputError, UsageError
from faceprep.predict.demo_pairs import choose
from faceprep.predict.judging import started
from faceprep.predict.trained import TrainedSiamese, open_run
from faceprep.train.run_folder import write_run
from faceprep.train.shards import open_shards
from tests.predict.small_siamese import (
    FROM,
    PAIRS,
    make_protocol,
    make_siamese,
    make_triplets,
    siamese_run,
)
from tests.predict.test_run import refused

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Made:
    run: Path
    shards: Path
    scores: dict[str, float]
    """Of each pair of the test split, by key."""

    def change(self, **changes: Any) -> None:
        write_run(str(self.run), siamese_run(**changes))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run, and shards with its test split."""
    folder = tmp_path_factory.mktemp("demo")
    run, shards = make_siamese(folder / "run"), make_protocol(folder / "shards")
    trained = open_run(str(run))
    assert isinstance(trained, TrainedSiamese)
    found = choose(open_shards(str(shards), "cfp", needed=()), ("ff08", "fp08"), 1000)
    pairs = (*found.genuine, *found.impostor)
    judged = started(trained, 5)([p.first for p in pairs], [p.second for p in pairs])
    scores = {pair.key: each.score for pair, each in zip(pairs, judged, strict=True)}
    return Made(run, shards, scores)


def shown(made: Made, *arguments: str | Path) -> dict[str, Any]:
    result = CliRunner().invoke(predict, [str(made.run), *map(str, arguments), "--json"])
    if result.exception:
        raise result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_right_and_wrong_verdicts_are_told_apart(made: Made, tmp_path: Path) -> None:
    middle = sorted(made.scores.values())[len(made.scores) // 2]
    made.change(threshold=middle, data={"folder": str(made.shards)})
    found = shown(made, "--demo", "4", "--out", tmp_path / "out")
    assert (found["genuine"], found["impostor"], found["split"]) == (4, 4, "test")
    assert (found["splits"], found["threshold"]) == (["ff08", "fp08"], middle)
    assert found["threshold_from"] == FROM
    for pair in found["pairs"]:
        assert pair["score"] == pytest.approx(made.scores[pair["key"]], abs=1e-5)
        assert pair["same"] == (pair["score"] > middle)
        assert pair["truth"] == ("same" in pair["key"])
        assert pair["right"] == (pair["truth"] == pair["same"])
    right = [pair["right"] for pair in found["pairs"]]
    assert [found["genuine_right"], found["impostor_right"]] == [sum(right[:4]), sum(right[4:])]
    with Image.open(found["picture"]) as picture:
        assert picture.width > 8 * 112
    again = shown(made, "--demo", "4", "--out", tmp_path / "out")
    assert again == found
    assert "other images" in str(refused(made.run, "--demo", "5", "--out", tmp_path / "out"))


def test_validation_where_there_is_no_test(made: Made, tmp_path: Path) -> None:
    splits = {"train": ["ff01"], "validation": ["ff07"], "test": []}
    made.change(data={"splits": splits})
    found = shown(made, "--demo", "9", "--shards", made.shards, "--out", tmp_path / "out")
    assert (found["split"], found["splits"]) == ("validation", ["ff07"])
    assert found["genuine"] == found["impostor"] == PAIRS


def test_pairs_of_triplets(made: Made, tmp_path: Path) -> None:
    options = {**siamese_run().options, "data": "triplets"}
    folder = make_triplets(tmp_path / "triplets")
    splits = {"validation": [], "test": ["test"]}
    made.change(options=options, data={"folder": str(folder), "splits": splits})
    assert shown(made, "--demo", "2", "--out", tmp_path / "out")["genuine"] == 2


def test_the_lines_name_what_is_wrong(made: Made, tmp_path: Path) -> None:
    made.change(threshold=1e6, data={"folder": str(made.shards)})
    result = CliRunner().invoke(
        predict, [str(made.run), "--demo", "2", "--out", str(tmp_path / "out")]
    )
    first, *wrong, threshold, picture = result.stdout.splitlines()
    assert (
        first == "of the test split (ff08, fp08): 0 of 2 genuine pairs right, 2 of 2 impostor pairs"
    )
    assert len(wrong) == 2
    assert wrong[0].startswith("  wrong: different, score ")
    assert (threshold, picture) == (
        f"threshold 1000000.0000: {FROM}",
        f"picture: {tmp_path}/out/demo.png",
    )
    assert "not the shards that siamese-embed-001 learnt from" in result.stderr


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"folder": "nowhere"}, "nowhere: the shards that siamese-embed-001 learnt from are not"),
        ({"folder": None}, "the shards that siamese-embed-001 learnt from are not there; name"),
        ({"splits": {}}, r"run\.json: names no test split and no validation split"),
        (
            {"splits": {"test": ["ff08", "ff09"]}},
            r"no pairs in split ff09, .*\(there are: ff07, fp",
        ),
    ],
)
def test_shards_that_will_not_do(
    made: Made, tmp_path: Path, data: dict[str, Any], message: str
) -> None:
    made.change(data={"folder": str(made.shards), **data})
    error = refused(made.run, "--demo", "2", "--out", tmp_path / "out")
    assert isinstance(error, InputError)
    with pytest.raises(InputError, match=message):
        raise error


def test_shards_of_another_size_or_kind(made: Made, tmp_path: Path) -> None:
    made.change()
    for folder, message in (
        (make_protocol(tmp_path / "small", size=32), "its faces are 32 px jpeg, the network"),
        (make_triplets(tmp_path / "triplets"), "has shards of the kind triplets"),
    ):
        error = refused(made.run, "--demo", "2", "--out", tmp_path / "o", "--shards", folder)
        assert message in str(error)


def test_as_many_as_fit_on_a_picture(made: Made, tmp_path: Path) -> None:
    for number in ("0", "201"):
        result = CliRunner().invoke(predict, [str(made.run), "--demo", number, "--out", "x"])
        assert result.exit_code == 2
    error = refused(made.run, "--demo", "2", "--out", "")
    assert isinstance(error, UsageError)
    assert "--out is empty" in str(error)
