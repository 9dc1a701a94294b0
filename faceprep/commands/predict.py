"""`faceprep predict`: photographs and a run to what its model makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import Output, count_line, output_options, workers_option
from faceprep.errors import FaceprepError
from faceprep.parameters import options_of
from faceprep.predict.options import PredictOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.predict.run import PredictSummary


@click.command(
    epilog="""\b
Examples:
  faceprep predict runs/autoencoder-frontal-001 photos --out frontal
  faceprep predict runs/autoencoder-frontal-001 a.jpg b.jpg --out frontal --face all
  faceprep predict runs/autoencoder-v12-001 photos --out codes --latent"""
)
@click.argument("run_dir", metavar="RUN")
@click.argument("images", metavar="IMAGES…", nargs=-1, required=True)
@click.option(
    "--out", "to", metavar="DIR", required=True, help="Folder for the pictures; new or empty."
)
@options_of(PredictOptions)
@workers_option
@output_options
def predict(
    run_dir: str,
    images: tuple[str, ...],
    to: str,
    workers: int | None,
    output: Output,
    **options: Any,
) -> None:
    """Frontal faces of the people in IMAGES, by the model of RUN, a folder that train has made.

    IMAGES are files, or folders that are searched. Faces are found and cut out of them as they were
    for the model to learn from. DIR gets a picture for each face (as cut out, as the model sees it,
    what it predicts) and predictions.csv with a row for every image, also for those without a face.
    """
    from faceprep.predict.image_list import read_images
    from faceprep.predict.run import predict as run
    from faceprep.predict.trained import open_run

    summary = run(
        open_run(run_dir),
        read_images(images),
        to,
        PredictOptions(**options),
        workers=workers,
        bar=output.bar,
    )
    output.summary(summary.as_json(), _lines(summary))
    if not summary.counts.faces:
        raise FaceprepError(f"none of the {summary.counts.images:,} images gave a face")


def _lines(summary: PredictSummary) -> Iterator[str]:
    yield count_line("images", summary.counts.images)
    yield count_line("faces", summary.counts.faces)
    for status, count in sorted(summary.counts.rejects.items()):
        yield count_line(f"  {status}", count)
    for reason, count in sorted(summary.skipped.items()):
        yield count_line(f"skipped: {reason}", count)
    yield count_line("images/s", summary.as_json()["images_per_second"])
    yield f"pictures and predictions.csv in {summary.folder}"
