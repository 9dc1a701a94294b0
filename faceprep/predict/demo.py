"""Pairs that the network has not learnt from, with its verdicts. Light, but for what its functions load.

DIR/predict.json            written first: by what run, of which pairs
DIR/demo.png                genuine pairs, then impostor pairs; right and wrong verdicts marked
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.errors import InputError
from faceprep.log import LOG
from faceprep.predict import judging, predict_folder
from faceprep.predict.demo_pairs import choose
from faceprep.sheets import RIGHT, WRONG, Block, Cell, save_sheet
from faceprep.train import run_folder
from faceprep.train.shards import TEST, VALIDATION, TrainingShards, open_shards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.predict.demo_pairs import DemoPair
    from faceprep.predict.judging import Verdict
    from faceprep.predict.options import PredictOptions
    from faceprep.predict.trained import TrainedSiamese

PICTURE = "demo.png"
_SIDE = 112  # px of a face in it


@dataclass(frozen=True, eq=False)
class JudgedPair:
    """A pair with its verdict."""

    pair: DemoPair
    verdict: Verdict

    @property
    def right(self) -> bool:
        """Whether the verdict is the truth."""
        return self.verdict.same == self.pair.same

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "key": self.pair.key,
            "first": self.pair.first_key,
            "second": self.pair.second_key,
            "truth": self.pair.same,
            "same": self.verdict.same,
            "score": self.verdict.score,
            "right": self.right,
        }


@dataclass(frozen=True, eq=False)
class DemoSummary:
    """What was said of the pairs.

    Attributes:
        run: its name.
        picture: where it is.
        threshold: two faces with a higher score are taken for one person.
        threshold_from: where it comes from, in words.
        split: test, or validation.
        splits: of the shards, that are meant by it.
        genuine: pairs of one person; `impostor` of two.
    """

    run: str
    picture: str
    threshold: float
    threshold_from: str
    split: str
    splits: tuple[str, ...]
    genuine: tuple[JudgedPair, ...]
    impostor: tuple[JudgedPair, ...]

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "run": self.run,
            "picture": self.picture,
            "threshold": self.threshold,
            "threshold_from": self.threshold_from,
            "split": self.split,
            "splits": list(self.splits),
            "genuine": len(self.genuine),
            "genuine_right": count_right(self.genuine),
            "impostor": len(self.impostor),
            "impostor_right": count_right(self.impostor),
            "pairs": [each.as_json() for each in (*self.genuine, *self.impostor)],
        }


def count_right(pairs: Sequence[JudgedPair]) -> int:
    """How many verdicts are the truth."""
    return sum(each.right for each in pairs)


def show(
    trained: TrainedSiamese, count: int, location: str, to: str, options: PredictOptions
) -> DemoSummary:
    """Let the network of a run judge pairs of its test split, and draw them.

    Args:
        trained: from `trained.open_run`.
        count: of genuine pairs, and as many impostor pairs.
        location: of the shards; empty for those that it learnt from.
        to: a folder that is new, empty, or holds the picture of the same pairs.
        options: how many pairs the network takes at once.

    Raises:
        UsageError: `to` holds other predictions, or has no name.
        InputError: no such shards, or not with these splits or images; the model cannot be loaded.
        StorageError: `to` cannot be written, or another run is at work in it.
        SetupError: the machine lacks something.
    """
    predict_folder.check_named(to)
    shards = _shards(trained, location)
    split, splits = _splits(trained, shards)
    chosen = choose(shards, splits, count)
    pairs = (*chosen.genuine, *chosen.impostor)
    judged = _judged(trained, shards, pairs, options)
    middle = len(chosen.genuine)
    summary = DemoSummary(
        run=trained.run.name,
        picture=storage.join(to, PICTURE),
        threshold=trained.threshold,
        threshold_from=trained.run.threshold_from,
        split=split,
        splits=splits,
        genuine=judged[:middle],
        impostor=judged[middle:],
    )
    storage.make_folder(to)
    with storage.in_use(to, alone=True):
        predict_folder.begin(to, trained.run.name, [pair.key for pair in pairs], {"demo": count})
        save_sheet(summary.picture, _blocks(summary), side=_SIDE)
    return summary


def _shards(trained: TrainedSiamese, location: str) -> TrainingShards:
    """Those given, or else those that it learnt from."""
    folder = location or str(trained.run.data.get("folder") or "")
    if not location and not (folder and storage.exists(folder)):
        raise InputError(
            f"{folder or trained.folder}: the shards that {trained.run.name} learnt from are not there; "
            "name them with --shards"
        )
    data_set = trained.run.data.get("data_set") or trained.options.data
    shards = open_shards(folder, data_set, needed=())
    if shards.image != trained.image:
        theirs, ours = (f"{each.size} px {each.format}" for each in (shards.image, trained.image))
        raise InputError(f"{shards.folder}: its faces are {theirs}, the network takes {ours}")
    if shards.fingerprint != trained.run.data.get("fingerprint"):
        LOG.warning(
            f"{shards.folder}: not the shards that {trained.run.name} learnt from; it may have seen "
            "these people, and then its verdicts show nothing"
        )
    return shards


def _judged(
    trained: TrainedSiamese,
    shards: TrainingShards,
    pairs: Sequence[DemoPair],
    options: PredictOptions,
) -> tuple[JudgedPair, ...]:
    judge = judging.started(trained, options.batch)
    from faceprep.train.faults import named_faults  # tensorflow is loaded by now

    with named_faults(shards):
        verdicts = judge([pair.first for pair in pairs], [pair.second for pair in pairs])
        return tuple(map(JudgedPair, pairs, verdicts))


def _splits(trained: TrainedSiamese, shards: TrainingShards) -> tuple[str, tuple[str, ...]]:
    """Test or validation, and what it is called in the shards."""
    known = trained.run.data.get("splits") or {}
    name = TEST if known.get(TEST) else VALIDATION
    splits = tuple(known.get(name) or ())
    if not splits:
        manifest = storage.join(trained.folder, run_folder.MANIFEST)
        raise InputError(f"{manifest}: names no test split and no validation split; train again")
    if missing := [split for split in splits if not shards.examples(split)]:
        there = ", ".join(shards.splits) or "none"
        raise InputError(
            f"{shards.folder}: no pairs in split {', '.join(missing)}, which {trained.run.name} was not "
            f"trained on (there are: {there}); name the shards it learnt from with --shards"
        )
    return name, splits


def _blocks(summary: DemoSummary) -> list[Block]:
    named = (("Genuine", summary.genuine), ("Impostor", summary.impostor))
    return [
        Block(
            [_shown(each) for each in pairs],
            f"{name} pairs: {count_right(pairs)} of {len(pairs)} right",
        )
        for name, pairs in named
    ]


def _shown(judged: JudgedPair) -> Cell:
    said = "same" if judged.verdict.same else "different"
    words = f"{'right' if judged.right else 'WRONG'}: {said}, {judged.verdict.score:.3f}"
    faces = (judged.pair.first, judged.pair.second)
    return Cell(faces, [words], RIGHT if judged.right else WRONG)
