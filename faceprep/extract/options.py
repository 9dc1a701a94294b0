"""What `faceprep extract` can be told. Light: importing this loads no stage."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.errors import UsageError
from faceprep.options import check, nearest, option

TIMEOUT = 60.0
"""Seconds that one image may take, unless told otherwise."""

REJECTS = ("no_face", "too_small", "unreadable", "too_large", "crashed", "timeout")
"""The statuses of `records.STATUSES` that an image without a face may have."""

DETECTOR_NAMES = ("blazeface",)
LAYOUTS = ("auto", "identity", "youtube-faces", "cfp", "list")


@dataclass(frozen=True)
class ExtractOptions:
    """What decides the content of `faces/`: other values make other faces.

    Raises:
        UsageError: a value outside its limits.
    """

    layout: str = option(
        "auto",
        "How identities are found in the folders; auto recognises the others.",
        choices=LAYOUTS,
    )
    detector: str = option(
        "blazeface",
        "What finds the faces: blazeface, or a class of yours as package.module:Class.",
        metavar="NAME",
    )
    face: str = option(
        "subject",
        "Which face is kept when there are several: the subject is large and near the centre.",
        choices=("subject", "largest", "center", "best", "all"),
    )
    min_face: int = option(
        20, "Smallest face kept: longer side of its box in source pixels.", minimum=1
    )
    min_score: float = option(0.3, "Least detection score, 0 to 1.", minimum=0.0, maximum=1.0)
    pose: str = option(
        "keypoints",
        "Source of yaw, pitch and roll; the mesh is finer, and several times the work.",
        choices=("keypoints", "mesh"),
    )
    align: str = option(
        "eyes",
        "eyes: upright, at one scale; box: the box as found; arcface: five points, needs --pose mesh.",
        choices=("eyes", "box", "arcface"),
    )
    size: int = option(160, "Side of the square crop in pixels.", minimum=16, maximum=4096)
    margin: float = option(
        0.1,
        "Context added on each side, as a share of the crop without it.",
        minimum=0.0,
        maximum=2.0,
    )
    format: str = option("jpg", "Encoding of the crops.", choices=("jpg", "png"))
    quality: int = option(95, "JPEG quality of the crops.", minimum=1, maximum=100)
    max_pixels: int = option(
        100_000_000, "Images of more pixels are rejected before decoding.", minimum=1
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
