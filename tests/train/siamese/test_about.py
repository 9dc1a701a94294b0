"""What the card says of a Siamese run alone: threshold, record, people, commands."""

from __future__ import annotations

import pytest

from faceprep.train.siamese.about import data, facts, ranges, recorded, uses
from tests.train.small_runs import a_pair_run


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], ""), ([7], "7"), ([1, 2, 3], "1–3"), ([3, 1, 2, 2, 5], "1–3, 5"), ([9, 10], "9–10")],
)
def test_numbers_are_written_as_people_do(numbers: list[int], expected: str) -> None:
    assert ranges(numbers) == expected


def test_the_threshold_is_told_with_where_it_comes_from() -> None:
    assert facts(a_pair_run())["threshold"] == (
        "0.3125: highest accuracy on the 1,400 validation pairs (ff07, fp07); "
        "a higher score means the same person"
    )
    assert "threshold" not in facts(a_pair_run(threshold=None))


def test_the_record_stands_beside_and_says_of_whom_it_is() -> None:
    assert facts(a_pair_run())["recorded"] == (
        "validation 83 %, test 83 %, best epoch 55; of folds 1–6, 7–8 and 9–10 to train, validate and test "
        "on, here 1–6, 7 and 8: other people, so compare with care"
    )
    splits = {
        "train": [f"ff{n:02d}" for n in range(1, 7)],
        "validation": ["ff07", "fp08"],
        "test": ["ff09", "ff10"],
    }
    same = facts(a_pair_run(data={"splits": splits}))["recorded"]
    assert same.endswith("of folds 1–6, 7–8 and 9–10 to train, validate and test on, as here")


def test_of_triplets_people_are_compared() -> None:
    triplets = {
        "data_set": "triplets",
        "splits": {each: [each] for each in ("train", "validation", "test")},
    }
    fewer = a_pair_run(
        preset="b", data={**triplets, "people": {"train": 240, "validation": 80, "test": 80}}
    )
    assert facts(fewer)["recorded"] == (
        "validation 84 %, test 82 %, best epoch 59; of 300, 100 and 100 people to train, validate and test "
        "on, here 240, 80 and 80: other people, so compare with care"
    )
    all_of_them = {"train": 300, "validation": 100, "test": 100}
    same = a_pair_run(preset="b", data={**triplets, "people": all_of_them})
    assert facts(same)["recorded"].endswith("as here")
    other = a_pair_run(preset="b", data={"people": all_of_them})  # of CFP's pairs
    assert "with care" in facts(other)["recorded"]


def test_an_experiment_that_learnt_nothing_has_no_best_epoch() -> None:
    assert "nothing was learnt" in facts(a_pair_run(preset="4"))["recorded"]


def test_our_own_presets_are_not_on_record() -> None:
    run = a_pair_run(preset="embed")
    assert recorded(run) is None
    assert "recorded" not in facts(run)


def test_who_is_in_which_split_is_told() -> None:
    assert data(a_pair_run()) == {
        "train": "FF and FP of folds 1–6; 300 people",
        "validation": "FF and FP of fold 7; 50 people",
        "test": "FF and FP of fold 8; 50 people",
    }
    splits = {"train": ["ff01", "fp02", "fp03"], "validation": ["validation"]}
    found = data(a_pair_run(data={"splits": splits, "people": {}, "others": ["a", "b"]}))
    assert found == {
        "further shards to train on": "`a`, `b`",
        "train": "FF of fold 1; FP of folds 2–3",
        "validation": "validation",
    }


def test_a_run_of_nothing_known_can_be_told() -> None:
    run = a_pair_run(data={"splits": {}, "people": {}})
    assert data(run) == {}
    assert "here none, none and none" in facts(run)["recorded"]


def test_commands_name_the_run_and_its_shards() -> None:
    lines = uses(a_pair_run(), "runs/my run")
    assert "faceprep evaluate 'runs/my run' shards/cfp/1.0.0" in lines
    assert "faceprep predict 'runs/my run' A.jpg B.jpg" in lines
