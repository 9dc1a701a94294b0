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
        "Degrees; an identity whose best face is turned further away has no target.",
        minimum=0.0,
        maximum=90.0,
    )
    shortlist: int = option(
        8, "Faces of each identity at which the mesh looks, the most frontal ones.", minimum=1
    )
    keep_conflicts: bool = option(False, "Keep pictures that are filed under two identities.")

    def __post_init__(self) -> None:
        check(self)
