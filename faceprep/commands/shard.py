"""`faceprep shard`: faces to TFRecord shards."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from faceprep import config
from faceprep.commands.common import (
    Output,
    allow_incomplete_option,
    backend_options,
    count_line,
    faces_argument,
    known_to,
    open_faces,
    output_options,
)
from faceprep.errors import UsageError
from faceprep.parameters import options_of
from faceprep.shard.options import CfpOptions, PairOptions, TripletOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faceprep.engine import Workers
    from faceprep.face_folder import FaceFolder
    from faceprep.shard.summary import ShardSummary
    from faceprep.shard.write import Job

    Command = Callable[..., Any]
    Sharding = Callable[..., Iterator[ShardSummary]]

_BARE = "auto"


class _ShardGroup(click.Group):
    """`faceprep shard` without the name of a data set is `faceprep shard auto`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = [_BARE, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ShardGroup)
def shard() -> None:
    """Faces to TFRecord shards, which tensorflow-datasets and any reader of TFRecords open.

    Without the name of a data set it is 'auto': pairs, and for faces of CFP its protocol too. Each
    data set has a folder and a version below DIR: DIR/pairs/1.0.0 and so on. Run the same command
    again to go on after a kill. Options: 'faceprep shard auto --help'.
    """


_SHARDING_OPTIONS = (
    click.option("--overwrite", is_flag=True, help="Delete first what an earlier run left."),
    backend_options,
    click.option(
        "--out",
        "shards_dir",
        metavar="DIR",
        default=config.WORKSPACE["shards"],
        envvar="FACEPREP_SHARDS",
        help="Folder below which each data set has its own.",
    ),
)


def _sharding(command: Sharding) -> Command:
    """Decorate a command that gets `folder` and `job` and yields summaries."""

    @functools.wraps(command)
    def run(
        *,
        faces_dir: str,
        allow_incomplete: bool,
        shards_dir: str,
        workers: Workers,
        overwrite: bool,
        output: Output,
        **rest: Any,
    ) -> None:
        from faceprep.shard.write import Job

        if not shards_dir:
            raise UsageError("--out is empty; name a folder")
        facts = {}
        job = Job(known_to(workers, shards_dir), workers, overwrite, output.bar)
        with open_faces(faces_dir, allow_incomplete=allow_incomplete, workers=workers) as folder:
            for summary in command(folder, job, **rest):
                facts[summary.data_set] = summary.as_json()
                if not output.as_json:
                    output.summary({}, _lines(summary))  # now, for the next one may fail
        if output.as_json:
            output.summary(facts, ())

    decorated: Command = output_options(run)
    for decorate in _SHARDING_OPTIONS:
        decorated = decorate(decorated)
    return decorated


@shard.command(
    _BARE,
    context_settings={"auto_envvar_prefix": "FACEPREP_SHARD_PAIRS"},  # it makes pairs, as these say
    epilog="""\b
Examples:
  faceprep shard                      faces/ to shards/, on all cores
  faceprep shard --shards 8           each split in eight shards""",
)
@faces_argument
@click.option(
    "--raw",
    "raw_dir",
    metavar="DIR",
    default=config.WORKSPACE["raw"],
    envvar="FACEPREP_RAW",
    help="The source of the faces; CFP's protocol is DIR/Protocol.",
)
@options_of(PairOptions)
@_sharding
def auto(folder: FaceFolder, job: Job, raw_dir: str, **options: Any) -> Iterator[ShardSummary]:
    """Pairs, and for faces of CFP the pairs of its protocol too."""
    from faceprep.shard.run import cfp_protocol, shard_cfp

    yield _pairs(folder, job, PairOptions(**options))
    if protocol := cfp_protocol(folder, raw_dir):
        shared = {name: options[name] for name in CfpOptions.__dataclass_fields__}
        yield shard_cfp(folder, protocol, CfpOptions(**shared), job)


@shard.command(
    epilog="""\b
Examples:
  faceprep shard pairs --max-per-identity 50
  faceprep shard pairs faces --out shards --split train=0.9,test=0.1 --seed 7"""
)
@faces_argument
@options_of(PairOptions)
@_sharding
def pairs(folder: FaceFolder, job: Job, **options: Any) -> Iterator[ShardSummary]:
    """Each face of a person (the feature) with that person's most frontal one (the target)."""
    yield _pairs(folder, job, PairOptions(**options))


def _pairs(folder: FaceFolder, job: Job, options: PairOptions) -> ShardSummary:
    """Pairs, after choosing targets where that has not been done."""
    from faceprep.select.run import ensure_targets
    from faceprep.shard.run import shard_pairs

    keep = options.keep_conflicts
    ensure_targets(folder, keep_conflicts=keep, workers=job.workers, bar=job.bar)
    return shard_pairs(folder, options, job)


@shard.command(
    epilog="""\b
Example:
  faceprep shard cfp raw/Protocol --faces faces --out shards"""
)
@click.argument("protocol")
@click.option(
    "--faces",
    "faces_dir",
    metavar="DIR",
    default=config.WORKSPACE["faces"],
    envvar="FACEPREP_FACES",
    help="Folder of the faces.",
)
@allow_incomplete_option
@options_of(CfpOptions)
@_sharding
def cfp(folder: FaceFolder, job: Job, protocol: str, **options: Any) -> Iterator[ShardSummary]:
    """The pairs of CFP's verification protocol, in PROTOCOL, a split for each protocol and fold.

    No pair is dropped: where no face was found, the centre of the image stands in, and the record
    says so. The image is read from where the protocol's lists say, beside the folder PROTOCOL.
    """
    from faceprep.shard.run import shard_cfp

    yield shard_cfp(folder, protocol, CfpOptions(**options), job)


@shard.command(
    epilog="""\b
Examples:
  faceprep shard triplets --views frontal
  faceprep shard triplets --identity-ranges cfp --per-face 4"""
)
@faces_argument
@options_of(TripletOptions)
@_sharding
def triplets(folder: FaceFolder, job: Job, **options: Any) -> Iterator[ShardSummary]:
    """A face, another of the same person, and one of somebody else, all of one split."""
    from faceprep.shard.run import shard_triplets

    yield shard_triplets(folder, TripletOptions(**options), job)


def _lines(summary: ShardSummary) -> Iterator[str]:
    facts = summary.as_json()
    yield count_line(f"{summary.data_set}: records", facts["records"])
    for split in summary.splits:
        shards = f"{len(split.lengths)} {'shard' if len(split.lengths) == 1 else 'shards'}"
        yield f"{count_line(f'  {split.name}', split.examples)}  in {shards}"
    yield count_line("identities", summary.identities)
    if summary.data_set != "cfp" and any(summary.counts.values()):
        yield "left out"
    for name, count in summary.counts.items():
        if count:
            yield count_line(f"  {name.replace('_', ' ')}", count)
    if summary.written:
        yield count_line("records/s", facts["records_per_second"])
    else:
        yield "nothing was left to do"
    yield f"{facts['bytes'] / 1e6:,.1f} MB in {summary.folder}"
