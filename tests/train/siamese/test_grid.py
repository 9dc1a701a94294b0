"""Presets and grids to experiments."""

from __future__ import annotations

import pytest

from faceprep.errors import UsageError
from faceprep.train.siamese.grid import experiments


def test_each_preset_with_each_combination() -> None:
    found = experiments("a, b", {"batch": 8}, ("dropout=0,0.5", "learning-rate=1e-4,1e-5"))
    assert [each.name for each in found] == ["a"] * 4 + ["b"] * 4
    assert {each.options.batch for each in found} == {8}
    assert [(each.options.dropout, each.options.learning_rate) for each in found[:4]] == [
        (0.0, 1e-4), (0.0, 1e-5), (0.5, 1e-4), (0.5, 1e-5),
    ]  # fmt: skip
    assert experiments("i", {}, ())[0].epochs == 240


def test_without_a_preset_they_are_the_defaults_and_sixty_epochs() -> None:
    (found,) = experiments("custom", {"margin": 0.5}, ())
    assert (found.options.backbone, found.options.margin, found.epochs) == ("compact", 0.5, 60)


def test_weights_are_for_those_of_a_list_that_begin_with_some() -> None:
    found = experiments("1,a", {"pretrained": "vgg.npz"}, ())
    assert [each.options.pretrained for each in found] == ["vgg.npz", "none"]
    (alone,) = experiments("a", {"pretrained": "alexnet.npz"}, ())
    assert alone.options.pretrained == "alexnet.npz"


def test_an_option_by_its_other_name() -> None:
    assert [e.options.learning_rate for e in experiments("a", {}, ("lr=1e-3,1e-4",))] == [
        1e-3,
        1e-4,
    ]


def test_a_switch() -> None:
    assert [e.options.augment for e in experiments("a", {}, ("augment=yes,no",))] == [True, False]


@pytest.mark.parametrize(
    ("names", "grid", "words"),
    [
        ("z", (), "no preset 'z'"),
        (",", (), "name at least one"),
        ("a", ("dropot=1",), "did you mean 'dropout'"),
        ("a", ("dropout",), "write an option"),
        ("a", ("dropout=much",), "--dropout cannot be 'much'"),
        ("a", ("dropout=7",), "--dropout is 7.0"),
        ("a", ("augment=perhaps",), "--augment cannot be 'perhaps'"),
    ],
)
def test_what_cannot_be(names: str, grid: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        experiments(names, {}, grid)
