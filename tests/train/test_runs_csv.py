"""Runs of all kinds as one CSV: what a reader of CSV gets is what the runs say."""

from __future__ import annotations

import csv

from faceprep.train.runs_csv import csv_lines
from tests.train.small_runs import a_pair_run, a_run


def test_all_kinds_stand_in_one_table() -> None:
    runs = [
        a_pair_run("one, two", options={"input_size": "64x64x3"}),
        a_run("plain"),
        a_run("bare", scores={}),
    ]
    rows = list(csv.DictReader(csv_lines(runs)))
    assert [row["name"] for row in rows] == ["one, two", "plain", "bare"]
    assert [row["kind"] for row in rows] == ["siamese", "autoencoder", "autoencoder"]
    ours, plain, bare = rows
    assert (ours["backbone"], ours["head"], ours["learning_rate"]) == (
        "vgg16-bn",
        "concat",
        "1e-05",
    )
    assert (ours["pretrained"], ours["freeze"], ours["augment"]) == ("imagenet", "7", "yes")
    assert ours["changes"] == "input_size=64x64x3"
    assert float(ours["validation_accuracy"]) == 0.8125
    assert float(ours["test_fp_accuracy"]) == 0.76
    assert (ours["recorded_validation"], ours["recorded_best_epoch"]) == ("0.83", "55")
    assert (ours["overfit"], plain["overfit"]) == ("no", "no")
    assert float(plain["test_mse"]) == 0.0504
    assert (plain["backbone"], plain["recorded_test"], plain["test_accuracy"]) == ("", "", "")
    assert bare["test_mse"] == ""


def test_without_runs_of_a_kind_its_columns_are_missing() -> None:
    head = csv_lines([a_run()])[0].split(",")
    assert "test_mse" in head
    assert not [name for name in head if "accuracy" in name or name == "backbone"]
    assert len(set(head)) == len(head)


def test_a_name_with_a_line_break_is_read_back() -> None:
    rows = list(csv.DictReader(iter(f"{line}\n" for line in csv_lines([a_run("a\nb"), a_run()]))))
    assert [row["name"] for row in rows] == ["a\nb", "autoencoder-v12-001"]
