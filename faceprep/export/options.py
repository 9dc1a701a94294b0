"""What `faceprep export` can be told. Light: importing this loads no stage."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.options import check, option


@dataclass(frozen=True)
class ExportOptions:
    """Which faces are exported: other values export others.

    Raises:
        UsageError: a value outside its limits.
    """

    targets_only: bool = option(False, "Only the targets that 'faceprep select' chose.")
    max_angle: float = option(
        180.0,
        "Only faces turned from the line of sight by no more degrees than this; 180 for all.",
        minimum=0.0,
        maximum=180.0,
        metavar="DEGREES",
    )
    min_size: int = option(
        0,
        "Only faces at least so large in the source: longer side of the box, in pixels.",
        minimum=0,
        metavar="PX",
    )

    def __post_init__(self) -> None:
        check(self)
