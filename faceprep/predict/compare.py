"""Two photographs to a verdict: are they of one person? Light, but for what its functions load.

DIR/predict.json            if a folder is wanted: by what run, of what photographs
DIR/verdict.png             the two faces, and the verdict
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep import face_worker, storage
from faceprep.engine import WorkerPool
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.plotting import BLUE, VERMILION
from faceprep.predict import judging, predict_folder
from faceprep.predict.face_finder import FinderTask, one_round
from faceprep.predict.image_list import check_there
from faceprep.predict.taken import Taken, taken
from faceprep.sheets import Block, Cell, save_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.predict.judging import Verdict
    from faceprep.predict.options import PredictOptions
    from faceprep.predict.trained import TrainedSiamese

PICTURE = "verdict.png"
_SIDE = 256  # px of a face in it


@dataclass(frozen=True)
class Comparison:
    """What was said of two photographs.

    Attributes:
        run: its name.
        verdict: of the network.
        threshold: two faces with a higher score are taken for one person.
        threshold_from: where it comes from, in words.
        first: the face that was compared; `second` likewise.
        picture: where it is; None where none was wanted.
    """

    run: str
    verdict: Verdict
    threshold: float
    threshold_from: str
    first: Taken
    second: Taken
    picture: str | None

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "run": self.run,
            "same": self.verdict.same,
            "score": self.verdict.score,
            "threshold": self.threshold,
            "threshold_from": self.threshold_from,
            "first": _face_json(self.first),
            "second": _face_json(self.second),
            "picture": self.picture,
        }


def compare(
    trained: TrainedSiamese, paths: Sequence[str], to: str | None, options: PredictOptions
) -> Comparison:
    """Find a face in each of two photographs and let the network of a run compare them.

    Args:
        trained: from `trained.open_run`.
        paths: of two photographs.
        to: folder for the picture, that is new, empty, or holds one of the same photographs; None
            for no picture.
        options: which face is taken of several, and how long looking for it may take.

    Raises:
        UsageError: a path is a folder; `to` holds another picture, or has no name.
        InputError: no such file, or no face in it; the model cannot be loaded.
        StorageError: `to` cannot be written, or another run is at work in it.
        SetupError: the machine lacks something.
    """
    if to is not None:
        predict_folder.check_named(to)
    for path in paths:
        _check_photograph(path)
    judging.check_finder()
    first, second = _faces(trained, paths, options)
    judge = judging.started(trained, options.batch)
    (verdict,) = judge([first.crop], [second.crop])
    picture = None if to is None else _drawn(to, trained, (first, second), verdict, options)
    source = trained.run.threshold_from
    return Comparison(trained.run.name, verdict, trained.threshold, source, first, second, picture)


def _check_photograph(path: str) -> None:
    check_there(path)
    if Path(path).is_dir():
        raise UsageError(
            f"{path}: a folder; a Siamese run compares two photographs: name two files, or many "
            "pairs with --pairs"
        )


def _faces(trained: TrainedSiamese, paths: Sequence[str], options: PredictOptions) -> list[Taken]:
    """One for each path."""
    finding = trained.finding(options.face)
    task = FinderTask(tuple(dict.fromkeys(paths)), finding, options.timeout)
    with WorkerPool(1) as pool:
        face_worker.check_machine(pool, finding)
        photographs = {each.path: each for each in one_round(pool, task)}
    faces = {path: taken(each, finding.face) for path, each in photographs.items()}
    if missing := [each for path, each in photographs.items() if not faces[path]]:
        told = "; ".join(f"{each.path}: {each.status}: {each.reason}" for each in missing)
        raise InputError(f"{told}; give a photograph that shows a face")
    found = [face for path in paths if (face := faces[path])]
    for face in dict.fromkeys(found):
        if face.note:
            LOG.warning(f"{face.path}: {face.note}")
    return found


def _drawn(
    to: str,
    trained: TrainedSiamese,
    faces: tuple[Taken, Taken],
    verdict: Verdict,
    options: PredictOptions,
) -> str:
    """Where the picture is."""
    location, (first, second) = storage.join(to, PICTURE), faces
    colour, title = (BLUE, "same person") if verdict.same else (VERMILION, "different people")
    words = f"score {verdict.score:.3f}, threshold {trained.threshold:.3f}"
    storage.make_folder(to)
    with storage.in_use(to, alone=True):
        made = {"face": options.face}
        predict_folder.begin(to, trained.run.name, [first.path, second.path], made)
        pair = Cell((first.crop, second.crop), [words], colour)
        save_sheet(location, [Block([pair], title, colour=colour)], side=_SIDE)
    return location


def _face_json(face: Taken) -> dict[str, Any]:
    return {
        "path": face.path,
        "faces": face.faces,
        "taken": face.rule,
        "box": {name: round(value, 1) for name, value in asdict(face.box).items()},
        "note": face.note,
    }
