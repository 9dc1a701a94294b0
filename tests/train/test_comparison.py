"""Scores beside those of the baselines, in a table and in sentences."""

from __future__ import annotations

import math
from typing import Any

import pytest

from faceprep.train import words
from faceprep.train.comparison import scores
from faceprep.train.words import Measure
from tests.train.small_runs import a_pair_run, a_run


def of(model: dict[str, Any], baseline: dict[str, Any]) -> list[str]:
    return list(scores(a_run(scores={"validation": {"model": model, "mean_target": baseline}})))


def sentence(model: dict[str, Any], baseline: dict[str, Any]) -> str:
    return next(line for line in of(model, baseline) if line.startswith("- "))


def test_the_table_has_each_predictor_on_each_split() -> None:
    lines = list(scores(a_run()))
    assert lines[:8] == [
        "| split | predictor | mse ↓ | PSNR in dB ↑ | SSIM ↑ |",
        "| --- | --- | ---: | ---: | ---: |",
        "| **validation**, 1,240 images | the model | **0.0456** | **13.90** | **0.471** |",
        "|  | always the mean target | 0.0480 | 13.50 | 0.410 |",
        "|  | the feature itself | 0.0912 | 10.50 | 0.300 |",
        "| **test**, 1,300 images | the model | 0.0504 | 13.20 | 0.400 |",
        "|  | always the mean target | **0.0480** | **13.40** | **0.410** |",
        "|  | the feature itself | 0.0904 | 10.40 | 0.300 |",
    ]


def test_each_baseline_is_compared_in_plain_words() -> None:
    assert [line for line in scores(a_run()) if line.startswith("- ")] == [
        "- On validation, the model beats *always the mean target* in mse (0.95 of its), PSNR and SSIM.",
        "- On validation, the model beats *the feature itself* in mse (0.50 of its), PSNR and SSIM.",
        "- On test, the model does **not** beat *always the mean target* in mse (1.05 of its), "
        "PSNR or SSIM.",
        "- On test, the model beats *the feature itself* in mse (0.56 of its), PSNR and SSIM.",
    ]


@pytest.mark.parametrize(
    ("model", "baseline", "expected"),
    [
        (
            {"mse": 0.04, "ssim": 0.3},
            {"mse": 0.05, "ssim": 0.4},
            "beats *always the mean target* in mse (0.80 of its), but **not** in SSIM.",
        ),
        (
            {"mse": 0.06, "psnr": 12.0, "ssim": 0.5},
            {"mse": 0.05, "psnr": 13.0, "ssim": 0.4},
            "beats *always the mean target* in SSIM, but **not** in mse (1.20 of its) or PSNR.",
        ),
        (
            {"mse": 0.05},
            {"mse": 0.05},
            "does **not** beat *always the mean target* in mse (1.00 of its).",
        ),
        ({"mse": None}, {"mse": 0.05}, "does **not** beat *always the mean target* in mse."),
        ({"mse": math.nan}, {"mse": 0.05}, "does **not** beat *always the mean target* in mse."),
        ({}, {"mse": 0.05}, "does **not** beat *always the mean target* in mse."),
    ],
)
def test_a_sentence_says_in_what_the_model_is_better(
    model: dict[str, Any], baseline: dict[str, Any], expected: str
) -> None:
    assert sentence(model, baseline) == f"- On validation, the model {expected}"


def test_what_is_not_known_is_a_dash_and_never_bold() -> None:
    assert "| **validation** | the model | – |" in of({"mse": None}, {"mse": math.nan})


def test_the_baselines_are_explained_where_they_are_met() -> None:
    text = "\n".join(scores(a_run()))
    assert "answers every face with the mean of all training targets" in text
    assert "gives the face back as it came" in text


def test_before_the_end_there_are_none() -> None:
    assert next(iter(scores(a_run(scores={})))).startswith("None; ")


def test_scores_of_another_kind_need_no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(words.MEASURES, "recall", Measure("recall", ".3f"))
    lines = list(scores(a_run(scores={"ff": {"model": {"recall": 0.97123, "images": 700}}})))
    assert lines[2] == "| **ff**, 700 images | the model | **0.971** |"
    assert not [line for line in lines if line.startswith("- ")]


def test_a_siamese_run_is_held_against_plain_pixels_on_the_same_pairs() -> None:
    lines = list(scores(a_pair_run()))
    assert lines[:6] == [
        "| split | predictor | accuracy ↑ | AUC ↑ | EER ↓ | TAR at FAR 1 % ↑ |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| **validation** | the model | **81.2%** | **0.8912** | **19.0%** | **31.0%** |",
        "|  | the model, FF alone | 85.0% | 0.9200 | 15.0% | 40.0% |",
        "|  | the model, FP alone | 77.5% | 0.8600 | 23.0% | 20.0% |",
        "|  | plain pixels | 61.0% | 0.6400 | 40.0% | 5.0% |",
    ]
    assert [line for line in lines if line.startswith("- ")] == [
        "- On validation, the model beats *plain pixels* in accuracy, AUC, EER (0.47 of its) and "
        "TAR at FAR 1 %.",
        "- On test, the model beats *plain pixels* in accuracy, AUC, EER (0.49 of its) and TAR at FAR 1 %.",
    ]
    assert "A coin gets" in lines[-2]
    assert "PSNR" not in lines[-2]


def test_a_protocol_equal_to_the_best_is_not_bold() -> None:
    of_split = {
        "model": {"accuracy": 0.8},
        "model_ff": {"accuracy": 0.8},
        "pixels": {"accuracy": 0.6},
    }
    lines = list(scores(a_pair_run(scores={"test": of_split})))
    assert lines[2].endswith("| **80.0%** |")
    assert lines[3].endswith("| 80.0% |")
