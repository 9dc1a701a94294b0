"""Shards to scores: each pair with its truth, the same scores by either way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from faceprep.dataset_folder import ImageForm
from faceprep.errors import Diverged, InputError
from faceprep.train.siamese import network
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.sheet import read_pairs, spread
from faceprep.train.siamese.sources import open_data
from faceprep.train.siamese.verifier import Verifier, load_verifier
from tests.train.siamese.small_faces import SIZE, face, small_cfp_shards, small_triplet_shards

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = ImageForm(SIZE, "jpeg")
TINY = SiameseOptions(width=0.05, input_size="32x32x3", embedding=8)
PAIRWISE = SiameseOptions(head="absdiff", loss="single", width=0.05, units=8, input_size="32x32x3")


def verifier(options: SiameseOptions) -> Verifier:
    return Verifier.of_model(network.build(options, 3), options, IMAGE)


@pytest.mark.parametrize("options", [TINY, PAIRWISE], ids=["embedding", "absdiff"])
def test_a_protocol(tmp_path: Path, options: SiameseOptions) -> None:
    (shards,) = open_data([str(small_cfp_shards(tmp_path))], TINY, bar=False)
    judge = verifier(options)
    found = judge.judge(shards, "validation")
    assert len(found) == 16
    assert found.same.sum() == 8
    assert set(found.protocols) == {"FF", "FP"}
    assert set(found.folds.tolist()) == {3}
    assert found.stand_ins.sum() == 0
    assert all(("same" in key) == same for key, same in zip(found.keys, found.same, strict=True))
    one, other = face(6, -8.0).image, face(6, 0.0).image
    place = found.keys.index("ff03/same/1")
    assert judge.scores([one], [other])[0] == pytest.approx(found.scores[place], abs=1e-5)
    pictures = read_pairs(shards, "validation", ["ff03/same/1"])
    assert [picture.shape for picture in pictures["ff03/same/1"]] == [(SIZE, SIZE, 3)] * 2


def test_a_triplet_is_two_pairs(tmp_path: Path) -> None:
    options = SiameseOptions(data="triplets", input_size="32x32x3")
    (shards,) = open_data([str(small_triplet_shards(tmp_path))], options, bar=False)
    found = Verifier.of_pixels(IMAGE).judge(shards, "train")
    assert len(found) == 8
    assert found.same.tolist() == [True] * 4 + [False] * 4
    assert found.scores[found.same].mean() > found.scores[~found.same].mean()
    rows = spread(found, 2)
    assert [bool(found.same[row]) for row in rows] == [True, True, False, False]
    keys = [found.keys[row] for row in rows]
    assert set(read_pairs(shards, "train", keys)) == set(keys)


def test_a_face_and_itself() -> None:
    image = face(1, 0.0).image
    assert verifier(TINY).scores([image], [image])[0] == pytest.approx(1.0, abs=1e-5)
    assert verifier(TINY).scores([], []).shape == (0,)


def test_a_mirrored_face_is_the_same_face() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 1, (1, 32, 32, 3)).astype(np.float32)
    judge = network.judge_of(network.build(TINY, 3), TINY)
    assert float(judge.score(pixels, pixels[:, :, ::-1])[0]) == pytest.approx(1.0, abs=1e-5)


def test_a_score_that_is_no_number() -> None:
    judge = network.Judge(None, lambda first, second: (first - second)[:, 0, 0, 0] / 0.0)
    image = face(1, 0.0).image
    with pytest.raises(Diverged, match="no numbers"):
        Verifier(judge, TINY.input_shape, IMAGE).scores([image], [image])


def test_a_validation_without_numbers_ends_the_run(tmp_path: Path) -> None:
    from faceprep.train.begin import SIAMESE, Job
    from faceprep.train.siamese.options import SiameseFit
    from faceprep.train.siamese.task import SiameseTask

    data = open_data([str(small_cfp_shards(tmp_path))], TINY, bar=False)
    job = Job(SIAMESE, (), "", "", "custom", TINY, SiameseFit(), bar=False)
    task = SiameseTask(job, data)
    model = network.build(TINY, 6)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    found = task.validate(model)(lambda: None)
    assert np.isnan(found["loss"])


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing or damaged"):
        load_verifier(str(tmp_path / "model.keras"), TINY, IMAGE)
