"""What `faceprep forget` can be told. Light: importing this loads no stage."""

from __future__ import annotations

from dataclasses import dataclass

from faceprep.options import option


@dataclass(frozen=True)
class ForgetOptions:
    """How people are removed."""

    allow_unknown: bool = option(
        False, "Take names that are not among the faces too, and keep them out from now on."
    )
    dry_run: bool = option(False, "Say what would be removed, and remove nothing.")
