"""What `faceprep predict` can be told. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.extract.options import TIMEOUT
from faceprep.options import check, option

MOST_SHOWN = 200
"""Pairs of each kind that `--demo` may show on its picture."""

AS_TRAINED = "as-trained"
"""The value of `face` that leaves it to the run."""


@dataclass(frozen=True)
class PredictOptions:
    """What is made of photographs. How faces are cut out of them is the run's, not the user's.

    Raises:
        UsageError: a value outside its limits.
    """

    face: str = option(
        AS_TRAINED,
        "Which face is taken when there are several; as-trained: as for the faces it learnt from.",
        choices=(AS_TRAINED, "subject", "largest", "center", "best", "all"),
    )
    latent: bool = option(False, "Write the latent vectors to latent.parquet.")
    batch: int = option(
        32,
        "Faces, or pairs (of these at most 64), that the model takes at once.",
        minimum=1,
        maximum=4096,
    )
    timeout: float = option(
        TIMEOUT,
        "Seconds one image may take; after that it is rejected.",
        minimum=0.1,
        maximum=86_400.0,
    )

    def __post_init__(self) -> None:
        check(self)
