"""What `faceprep predict` can be told. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.faces.options import TIMEOUT
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
        "Which face is taken when there are several: as-trained (as for the faces it learnt from), the "
        "subject (large and near the centre), the largest, the one nearest to the centre, the best by score, "
        "or, for autoencoders, all.",
        choices=(AS_TRAINED, "subject", "largest", "center", "best", "all"),
    )
    latent: bool = option(
        False, "Autoencoder runs: write the latent vectors to latent.parquet too."
    )
    batch: int = option(
        32,
        "How many faces the model takes at once; of pairs at most 64. More take more memory.",
        minimum=1,
        maximum=4096,
        metavar="N",
    )
    timeout: float = option(
        TIMEOUT,
        "Longest that one image may take, in seconds; after that it is rejected.",
        minimum=0.1,
        maximum=86_400.0,
        metavar="SECONDS",
    )

    def __post_init__(self) -> None:
        check(self)
