"""Many pairs of photographs to verdicts. Light, but for what its functions load.

    DIR/predict.json            written first: by what run, of what pairs
    DIR/results.csv             a row for each pair, in order; whole or not there

Workers find the faces of some hundred pairs, then the network compares them here; and so on. Memory
does not grow with the number of pairs.
"""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import face_worker, storage
from faceprep.engine import WorkerPool, usable_cores
from faceprep.log import LOG
from faceprep.predict import judging, predict_folder
from faceprep.predict.album import Album
from faceprep.predict.face_finder import IMAGES_OF_A_TASK, FinderTask
from faceprep.predict.pair_table import TABLE, PairCounts, PairRow, pair_row
from faceprep.predict.table import rows_to
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from faceprep.predict.judging import PairJudge
    from faceprep.predict.options import PredictOptions
    from faceprep.predict.pairs_file import PairsFile, PhotoPair
    from faceprep.predict.trained import TrainedSiamese

_PAIRS_OF_A_ROUND = 4 * IMAGES_OF_A_TASK
"""For each worker: 64 photographs, if no two of them are the same."""

_EXAMPLES = 10


@dataclass(frozen=True)
class ManySummary:
    """What was said of many pairs.

    Attributes:
        run: its name.
        folder: with the results.
        threshold: two faces with a higher score are taken for one person.
        threshold_from: where it comes from, in words.
        counts: pairs, verdicts, and how many are right.
        photographs: how often a face was looked for.
        seconds: what it took, start of the workers included, that of tensorflow left out.
        workers: processes at work.
    """

    run: str
    folder: str
    threshold: float
    threshold_from: str
    counts: PairCounts
    photographs: int
    seconds: float
    workers: int

    @property
    def rate(self) -> float:
        """Pairs per second."""
        return self.counts.pairs / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "run": self.run,
            "folder": self.folder,
            "threshold": self.threshold,
            "threshold_from": self.threshold_from,
            **self.counts.as_json(),
            "photographs": self.photographs,
            "seconds": round(self.seconds, 3),
            "workers": self.workers,
            "pairs_per_second": round(self.rate, 2),
        }


def compare_many(
    trained: TrainedSiamese,
    pairs: PairsFile,
    to: str,
    options: PredictOptions,
    *,
    workers: int | None = None,
    bar: bool = False,
) -> ManySummary:
    """Compare the two photographs of each pair, and write what the network says of them.

    Args:
        trained: from `trained.open_run`.
        pairs: from `pairs_file.read_pairs`.
        to: a folder that is new, empty, or holds what the same run said of the same pairs.
        options: which face is taken of several, and how long looking for it may take.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: `to` holds other predictions, or has no name.
        InputError: `to` holds something else; the model cannot be loaded.
        StorageError: `to` cannot be written, or is in use. SetupError: the machine lacks something.
    """
    predict_folder.check_named(to)
    judging.check_finder()
    judge, start = judging.started(trained, options.batch), time.monotonic()
    workers = min(workers or usable_cores(), -(-2 * pairs.count // IMAGES_OF_A_TASK))
    with _begun(to, trained, pairs, options, workers) as album:
        counts = _compare(pairs, to, album, judge, workers, bar)
    return ManySummary(
        run=trained.run.name,
        folder=to,
        threshold=trained.threshold,
        threshold_from=trained.run.threshold_from,
        counts=counts,
        photographs=album.looked_at,
        seconds=time.monotonic() - start,
        workers=workers,
    )


@contextmanager
def _begun(
    to: str, trained: TrainedSiamese, pairs: PairsFile, options: PredictOptions, workers: int
) -> Iterator[Album]:
    """For the block, workers look for faces, and the folder is for this alone, and says of what it is."""
    finding = FinderTask((), trained.finding(options.face), options.timeout)
    storage.make_folder(to)
    with storage.in_use(to, alone=True), WorkerPool(workers) as pool:
        made = {"face": options.face}
        predict_folder.begin(to, trained.run.name, [pairs.location, pairs.sha256], made)
        face_worker.check_machine(pool, finding.options)
        yield Album(pool, finding)


def _compare(
    pairs: PairsFile, to: str, album: Album, judge: PairJudge, workers: int, bar: bool
) -> PairCounts:
    """All pairs, some hundred after the other."""
    counts = PairCounts()
    with (
        rows_to(storage.join(to, TABLE), PairRow) as write,
        Progress(pairs.count, bar=bar, unit="pairs") as progress,
    ):
        for some in _batched(pairs.pairs(), workers * _PAIRS_OF_A_ROUND):
            write(_rows(some, pairs.path, album, judge, counts))
            progress.advance(len(some), judged=counts.judged)
    return counts


def _rows(
    pairs: Sequence[PhotoPair],
    path: Callable[[str], str],
    album: Album,
    judge: PairJudge,
    counts: PairCounts,
) -> list[PairRow]:
    """The lines of some pairs, which are added to the counts."""
    found = album.photographs([path(name) for pair in pairs for name in (pair.first, pair.second)])
    faces = [(found[path(pair.first)], found[path(pair.second)]) for pair in pairs]
    whole = [(first, second) for first, second in faces if first.faces and second.faces]
    verdicts = judge(
        [first.faces[0].encoded for first, _ in whole],
        [second.faces[0].encoded for _, second in whole],
    )
    rows = []
    for pair, (first, second) in zip(pairs, faces, strict=True):
        verdict = next(verdicts) if first.faces and second.faces else None
        row = pair_row(pair, first, second, verdict)
        if verdict is None:
            _say_what_is_without(row, counts.pairs - counts.judged)
        counts.add(pair, verdict, row.status)
        rows.append(row)
    return rows


def _batched(pairs: Iterable[PhotoPair], size: int) -> Iterator[list[PhotoPair]]:
    waiting = iter(pairs)
    while some := list(itertools.islice(waiting, size)):
        yield some


def _say_what_is_without(row: PairRow, before: int) -> None:
    """A line for the first pairs that cannot be judged; `before` is how many there were."""
    if before < _EXAMPLES:
        LOG.warning(f"{row.first}, {row.second}: {row.status}: {row.reason}")
    elif before == _EXAMPLES:
        LOG.warning(f"and other pairs without two faces; {TABLE} names them all")
