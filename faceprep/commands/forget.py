"""`faceprep forget`: people out of faces/, and where else they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faceprep import config
from faceprep.commands.common import Output, count_line, output_options
from faceprep.errors import InputError, UsageError
from faceprep.forget.options import ForgetOptions
from faceprep.parameters import File, Folder, options_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from faceprep.forget.summary import ForgetSummary

    Command: TypeAlias = Callable[..., Any]


def _folder_of(name: str, words: str) -> Callable[[Command], Command]:
    """The option for a folder of the workspace."""
    return click.option(
        f"--{name}",
        f"{name}_dir",
        type=Folder(),
        metavar="DIR",
        default=config.WORKSPACE[name],
        envvar=f"FACEPREP_{name.upper()}",
        help=words,
    )


@click.command(
    short_help="Remove people from faces, and say where else they are.",
    epilog="""\b
Examples:
  faceprep forget Ann_Smith                    shards/, runs/ are looked into
  faceprep forget --from names.txt --dry-run   what would be removed
  faceprep forget 017 --faces f --shards s     other folders
  faceprep forget                              finish what was killed""",
)
@click.argument("identities", metavar="[IDENTITY…]", nargs=-1)
@click.option(
    "--from",
    "listed",
    type=File(),
    metavar="FILE",
    show_default="none",
    help="Also forget the people in this text file, a name in each line; - reads them from stdin.",
)
@_folder_of("faces", "Folder of the faces that they are removed from.")
@_folder_of("shards", "Data sets that are looked through for them, and not changed.")
@_folder_of("runs", "Runs of training that are looked through for them, and not changed.")
@options_of(ForgetOptions)
@output_options
def forget(
    identities: tuple[str, ...],
    listed: str | None,
    faces_dir: str,
    shards_dir: str,
    runs_dir: str,
    output: Output,
    **options: Any,
) -> None:
    """Remove all that is known of people from a folder of faces, and say where else they are.

    IDENTITY is a name as the faces have it. Their rows, crops, poses and targets go, and all that runs have
    said in words (commands and errors, which may name them); later runs of `faceprep extract` pass these
    people over. Data sets and runs that hold them are named with what to do; they, and the photographs, are
    left as they are. A name that is not there is an error, and then nobody is removed. Killed, the same
    command goes on.
    """
    from faceprep.forget.run import forget as run

    if not faces_dir:
        raise UsageError("--faces is empty; name a folder")
    summary = run(
        faces_dir,
        [*identities, *(_names(listed) if listed else ())],
        ForgetOptions(**options),
        shards=shards_dir,
        runs_dir=runs_dir,
        bar=output.bar,
    )
    output.summary(summary.as_json(), _lines(summary, shards_dir, runs_dir))


def _names(path: str) -> list[str]:
    """A name in each line, blanks at its ends and all; empty lines are passed over."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        lines = content.decode("utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({reason}); write a name in each line") from None
    return [name for name in (line.removesuffix("\r") for line in lines) if name]


def _lines(summary: ForgetSummary, shards: str, runs: str) -> Iterator[str]:
    yield from _removed(summary)
    if summary.before:
        yield count_line("others kept out", summary.before)
    for name in summary.others:
        yield f"not of these faces, and not looked into: {summary.folder}/{name}"
    yield from _where_in_data_sets(summary, shards)
    yield from _where_in_runs(summary, runs)


def _removed(summary: ForgetSummary) -> Iterator[str]:
    if not summary.people:
        yield f"nothing of them was left in {summary.folder}, so there was nothing to remove"
        return
    yield "would be removed" if summary.dry_run else f"removed from {summary.folder}"
    for name in ("people", "images", "faces"):
        yield count_line(f"  {name}", getattr(summary, name))
    yield count_line("  parts with them", summary.parts)


def _where_in_data_sets(summary: ForgetSummary, shards: str) -> Iterator[str]:
    if summary.data_sets is None:
        yield f"{shards}: no such folder, so no data set was looked at"
        return
    held = [each for each in summary.data_sets if each.holds]
    yield f"{len(held):,} of {len(summary.data_sets):,} data sets in {shards} hold them, or may"
    for each in held:
        found = [f"{count:,} records of {split}" for split, count in each.splits.items()]
        found += [f"{each.targets:,} of them in targets.parquet"] if each.targets else []
        found += ["a picture named in shard.json"] if each.named else []
        found += [f"{each.unreadable:,} damaged records"] if each.unreadable else []
        found += ["crops that a killed run has left in .spool"] if each.spool else []
        found += [f"may hold them: {each.fault}"] if each.fault else []
        yield f"  {each.folder}: {', '.join(found)}"
        yield f"    {each.rebuild}"
    for place in summary.unseen:
        yield f"  not looked into: {place}"


def _where_in_runs(summary: ForgetSummary, runs: str) -> Iterator[str]:
    if summary.runs is None:
        yield f"{runs}: no such folder, so no run was looked at"
        return
    yield f"{len(summary.runs):,} runs in {runs} have seen them, or may have"
    for each in summary.runs:
        yield f"  {each.folder}: {each.words}"
    if summary.runs:
        yield "  delete these folders, and train again on data sets without them"
