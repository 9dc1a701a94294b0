"""What `faceprep shard` can be told. Light: importing this loads no stage."""

from __future__ import annotations

import re
from dataclasses import dataclass

from faceprep.errors import UsageError
from faceprep.options import check, option
from faceprep.shard.splits import parse_ranges, parse_shares

MOST_SHARDS = 99_999
"""Of a split: the names of shards have five digits."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}

SHARES = "train=0.8,validation=0.1,test=0.1"
CFP_RANGES = "train=1-300,validation=301-400,test=401-500"
"""Which of CFP's identities the recorded Siamese experiments trained, validated and tested on."""


@dataclass(frozen=True)
class ShardOptions:
    """How records are written, whatever is in them.

    Raises:
        UsageError: a value outside its limits.
    """

    shard_size: str = option(
        "128MB", "About how large a shard is, in bytes: 500kB, 128MB, 1GB.", metavar="SIZE"
    )
    shards: int = option(
        0,
        "Shards of each split; 0 for as many as --shard-size makes.",
        minimum=0,
        maximum=MOST_SHARDS,
        metavar="N",
    )
    compression: str = option(
        "none",
        "GZIP saves 8 % (crops are JPEGs), takes three times as long, and tfds cannot read it.",
        choices=("none", "GZIP"),
    )
    seed: int = option(
        0, "Another whole number gives another order, other splits and other draws.", metavar="N"
    )

    def __post_init__(self) -> None:
        check(self)
        if parse_size(self.shard_size) < 1:
            raise UsageError(f"--shard-size is '{self.shard_size}'; write for instance 128MB")


@dataclass(frozen=True)
class PairOptions(ShardOptions):
    """What decides the pairs. Raises UsageError."""

    split: str = option(
        SHARES,
        "Splits and their shares of the people, which a hash of the name deals out; nobody is in two.",
        metavar="SHARES",
    )
    include_target: bool = option(
        False, "Make the target a feature too, with itself as its target."
    )
    include_singletons: bool = option(
        False, "Take people of whom there is one face too: a pair of it with itself."
    )
    keep_conflicts: bool = option(
        False,
        "Keep pictures that are filed under two identities; else they are left out and counted.",
    )
    max_per_identity: int = option(
        0,
        "Most pairs of one person, spread over all yaws; 0 for all there are.",
        minimum=0,
        metavar="N",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_shares(self.split)


@dataclass(frozen=True)
class CfpOptions(ShardOptions):
    """The protocol decides the pairs; there is nothing to choose."""


@dataclass(frozen=True)
class TripletOptions(ShardOptions):
    """What decides the triplets. Raises UsageError."""

    split: str = option(
        SHARES,
        "Splits and their shares of the people, which a hash of the name deals out; nobody is in two.",
        metavar="SHARES",
    )
    identity_ranges: str = option(
        "",
        "Splits by number instead of --split, for data sets that number people, as train=1-300,test=301-400; "
        f"'cfp' stands for {CFP_RANGES}.",
        metavar="RANGES",
    )
    views: str = option(
        "all",
        "Which faces are drawn: all, or those that the data set itself labels frontal (CFP).",
        choices=("all", "frontal"),
    )
    per_face: int = option(
        1, "How many triplets have each face as anchor.", minimum=1, maximum=1000, metavar="N"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_shares(self.split)
        if self.identity_ranges:
            parse_ranges(self.ranges)

    @property
    def ranges(self) -> str:
        """`identity_ranges`, spelt out."""
        return CFP_RANGES if self.identity_ranges == "cfp" else self.identity_ranges


def parse_size(text: str) -> int:
    """`128MB` in bytes; 0 for what is no size."""
    match = _SIZE.fullmatch(text.strip())
    return int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
