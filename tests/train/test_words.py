"""A run in words: scores, shares, what differs from the preset, times."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from faceprep.train import words
from faceprep.train.presets import preset
from faceprep.train.words import (
    Measure,
    base_options,
    best_epoch,
    changed_options,
    duration,
    figure,
    headline,
    millions,
    moment,
    option_value,
    share,
)
from tests.train.small_runs import a_pair_run, a_run


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [
        ("mse", 0.045551, "0.0456"),
        ("mse", 0.04, "0.0400"),
        ("mse", 0.000123456, "0.000123"),
        ("psnr", 13.456, "13.46"),
        ("ssim", -0.01, "-0.010"),
        ("mse", None, "–"),
        ("mse", math.nan, "–"),
        ("psnr", math.inf, "–"),
        ("accuracy", 0.8125, "81.2%"),
        ("auc", 0.97126, "0.9713"),
        ("tar_at_far_1e-2", 0.5, "50.0%"),
    ],
)
def test_a_score_is_shown_as_precisely_as_it_means(
    measure: str, value: float | None, expected: str
) -> None:
    assert figure(measure, value) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (0.04, 0.05, 0.8),
        (0.06, 0.05, 1.2),
        (0.04, 0.0, None),
        (None, 0.05, None),
        (0.04, None, None),
        (math.nan, 0.05, None),
    ],
)
def test_a_share_is_known_where_both_scores_are(
    ours: float | None, theirs: float | None, expected: float | None
) -> None:
    scores: dict[str, Any] = {"test": {"model": {"mse": ours}, "mean_target": {"mse": theirs}}}
    assert share(a_run(scores=scores), "test", "mse") == pytest.approx(expected)


def test_the_headline_holds_scores_against_the_mean_target() -> None:
    run = a_run()
    assert headline(run, "validation") == ["mse 0.0456 (0.95)", "SSIM 0.471 (1.15)"]
    assert headline(run, "test") == ["mse 0.0504 (1.05)", "SSIM 0.400 (0.98)"]
    assert headline(run, "train") == []
    assert headline(a_run(scores={}), "validation") == []
    assert share(run, "validation", "mse", "feature") == pytest.approx(0.5)


def test_a_model_of_another_kind_has_scores_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(words.MEASURES, "recall", Measure("recall", ".3f"))
    run = a_run(kind="other", scores={"test": {"model": {"recall": 0.9134}}})
    assert headline(run, "test") == ["recall 0.913"]


def test_the_headline_of_a_siamese_run_has_both_protocols() -> None:
    assert headline(a_pair_run(), "test") == ["accuracy 80.0% (FF 84.0%, FP 76.0%)"]
    bare = a_pair_run(scores={"test": {"model": {"accuracy": 0.9134, "auc": 0.96}}})
    assert headline(bare, "test") == ["accuracy 91.3%"]


@pytest.mark.parametrize("name", ["embed", "1", "b"])
def test_siamese_runs_are_compared_with_their_presets(name: str) -> None:
    assert changed_options(a_pair_run(preset=name)) == {}
    assert changed_options(a_pair_run(preset=name, options={"units": 8})) == {"units": 8}


def test_what_differs_from_the_preset_is_found() -> None:
    assert changed_options(a_run()) == {}
    assert changed_options(a_run(options={"latent": 128})) == {"latent": 128}
    assert base_options(a_run()) == dataclasses.asdict(preset("v12"))


def test_what_has_no_preset_differs_from_the_defaults() -> None:
    usual = dataclasses.asdict(preset("frontal"))
    run = a_run(preset="custom", options={**usual, "latent": 7, "flip": False})
    assert changed_options(run) == {"latent": 7, "flip": False}


def test_of_an_unknown_kind_all_options_are_told() -> None:
    run = dataclasses.replace(a_run(kind="other"), options={"margin": 0.2})
    assert changed_options(run) == {"margin": 0.2}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "yes"), (False, "no"), (0.001, "0.001"), (1e-7, "1e-07"), (3, "3"), ("a,b", "a,b")],
)
def test_an_option_reads_as_people_write(value: Any, expected: str) -> None:
    assert option_value(value) == expected
    assert option_value("") == "–"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (99.4, "99 s"),
        (99.6, "2 min"),
        (5969, "99 min"),
        (5971, "1.7 h"),
        (360_000, "100.0 h"),
    ],
)
def test_a_duration_is_rounded(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(18_736_897, "18.7 M"), (363_939, "0.4 M"), (99_999, "99,999"), (0, "0")],
)
def test_parameters_are_counted_in_millions(count: int, expected: str) -> None:
    assert millions(count) == expected


def test_epochs_and_times() -> None:
    assert best_epoch(a_run(epochs=28, best_epoch=15)) == "28 (15)"
    assert best_epoch(a_run(epochs=0, best_epoch=None)) == "0"
    assert moment("2025-11-22T03:05:11+00:00") == "2025-11-22 03:05"
