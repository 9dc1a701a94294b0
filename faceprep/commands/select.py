"""`faceprep select`: the most frontal face of each identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import (
    Output,
    backend_options,
    count_line,
    faces_argument,
    output_options,
)
from faceprep.parameters import options_of
from faceprep.select.options import SelectOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.engine import Workers
    from faceprep.select.run import SelectSummary


@click.command(
    short_help="Choose the most frontal face of each person.",
    epilog="""\b
Examples:
  faceprep select                      one target for each identity of faces/
  faceprep select --per clip           one for each clip, as for YouTube Faces
  faceprep select --max-angle 10       none for who never faces the camera
  faceprep select f --shortlist 20     faces in f/; the mesh looks at more""",
)
@faces_argument
@options_of(SelectOptions)
@backend_options
@output_options
def select(
    faces_dir: str, allow_incomplete: bool, workers: Workers, output: Output, **options: Any
) -> None:
    """Choose the target of each identity in FACES: the most frontal face, of those the best.

    FACES (default: faces) is what extract made; the choice goes to FACES/targets.parquet, with reasons.
    Choosing again with other options is cheap and touches nothing else; 'faceprep shard' chooses by
    itself where it has not been done.
    """
    from faceprep.api.preparing import select_targets

    summary = select_targets(
        faces_dir,
        SelectOptions(**options),
        allow_incomplete=allow_incomplete,
        workers=workers,
        bar=output.bar,
    )
    output.summary(summary.as_json(), _lines(summary, faces_dir))


def _lines(summary: SelectSummary, faces_dir: str) -> Iterator[str]:
    for name, value in summary.as_json().items():
        if isinstance(value, int | float):
            yield count_line(name.replace("_", " "), value)
    yield f"targets.parquet in {faces_dir}"
