"""A look at the records of a data set: how far faces are turned, which labels there are, some examples.

The records of a split lie in the order of a salted hash of their keys. So the first of them are a random
sample of all, always the same one, and no more than these is read of a large data set.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import shard_file, storage
from faceprep.dataset_folder import INFO
from faceprep.errors import InputError
from faceprep.report.examples import label, shown
from faceprep.report.numbers import histogram
from faceprep.spread import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from faceprep.dataset_folder import Split
    from faceprep.report.contents import Histogram, ShownExample

    Values = Mapping[str, Any]

EXAMPLES = 6
"""Records that are shown of a split at most; as many of each label, where there are labels."""

_RECORDS = 20_000
"""Records read of a data set at most. Reading them takes a second; CFP's protocol has 14,000."""

_BYTES, _BYTES_FAR = 512 << 20, 64 << 20
"""Bytes read of it at most, and of one behind a URL. CFP's protocol has 280 MB in crops of 160 px."""

_BY_YAW = Measure("|yaw|", "°", np.arange(0.0, 91.0, 15.0))
"""Its bins are those that --max-per-identity spreads pairs over."""


@dataclass
class Sample:
    """What was found in records of one split.

    Attributes:
        records: how many were read, the first of the split.
        labels: how many of them have each; empty without labels.
        yaw: degrees, by what they belong to, as `DataSetContents.yaw` is.
        examples: some of them, in their order.
    """

    records: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    yaw: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    examples: list[ShownExample] = field(default_factory=list)


def read_samples(
    folder: str, data_set: str, splits: Mapping[str, Split], compression: str
) -> dict[str, Sample]:
    """Read the first records of each split.

    Args:
        folder: of the version.
        data_set: its name.
        splits: of it.
        compression: of its shards.

    Raises:
        InputError: a shard cannot be read, is cut off, or one of these records is damaged.
    """
    found = {}
    for name, count in shares(splits, _most(splits, storage.is_url(folder))).items():
        files = (storage.join(folder, shard.name) for shard in splits[name].shards(data_set))
        records = (
            r for file in files for r in shard_file.read_examples(file, data_set, compression)
        )
        found[name] = _look(data_set, name, islice(records, count))
        if found[name].records < count:
            raise InputError(
                f"{folder}: split {name} has fewer records than {INFO} says; 'faceprep verify' tells more"
            )
    return {name: found[name] for name in splits}


def shares(splits: Mapping[str, Split], most: int) -> dict[str, int]:
    """How many records to read of each split: as many of each; what small ones leave, others get."""
    found: dict[str, int] = {}
    for split in sorted(splits.values(), key=lambda split: split.examples):
        found[split.name] = min(split.examples, most // (len(splits) - len(found)))
        most -= found[split.name]
    return found


def histograms(samples: Mapping[str, Sample]) -> dict[str, Histogram]:
    """|yaw| in the samples, for `DataSetContents.yaw`."""
    joined: defaultdict[str, list[float]] = defaultdict(list)
    for sample in samples.values():
        for name, yaw in sample.yaw.items():
            joined[name] += yaw
    return {name: histogram(_BY_YAW, np.abs(np.array(yaw))) for name, yaw in joined.items()}


def _most(splits: Mapping[str, Split], far: bool) -> int:
    """Records that may be read."""
    examples = sum(split.examples for split in splits.values())
    size = sum(split.bytes for split in splits.values())
    return min(_RECORDS, (_BYTES_FAR if far else _BYTES) * examples // max(size, 1))


def _look(data_set: str, split: str, records: Iterator[Values]) -> Sample:
    sample = Sample()
    most = EXAMPLES // 2 if data_set == "cfp" else EXAMPLES
    for values in records:
        sample.records += 1
        for name, yaw in _TURNED[data_set](split, values):
            sample.yaw[name].append(yaw)
        kind = label(data_set, values)
        sample.labels[kind] += 1
        if sample.labels[kind] <= most:
            sample.examples.append(shown(data_set, values))
    del sample.labels[""]
    sample.labels = Counter(dict(sorted(sample.labels.items())))
    return sample


def _of_pair(split: str, values: Values) -> list[tuple[str, float]]:
    return [(split, values["feature/yaw"])]


def _of_verification(_: str, values: Values) -> list[tuple[str, float]]:
    kind = values["protocol"]
    return [(f"{kind} {role}", values[f"{role}/yaw"]) for role in ("first", "second")]


def _of_triplet(split: str, values: Values) -> list[tuple[str, float]]:
    return [(split, values["anchor/yaw"])]


_TURNED: dict[str, Callable[[str, Values], list[tuple[str, float]]]] = {
    "pairs": _of_pair,
    "cfp": _of_verification,
    "triplets": _of_triplet,
}
"""Data set to a function from split and record to the yaw of the faces that are learned from, and what
each counts for."""
