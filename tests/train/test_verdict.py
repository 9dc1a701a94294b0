"""Verdicts on overfitting: a table of histories, and how often noise alone is taken for it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.train.verdict import DEFINITION, LEAST_EPOCHS, chance_warning, overfit, short, verdict
from tests.train.small_runs import epochs, pair_epochs

NAN = math.nan
VERDICTS = (
    "overfits",
    "does not overfit",
    "still improving",
    "unstable",
    "too early to say",
    "diverged",
)


def falling(count: int, end: float = 0.05) -> list[float]:
    return [end + 0.04 * math.exp(-place / 2) for place in range(count)]


LEVEL = falling(20)
RISING = [*falling(12), *(0.05 + 0.001 * place for place in range(1, 9))]


@pytest.mark.parametrize(
    ("validation", "training", "expected"),
    [
        ([], None, "too early to say: 0 done of the 5 epochs that it takes"),
        ([0.05], None, "too early to say: 1 done of the 5 epochs that it takes"),
        (falling(4), None, "too early to say: 4 done of the 5 epochs that it takes"),
        (
            falling(5),
            None,
            "still improving: the validation loss fell by 20.7% in the last 2 epochs",
        ),
        ([0.9, 0.1, 0.2, 0.3, 0.4], None, "overfits: since the best epoch, 2 of 5,"),
        ([NAN], None, "diverged: in epoch 1 a loss was no finite number"),
        ([*falling(6), NAN], None, "diverged: in epoch 7 a loss was no finite number"),
        ([*falling(6), math.inf], None, "diverged: in epoch 7 a loss was no finite number"),
        (falling(3), [0.1, NAN, 0.1], "diverged: in epoch 2 a loss was no finite number"),
        (
            RISING,
            None,
            "overfits: since the best epoch, 12 of 20, the validation loss rose by 13.4% "
            "(wobble 0.0%), while the training loss fell",
        ),
        (RISING, [0.09] * 20, "unstable: since the best epoch, 12 of 20, the validation loss rose"),
        (RISING, [0.09 + 0.001 * n for n in range(20)], "unstable: since the best epoch"),
        (
            LEVEL,
            None,
            "does not overfit: the best epoch, 20 of 20, is one of the last two (wobble 0.0%)",
        ),
        (
            [*LEVEL, 0.0502, 0.0504, 0.0506],
            None,
            "does not overfit: since the best epoch, 20 of 23",
        ),
        (
            [0.05] * 9,
            None,
            "does not overfit: since the best epoch, 1 of 9, the validation loss stayed level",
        ),
        ([*falling(12), 0.2, 0.050, 0.051, 0.0502], None, "does not overfit: "),
        ([*falling(9), *([0.05, 0.054] * 6)], None, "does not overfit: since the best epoch"),
        (
            [0.06 - 0.0005 * n for n in range(20)],
            None,
            "still improving: the validation loss fell by 4.7% in the last 5",
        ),
        ([0.0] * 6, None, "does not overfit: "),
        ([0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3], None, "overfits: "),
    ],
)
def test_the_verdict_follows_from_the_losses(
    validation: list[float], training: list[float] | None, expected: str
) -> None:
    found = verdict(epochs(validation, training))
    assert found.startswith(expected)
    assert "\n" not in found


def test_one_wild_epoch_changes_nothing() -> None:
    wild = [*RISING]
    wild[2] = 7.0
    assert short(verdict(epochs(wild))) == short(verdict(epochs(RISING))) == "overfits"


@pytest.mark.parametrize("noise", [0.003, 0.01, 0.02, 0.04])
@pytest.mark.parametrize("count", [8, 20, 40])
def test_noise_is_seldom_taken_for_overfitting(noise: float, count: int) -> None:
    draw = random.Random(count)
    alarms = sum(
        verdict(
            epochs([loss * draw.gauss(1, noise) for loss in falling(count)], [0.05] * count)
        ).startswith("unstable")
        for _ in range(400)
    )
    assert alarms / 400 <= 0.06


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=12))
def test_any_losses_get_a_verdict_that_is_defined(losses: list[tuple[float, float]]) -> None:
    history = epochs([abs(one) for one, _ in losses], [abs(other) for _, other in losses])
    assert short(verdict(history)) in VERDICTS


@pytest.mark.parametrize("word", VERDICTS)
def test_every_verdict_is_in_the_definition(word: str) -> None:
    assert f"- **{word}**: " in DEFINITION
    assert f"{LEAST_EPOCHS} epochs" in DEFINITION


@pytest.mark.parametrize(
    ("word", "expected"),
    list(zip(VERDICTS, ("yes", "no", "no", "unstable", "–", "diverged"), strict=True)),
)
def test_every_verdict_is_a_word_of_a_table(word: str, expected: str) -> None:
    assert overfit(f"{word}: and why") == overfit(word) == expected
    assert overfit("") == "–"


def test_validation_of_pairs_that_gets_worse_after_its_best_overfits() -> None:
    assert overfit(verdict(pair_epochs([0.7] * 20, RISING))) == "yes"
    assert overfit(verdict(pair_epochs([0.7] * 20, LEVEL))) == "no"


@pytest.mark.parametrize(
    ("accuracies", "warned"),
    [
        ([], False),
        ([0.5, 0.5], False),
        ([0.5, 0.5, 0.5], True),
        ([0.48, 0.52, 0.5], True),
        ([0.5, 0.5, 0.479], False),
        ([0.5, 0.5, 0.521], False),
        ([0.6, 0.5, 0.5, 0.51], True),
        ([0.5, 0.5, 0.5, 0.6], False),
        ([0.5, 0.5, NAN, 0.5, 0.5], False),
    ],
)
def test_an_accuracy_of_a_coin_is_warned_about(accuracies: list[float], warned: bool) -> None:
    assert (chance_warning(pair_epochs(accuracies), 1e-3) is not None) == warned


def test_the_warning_names_the_likely_cause() -> None:
    found = chance_warning(pair_epochs([0.5] * 4), 5e-4) or ""
    assert found.startswith(
        "the validation accuracy was 50% in the last 4 epochs: nothing is learnt"
    )
    assert "0.0005, is too high" in found
    assert "4, f, g, j and k ended so at 5e-4 and 1e-3; try --learning-rate 1e-05" in found
    assert "\n" not in found
    assert "too high" not in (chance_warning(pair_epochs([0.5] * 4), 1e-5) or "")


def test_an_autoencoder_has_no_accuracy_to_be_warned_about() -> None:
    assert chance_warning(epochs([0.05] * 9), 1e-3) is None
