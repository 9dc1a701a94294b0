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
    output_options,
    raw_option,
)
from faceprep.parameters import Folder, options_of
from faceprep.shard.options import CfpOptions, PairOptions, TripletOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.shell_completion import CompletionItem

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
        named = args[0] in ctx.help_option_names or not args[0].startswith("-") if args else False
        asked_for_names = not args and ctx.resilient_parsing  # by a shell that completes
        return super().parse_args(ctx, args if named or asked_for_names else [_BARE, *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names of data sets, or the options of 'auto'."""
        if not incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        auto = self.commands[_BARE]
        begun = auto.make_context(_BARE, [], parent=ctx, resilient_parsing=True)
        return auto.shell_complete(begun, incomplete)


@click.group(
    cls=_ShardGroup,
    short_help="Faces to TFRecord shards: pairs, CFP's protocol, triplets.",
    epilog="""\b
Examples:
  faceprep shard                       faces/ to shards/, on all cores
  faceprep shard pairs --max-per-identity 50
  faceprep shard cfp raw/Protocol
  faceprep shard triplets --views frontal""",
)
def shard() -> None:
    """Faces to TFRecord shards, which tensorflow-datasets and any reader of TFRecords open.

    Without the name of a data set it is 'auto': pairs, and for faces of CFP its protocol too. Each
    data set has a folder and a version below DIR: DIR/pairs/1.0.0 and so on. Run the same command
    again to go on after a kill. Options: 'faceprep shard auto --help'.
    """


_SHARDING_OPTIONS = (
    click.option(
        "--overwrite",
        is_flag=True,
        help="First delete what earlier runs left of this data set; else the same options go on there, and "
        "others are refused.",
    ),
    backend_options,
    click.option(
        "--out",
        "shards_dir",
        type=Folder(),
        metavar="DIR",
        default=config.WORKSPACE["shards"],
        envvar="FACEPREP_SHARDS",
        help="Folder or URL below which each data set has its own.",
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
        from faceprep.api.sharding import begun
        from faceprep.shard.write import Job

        facts = {}
        asked = Job(shards_dir, workers, overwrite, output.bar)
        with begun(faces_dir, asked, allow_incomplete=allow_incomplete) as (folder, job):
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
    short_help="Pairs, and for faces of CFP the pairs of its protocol too.",
    context_settings={"auto_envvar_prefix": "FACEPREP_SHARD_PAIRS"},  # it makes pairs, as these say
    epilog="""\b
Examples:
  faceprep shard                      faces/ to shards/, on all cores
  faceprep shard --shards 8           each split in eight shards
  faceprep shard auto f --out s       faces in f/, shards to s/""",
)
@faces_argument
@raw_option("Where the faces came from; CFP's protocol is looked for in its folder Protocol.")
@options_of(PairOptions)
@_sharding
def auto(folder: FaceFolder, job: Job, raw_dir: str, **options: Any) -> Iterator[ShardSummary]:
    """Pairs, and for faces of CFP the pairs of its protocol too.

    FACES (default: faces) is what extract made. Targets are chosen first, as 'faceprep select' does,
    where that has not been done.
    """
    from faceprep.api.sharding import pairs_of
    from faceprep.shard.run import cfp_protocol, shard_cfp

    yield pairs_of(folder, PairOptions(**options), job)
    if protocol := cfp_protocol(folder, raw_dir):
        shared = {name: options[name] for name in CfpOptions.__dataclass_fields__}
        yield shard_cfp(folder, protocol, CfpOptions(**shared), job)


@shard.command(
    short_help="Any face of a person, with the most frontal one.",
    epilog="""\b
Examples:
  faceprep shard pairs --max-per-identity 50
  faceprep shard pairs f --split train=0.9,test=0.1 --seed 7
  faceprep shard pairs --shard-size 1GB --include-target""",
)
@faces_argument
@options_of(PairOptions)
@_sharding
def pairs(folder: FaceFolder, job: Job, **options: Any) -> Iterator[ShardSummary]:
    """Each face of a person (the feature) with that person's most frontal one (the target).

    FACES (default: faces) is what extract made. Targets are chosen first, as 'faceprep select' does,
    where that has not been done. Below DIR it becomes pairs/1.0.0.
    """
    from faceprep.api.sharding import pairs_of

    yield pairs_of(folder, PairOptions(**options), job)


@shard.command(
    short_help="The pairs of CFP's verification protocol.",
    epilog="""\b
Examples:
  faceprep shard cfp raw/Protocol
  faceprep shard cfp cfp-dataset/Protocol --faces f --out s""",
)
@click.argument("protocol", type=Folder())
@click.option(
    "--faces",
    "faces_dir",
    type=Folder(),
    metavar="DIR",
    default=config.WORKSPACE["faces"],
    envvar="FACEPREP_FACES",
    help="Folder or URL of the faces, which extract made of the same photographs.",
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
    short_help="A face, another of the same person, one of somebody else.",
    epilog="""\b
Examples:
  faceprep shard triplets --split train=0.6,validation=0.2,test=0.2
  faceprep shard triplets --views frontal --identity-ranges cfp
  faceprep shard triplets f --per-face 4""",
)
@faces_argument
@options_of(TripletOptions)
@_sharding
def triplets(folder: FaceFolder, job: Job, **options: Any) -> Iterator[ShardSummary]:
    """A face, another of the same person, and one of somebody else, all of one split.

    FACES (default: faces) is what extract made. Below DIR it becomes triplets/1.0.0.
    """
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
