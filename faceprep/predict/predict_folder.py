"""The folder that predictions go to: `predict.json`, written first, says of what and by whom. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faceprep
from faceprep import manifest, storage
from faceprep.errors import UsageError
from faceprep.log import LOG
from faceprep.options import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARKER = "predict.json"
FORMAT = 1
"""Version of what is in the folder. Grows when old and new files can no longer be mixed."""


def check_named(to: str) -> None:
    """Raises UsageError: the folder has no name."""
    if not to:
        raise UsageError("--out is empty; name a folder")


def begin(to: str, run: str, images: Sequence[str], options: Mapping[str, Any]) -> None:
    """Leave the marker in an empty folder; hold an old one's against it.

    Args:
        to: the folder.
        run: name of the run that predicts.
        images: what it is given, by name.
        options: those that decide what is written.

    Raises:
        UsageError: the folder holds other predictions.
        InputError: it holds something else.
        StorageError: it cannot be written.
    """
    now = {
        "format": FORMAT,
        "run": run,
        "images": digest({"paths": list(images)}),
        "options": dict(options),
        "versions": {"faceprep": faceprep.__version__},
    }
    before = manifest.claim(to, MARKER, now, "--out")
    if before is None:
        return
    for name in ("format", "run", "images", "options"):
        if before.get(name) != now[name]:
            raise UsageError(
                f"{to}: predictions with other {name} than now; choose another folder with --out"
            )
    storage.remove_leftovers(to)  # of pictures, by a run that was killed
    LOG.info(f"{to}: predictions of these very images; writing them anew")
