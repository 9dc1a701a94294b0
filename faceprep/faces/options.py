"""What can be told to whoever finds and cuts out faces. Light: importing this loads no vision library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError
from faceprep.options import check, nearest, option

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 60.0
"""Seconds that one image may take, unless told otherwise."""

REJECTS = ("no_face", "too_small", "unreadable", "too_large", "crashed", "timeout")
"""The statuses of `records.STATUSES` that an image without a face may have."""

DETECTOR_NAMES = ("blazeface",)


@dataclass(frozen=True)
class FaceOptions:
    """What decides which faces are found in an image, and what their crops are like.

    Raises:
        UsageError: a value outside its limits.
    """

    detector: str = option(
        "blazeface",
        "What finds the faces: blazeface, or a class of yours as package.module:Class on PYTHONPATH.",
        metavar="NAME",
    )
    face: str = option(
        "subject",
        "Which face is kept when there are several: the subject (large and near the centre), the largest, "
        "the one nearest to the centre, the best by score, or all of them.",
        choices=("subject", "largest", "center", "best", "all"),
    )
    min_face: int = option(
        20,
        "Smallest face kept: longer side of its box, in pixels of the source.",
        minimum=1,
        metavar="PX",
    )
    min_score: float = option(
        0.3,
        "Least detection score, from 0 to 1; fewer and surer faces with a higher one.",
        minimum=0.0,
        maximum=1.0,
        metavar="0..1",
    )
    pose: str = option(
        "keypoints",
        "Where yaw, pitch and roll come from: six keypoints, or the face mesh, which is finer and several "
        "times the work.",
        choices=("keypoints", "mesh"),
    )
    align: str = option(
        "eyes",
        "How a crop is cut: eyes (upright, all at one scale), box (the box as found) or arcface (by five "
        "points, as ArcFace models take them; needs --pose mesh).",
        choices=("eyes", "box", "arcface"),
    )
    size: int = option(
        160, "Side of the square crop, in pixels.", minimum=16, maximum=4096, metavar="PX"
    )
    margin: float = option(
        0.1,
        "Context added on each side, as a share of the crop without it.",
        minimum=0.0,
        maximum=2.0,
        metavar="SHARE",
    )
    format: str = option(
        "jpg",
        "Encoding of the crops; png is exact and several times as large.",
        choices=("jpg", "png"),
    )
    quality: int = option(
        95,
        "JPEG quality of the crops, with --format jpg.",
        minimum=1,
        maximum=100,
        metavar="1..100",
    )
    crops: bool = option(
        True, "Store the crops; without them poses and boxes alone are kept, and not one pixel."
    )
    max_pixels: int = option(
        100_000_000,
        "Images of more pixels, width times height, are rejected before decoding.",
        minimum=1,
        metavar="N",
    )

    def __post_init__(self) -> None:
        check(self)
        if self.detector not in DETECTOR_NAMES and ":" not in self.detector:
            names = ", ".join(DETECTOR_NAMES)
            raise UsageError(
                f"--detector is '{self.detector}'{nearest(self.detector, DETECTOR_NAMES)}; "
                f"it may be {names}, or package.module:Class"
            )
        if self.align == "arcface" and self.pose != "mesh":
            raise UsageError("--align arcface needs the mesh's five points: add --pose mesh")


def made_with(recorded: Mapping[str, Any]) -> FaceOptions:
    """The options among what `extract.json` says that a folder was made with.

    Raises:
        UsageError: a value outside its limits. TypeError: an option that this faceprep does not have.
    """
    return FaceOptions(**{name: value for name, value in recorded.items() if name != "layout"})
