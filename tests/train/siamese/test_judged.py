"""Pairs with their scores, and parts of them."""

from __future__ import annotations

import numpy as np

from faceprep.train.siamese.judged import Judged

JUDGED = Judged(
    keys=("ff01/same/1", "fp01/diff/1", "ff02/diff/1"),
    scores=np.array([0.9, 0.1, 0.4]),
    same=np.array([True, False, False]),
    protocols=("FF", "FP", "FF"),
    folds=np.array([1, 1, 2]),
    stand_ins=np.array([0, 1, 0]),
)


def test_one_protocol() -> None:
    found = JUDGED.only("FF")
    assert len(found) == 2
    assert found.keys == ("ff01/same/1", "ff02/diff/1")
    assert found.folds.tolist() == [1, 2]
    assert len(JUDGED.only("")) == 0


def test_some_rows() -> None:
    found = JUDGED.at(np.array([1]))
    assert (found.keys, found.protocols) == (("fp01/diff/1",), ("FP",))
    assert found.stand_ins.tolist() == [1]
    assert not found.same[0]
