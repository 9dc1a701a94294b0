"""What `faceprep evaluate` can be told. Light: importing this loads no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.options import check, option
from faceprep.train.siamese.folds import AUTO, fold_numbers


@dataclass(frozen=True)
class EvaluateOptions:
    """Which folds are judged, and what is told of them.

    Raises:
        UsageError: a value outside its limits.
    """

    folds: str = option(
        AUTO,
        "Folds to judge, as 8, 1-3 or 1,4-6; auto: all that have nobody in them whom the run was trained on.",
        metavar="N-N",
    )
    allow_leak: bool = option(
        False,
        "Judge folds with people that the run was trained on too; the report then bears a warning.",
    )
    centre_crops: bool = option(
        False, "List the images without a found face, whose centres took part."
    )

    def __post_init__(self) -> None:
        check(self)
        _ = self.wanted

    @property
    def wanted(self) -> tuple[int, ...]:
        """The folds that were asked for, rising; none for auto. Raises UsageError."""
        return () if self.folds == AUTO else fold_numbers("--folds", self.folds)
