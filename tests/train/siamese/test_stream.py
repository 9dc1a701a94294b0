"""What a network is fed: how many of what, and the same again from the middle of an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.train.siamese.census import take_census
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.sources import SPLITS, open_data
from faceprep.train.siamese.stream import training_stream
from tests.train.siamese.small_faces import small_cfp_shards, small_triplet_shards

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.train.dataset import Stream

TINY = {"input_size": "16x16x3", "batch": 4}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards of CFP and triplets."""
    folder = tmp_path_factory.mktemp("stream")
    small_triplet_shards(folder, first_person=100)
    return small_cfp_shards(folder)


def stream_of(root: Path, *more: Path, **options: Any) -> Stream:
    chosen = SiameseOptions(**{**TINY, **options})
    data = open_data([str(root), *map(str, more)], chosen, bar=False)
    return training_stream(data, take_census(data, SPLITS), chosen, seed=3)


@pytest.mark.parametrize("data", ["cfp", "triplets"])
def test_two_losses_see_as_many_genuine_as_impostor_pairs_in_every_step(
    root: Path, data: str
) -> None:
    stream = stream_of(root, head="absdiff", loss="two", data=data, augment=False)
    steps = 0
    for (first, second), labels in stream.epoch(0):
        steps += 1
        assert first.shape == second.shape == (2 * stream.batch, 16, 16, 3)
        assert labels.numpy().tolist() == [0] * stream.batch + [1] * stream.batch
    assert steps == stream.steps > 0


@pytest.mark.parametrize(("data", "count"), [("cfp", 32), ("triplets", 8)])
def test_one_stream_has_every_pair_once(root: Path, data: str, count: int) -> None:
    stream = stream_of(root, head="concat", loss="single", data=data, augment=False)
    batches = [(pair, labels.numpy()) for pair, labels in stream.epoch(0)]
    labels = np.concatenate([labels for _, labels in batches])
    assert len(labels) == count
    assert (labels == 0).sum() == count // 2
    faces = [np.stack([a, b]).tobytes() for (a, b), _ in batches]
    assert len(set(faces)) == len(faces)


def test_people_are_numbered(root: Path) -> None:
    stream = stream_of(root)
    assert stream.steps == 2 * 32 // 4
    numbers = np.concatenate([labels.numpy() for _, labels in stream.epoch(0)])
    assert set(numbers.tolist()) == set(range(6))
    assert numbers.dtype == np.int32


def test_of_several_sets_all_faces_come(root: Path, tmp_path: Path) -> None:
    more = small_triplet_shards(tmp_path, first_person=500) / "triplets"
    stream = stream_of(root, more)
    numbers = np.concatenate([labels.numpy() for _, labels in stream.epoch(0)])
    assert len(numbers) == 2 * 32 + 3 * 4
    assert set(numbers.tolist()) == set(range(6 + 4))


@pytest.mark.parametrize(
    "options", [{}, {"head": "concat", "loss": "single"}, {"head": "concat", "loss": "two"}]
)
def test_an_epoch_goes_on_as_if_it_had_not_been_broken_off(
    root: Path, options: dict[str, Any]
) -> None:
    whole = list(stream_of(root, **options).epoch(1))
    rest = list(stream_of(root, **options).epoch(1, first_step=2))
    assert len(rest) == len(whole) - 2
    for one, other in zip(whole[2:], rest, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(_arrays(one), _arrays(other), strict=True))
    again = list(stream_of(root, **options).epoch(2))
    assert not all(
        np.array_equal(a, b) for a, b in zip(_arrays(whole[0]), _arrays(again[0]), strict=True)
    )


def _arrays(batch: Any) -> list[Any]:
    inputs, labels = batch
    return [*(inputs if isinstance(inputs, tuple) else (inputs,)), labels]
