"""What was judged, and how well: one object that the report, the files and `--json` are made from."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep.errors import InputError
from faceprep.evaluate.protocol import PROTOCOLS, stand_ins_of
from faceprep.train.siamese import measures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faceprep.evaluate.leak import Choice
    from faceprep.evaluate.protocol import Fold
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

COLUMNS = ("key", "protocol", "fold", "same", "score", "stand_ins")
"""Of `scores.csv`."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was judged, and how well.

    Attributes:
        name: of what was judged: a run, or a cross-validation.
        runs: folders of the models that judged; one but for a cross-validation.
        folder: with the report.
        shards: their version folder.
        fingerprint: of the shards.
        judged: all pairs with their scores.
        figures: protocol (FF, FP) to how well; those of which there are pairs.
        stand_ins: protocol to the keys of images whose centre stood in for a face, in order.
        choice: which folds, and why not others.
        notes: what else a reader should know, in sentences.
        command: that makes this report again.
        name_stand_ins: whether the images with stand-ins are to be named.
    """

    name: str
    runs: tuple[str, ...]
    folder: str
    shards: str
    fingerprint: str
    judged: Judged
    figures: Mapping[str, Figures]
    stand_ins: Mapping[str, tuple[str, ...]]
    choice: Choice
    notes: tuple[str, ...]
    command: str
    name_stand_ins: bool = False

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it and `evaluation.json` keeps it."""
        found: dict[str, Any] = {
            "run": self.name,
            "runs": list(self.runs),
            "out": self.folder,
            "shards": self.shards,
            "fingerprint": self.fingerprint,
            "pairs": len(self.judged),
            "folds": list(self.choice.folds),
            "folds_left_out": [
                {"fold": fold, "people_trained_on": count}
                for fold, count in sorted(self.choice.left_out.items())
            ],
            "folds_of_validation": list(self.choice.validated),
            "leak": self.choice.leak_json(),
            "notes": list(self.notes),
        }
        for protocol in PROTOCOLS:
            found[protocol.lower()] = self._protocol(protocol)
        return found

    def _protocol(self, protocol: str) -> dict[str, Any] | None:
        if protocol not in self.figures:
            return None
        keys = self.stand_ins.get(protocol, ())
        found = {**self.figures[protocol].as_json(), "stand_in_crops": len(keys)}
        return {**found, "stand_in_keys": list(keys)} if self.name_stand_ins else found


def measured(
    shards: TrainingShards,
    folds: Mapping[int, Fold],
    choice: Choice,
    judged: Judged,
    measure: Callable[[Judged], Figures],
    **about: Any,
) -> Evaluation:
    """Measure what was judged.

    Args:
        shards: that hold the pairs.
        folds: who and what is in them.
        choice: those that were judged.
        judged: their pairs.
        measure: the pairs of one protocol to its figures.
        about: what else `Evaluation` tells.

    Raises:
        InputError: it cannot be measured.
    """
    return Evaluation(
        shards=shards.location,
        fingerprint=shards.fingerprint,
        judged=judged,
        figures=by_protocol(judged, measure, shards.folder),
        stand_ins=stand_ins_of(folds, choice.folds),
        choice=choice,
        **about,
    )


def by_protocol(
    judged: Judged, measure: Callable[[Judged], Figures], where: str
) -> dict[str, Figures]:
    """The figures of each protocol of which there are pairs.

    Args:
        judged: all pairs.
        measure: the pairs of one protocol to its figures.
        where: the pairs are from, for errors.

    Raises:
        InputError: they cannot be measured: one class alone, scores that are no numbers.
    """
    found = {}
    for protocol in PROTOCOLS:
        if len(pairs := judged.only(protocol)):
            try:
                found[protocol] = measure(pairs)
            except ValueError as error:
                raise InputError(f"{where}: {protocol}: {error}") from None
    return found


def on_other_folds(threshold: float | None) -> Callable[[Judged], Figures]:
    """Measure by thresholds chosen on the other folds; the run's own where there is one fold alone."""

    def measure(pairs: Judged) -> Figures:
        return measures.evaluate(pairs, threshold)

    return measure


def thresholds(figures: Figures) -> dict[int, float]:
    """Fold to the threshold that it was judged at."""
    return {fold.fold: fold.threshold for fold in figures.folds}


def table(judged: Judged) -> str:
    """`scores.csv`: a row for each pair, from which others can compute all figures again."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    columns = (judged.folds, judged.same.astype(int), judged.scores, judged.stand_ins)
    numbers = (column.tolist() for column in columns)
    writer.writerows(zip(judged.keys, judged.protocols, *numbers, strict=True))
    return text.getvalue()
