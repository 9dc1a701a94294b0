"""Heads and losses that fit together."""

from __future__ import annotations

import pytest

from faceprep.errors import UsageError
from faceprep.train.siamese.options import HEADS, LOSSES_OF, SiameseFit, SiameseOptions


@pytest.mark.parametrize("head", HEADS)
def test_each_head_has_losses(head: str) -> None:
    for loss in LOSSES_OF[head]:
        assert SiameseOptions(head=head, loss=loss).by_people == (loss == "margin")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"head": "concat"}, "--head concat learns with --loss single or two, not margin"),
        ({"loss": "two"}, "--head embedding learns with --loss margin or contrastive, not two"),
        ({"input_size": "96"}, "--input-size is '96'"),
        ({"rotate": 181.0}, "--rotate is 181.0"),
        ({"backbone": "resnet"}, "it may be one of compact"),
    ],
)
def test_what_cannot_be(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        SiameseOptions(**options)  # type: ignore[arg-type]


def test_sixty_epochs() -> None:
    assert (SiameseFit().epochs, SiameseFit().patience) == (60, 0)
