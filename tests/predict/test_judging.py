"""Scores to verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faceprep.predict.judging import PairJudge, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def test_a_score_above_the_threshold_means_one_person() -> None:
    sizes: list[int] = []

    def scores(first: Sequence[bytes], second: Sequence[bytes]) -> NDArray[np.float64]:
        sizes.append(len(first))
        return np.array([len(a) - len(b) for a, b in zip(first, second, strict=True)], np.float64)

    judge = PairJudge(scores, threshold=1.0, batch=2)
    found = list(judge([b"aa", b"aaa", b"a"], [b"a", b"a", b"aa"]))
    assert found == [Verdict(1.0, False), Verdict(2.0, True), Verdict(-1.0, False)]
    assert sizes == [2, 1]
    assert list(judge([], [])) == []
