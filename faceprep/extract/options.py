"""What `faceprep extract` can be told. Light: importing this loads no stage."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.faces.options import FaceOptions
from faceprep.options import option

LAYOUTS = ("auto", "identity", "youtube-faces", "cfp", "list")


@dataclass(frozen=True)
class ExtractOptions(FaceOptions):
    """What decides the content of `faces/`: other values make other faces.

    Raises:
        UsageError: a value outside its limits.
    """

    layout: str = option(
        "auto",
        "Whose image is it: by the first folder (identity), by person/clip/frame, as CFP has it, or by a "
        "table (list); auto recognises which, and says so.",
        choices=LAYOUTS,
    )
