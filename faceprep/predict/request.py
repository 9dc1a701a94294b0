"""What somebody asks `faceprep predict` for, held against the kind of the run. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import UsageError
from faceprep.train.begin import AUTOENCODER, SIAMESE

if TYPE_CHECKING:
    from faceprep.predict.options import PredictOptions


@dataclass(frozen=True)
class Request:
    """What was said on the command line; None, and no images, for what was not.

    Attributes:
        images: files or folders.
        to: folder to write to.
        pairs: CSV file of pairs.
        demo: how many pairs of each kind to show.
        shards: whose pairs these are.
    """

    images: tuple[str, ...]
    to: str | None
    pairs: str | None
    demo: int | None
    shards: str | None


def check_autoencoder(request: Request, run: str) -> str:
    """The folder to write to.

    Raises:
        UsageError: something is missing, or for the other kind of run.
    """
    for option, value in (
        ("--pairs", request.pairs),
        ("--demo", request.demo),
        ("--shards", request.shards),
    ):
        if value is not None:
            raise UsageError(f"{option} is for {SIAMESE} runs; {run} is an {AUTOENCODER} run")
    if not request.images:
        raise UsageError(f"IMAGES… is missing: name files or folders for {run} to predict")
    if request.to is None:
        raise UsageError(f"--out is missing: {run} is an {AUTOENCODER} run, which writes pictures")
    return request.to


def check_siamese(request: Request, options: PredictOptions, run: str) -> None:
    """Raises UsageError: not one thing to do, or something for the other kind of run."""
    if options.latent:
        raise UsageError(f"--latent is for {AUTOENCODER} runs; {run} is a {SIAMESE} run")
    if options.face == "all":
        raise UsageError(
            f"--face all is for {AUTOENCODER} runs; {run} compares one face of each photograph"
        )
    asked = {
        "two photographs": bool(request.images),
        "--pairs": request.pairs is not None,
        "--demo": request.demo is not None,
    }
    found = [name for name, given in asked.items() if given]
    if len(found) != 1:
        what = f"{' and '.join(found)} together" if found else "nothing to compare"
        raise UsageError(
            f"{what}: {run} is a {SIAMESE} run; give it two photographs, or --pairs FILE, or --demo N"
        )
    if request.images and len(request.images) != 2:
        raise UsageError(
            f"not two photographs but {len(request.images)}: {run} is a {SIAMESE} run, which compares "
            "two; --pairs FILE is for many"
        )
    if request.shards is not None and request.demo is None:
        raise UsageError("--shards is for --demo, whose pairs come from there")
    if request.to is None and not request.images:
        raise UsageError(f"--out is missing: the folder for what {found[0]} writes")
