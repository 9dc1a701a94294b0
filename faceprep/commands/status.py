"""`faceprep status`: how far a running or stopped job is."""

from __future__ import annotations

import click

from faceprep.commands.common import Output, output_options
from faceprep.parameters import Folder


@click.command(
    short_help="Tell how far a running or stopped job is.",
    epilog="""\b
Examples:
  faceprep status faces
  faceprep status s3://bucket/faces --json
  faceprep status .                             faces/ and shards/ in here""",
)
@click.argument("path", type=Folder())
@click.option(
    "--counts",
    is_flag=True,
    help="Look into every part for faces and rejects, not only at what the runs have told; slow over "
    "a network.",
)
@output_options
def status(path: str, counts: bool, output: Output) -> None:
    """Tell how far PATH is: parts done, missing, failed, images/s, time left, and what remains.

    PATH is a folder of faces, a data set, a folder of data sets, or the folder in which faces/ and
    shards/ lie. It is read from the storage alone, while runs are at work or not, on any machine. A
    run that has not been heard of for a minute counts as gone, so the clocks of the storage and of this
    machine must agree within half a minute. The last line is the command that does what remains, with
    the folder and the machine that it was given on where these are others. Exit code 0 also when work
    remains; "finished" in --json tells.
    """
    from faceprep.status.run import status as look

    found = look(path, exact=counts)
    output.summary(found.as_json(), found.as_lines())
