"""What `faceprep select` can be told. Light: importing this loads no stage."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.options import check, option


@dataclass(frozen=True)
class SelectOptions:
    """What decides which face is the target: other values may choose others.

    Raises:
        UsageError: a value outside its limits.
    """

    per: str = option(
        "identity",
        "Who gets a target: each identity, or each clip of each identity.",
        choices=("identity", "clip"),
    )
    max_angle: float = option(
        20.0,
        "Who never comes nearer to the line of sight, in degrees, has no target.",
        minimum=0.0,
        maximum=90.0,
        metavar="DEGREES",
    )
    shortlist: int = option(
        8,
        "How many faces of each identity the mesh looks at, the most frontal ones by keypoints.",
        minimum=1,
        metavar="N",
    )
    keep_conflicts: bool = option(
        False,
        "Keep pictures that are filed under two identities; else they are left out and counted.",
    )

    def __post_init__(self) -> None:
        check(self)
