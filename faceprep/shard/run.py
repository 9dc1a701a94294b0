"""The stage: a folder of faces to a data set of pairs, of a protocol's pairs, or of triplets."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

from faceprep import storage, targets
from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.shard.cfp import plan_cfp
from faceprep.shard.faces import read_faces
from faceprep.shard.pairs import plan_pairs
from faceprep.shard.protocol import read_protocol
from faceprep.shard.splits import HashSplit, RangeSplit, parse_ranges, parse_shares
from faceprep.shard.triplets import plan_triplets
from faceprep.shard.write import Job, write_data_set

if TYPE_CHECKING:
    from faceprep.face_folder import FaceFolder
    from faceprep.shard.options import CfpOptions, PairOptions, TripletOptions
    from faceprep.shard.summary import ShardSummary


def shard_pairs(folder: FaceFolder, options: PairOptions, job: Job) -> ShardSummary:
    """Each face of a person with that person's target.

    Args:
        folder: of faces, whose targets are chosen.
        options: what to take.
        job: where and how it is written.

    Raises:
        InputError: no targets, or of other faces; no pair; a damaged part; begun with other faces.
        UsageError: the data set was begun with other options. StorageError: no space.
    """
    location = storage.join(folder.path, targets.NAME)
    chosen = targets.read_targets(location)
    if chosen is None or chosen.faces != folder.digest:
        raise InputError(f"{folder.path}: its targets are not chosen; run 'faceprep select' first")
    split = HashSplit(parse_shares(options.split), options.seed)
    content = storage.read_bytes(location)
    contents = dataclasses.replace(
        plan_pairs(read_faces(folder), chosen, split, options),
        targets=content,
        inputs={"faces": folder.digest, "targets": hashlib.sha256(content).hexdigest()},
    )
    return write_data_set(folder, contents, options, job)


def shard_cfp(folder: FaceFolder, protocol: str, options: CfpOptions, job: Job) -> ShardSummary:
    """The pairs of CFP's verification protocol.

    Args:
        folder: of faces.
        protocol: path of CFP's folder Protocol.
        options: of the shards.
        job: where and how it is written.

    Raises:
        InputError: the protocol does not read as it should, or names images that are not there.
        UsageError: the data set was begun with other options. StorageError: no space.
    """
    lists = read_protocol(protocol)
    contents = dataclasses.replace(
        plan_cfp(folder, read_faces(folder, rejects=True), lists),
        inputs={"faces": folder.digest, "protocol": lists.digest},
    )
    return write_data_set(folder, contents, options, job)


def shard_triplets(folder: FaceFolder, options: TripletOptions, job: Job) -> ShardSummary:
    """An anchor, another face of the same person, and one of somebody else.

    Args:
        folder: of faces.
        options: what to draw.
        job: where and how it is written.

    Raises:
        InputError: no triplet can be drawn; identities that are no numbers, for ranges.
        UsageError: the data set was begun with other options. StorageError: no space.
    """
    by_hash = HashSplit(parse_shares(options.split), options.seed)
    by_number = RangeSplit(parse_ranges(options.ranges)) if options.identity_ranges else None
    contents = dataclasses.replace(
        plan_triplets(read_faces(folder), by_number or by_hash, options),
        inputs={"faces": folder.digest},
    )
    return write_data_set(folder, contents, options, job)


def cfp_protocol(folder: FaceFolder, source: str) -> str | None:
    """Where the protocol of these faces is; None for faces that are not CFP's.

    Args:
        folder: of faces.
        source: that they were extracted from.
    """
    if folder.options["layout"] != "cfp":
        return None
    protocol = storage.join(source, "Protocol")
    if not storage.exists(protocol):
        LOG.warning(
            f"{protocol}: not there, so there are pairs alone; 'faceprep shard cfp PROTOCOL' makes "
            "the pairs of CFP's protocol"
        )
        return None
    return protocol
