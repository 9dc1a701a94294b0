"""What trained models are good for: `faceprep evaluate` and `faceprep predict`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep.errors import UsageError
from faceprep.evaluate.options import EvaluateOptions
from faceprep.evaluate.run import evaluate
from faceprep.predict import compare, compare_many, demo
from faceprep.predict.image_list import read_images
from faceprep.predict.options import PredictOptions
from faceprep.predict.pairs_file import read_pairs
from faceprep.predict.request import Request, check_autoencoder, check_siamese
from faceprep.predict.run import predict
from faceprep.predict.trained import Trained, TrainedSiamese, open_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.predict.compare import Comparison
    from faceprep.predict.compare_many import ManySummary
    from faceprep.predict.demo import DemoSummary
    from faceprep.predict.run import PredictSummary


def evaluate_run(
    run: str,
    shards: str,
    out: str = "",
    options: EvaluateOptions | None = None,
    *,
    bar: bool = False,
) -> Evaluation:
    """Judge the pairs of CFP's protocol by a Siamese run, and report on it: `faceprep evaluate`.

    Args:
        run: its folder.
        shards: the data set of CFP pairs, or the folder that it is in.
        out: folder for the report; empty for `evaluation` in the run's.
        options: which folds.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: run or shards cannot be used, no such fold, people of the training, one class alone.
        UsageError: a run of another kind. StorageError: `out` cannot be written.

    Example:
        >>> import faceprep
        >>> found = faceprep.evaluate_run("runs/siamese-custom-001", "shards")
        >>> found.folder, found.choice.folds, 0 <= found.figures["FP"].auc <= 1
        ('runs/siamese-custom-001/evaluation', (1, 2), True)
    """
    return evaluate(run, shards, out, options or EvaluateOptions(), bar=bar)


def predict_frontal(
    run: str,
    images: str | Sequence[str],
    out: str,
    options: PredictOptions | None = None,
    *,
    workers: int | None = None,
    bar: bool = False,
) -> PredictSummary:
    """Find the faces in photographs and write the frontal ones that an autoencoder makes of them.

    This is `faceprep predict` with a run of `train_autoencoder`.

    Args:
        run: its folder.
        images: a file, or a folder that is searched; or several of them.
        out: a folder that is new, empty, or holds what the same run made of the same images.
        options: which faces, and what of them.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: a run of another kind; `out` holds other predictions.
        InputError: no such run or images; the model cannot be loaded; `out` holds something else.
        StorageError: `out` cannot be written. SetupError: the machine lacks something.

    Example:
        >>> import faceprep
        >>> done = faceprep.predict_frontal(
        ...     "runs/autoencoder-custom-001", "raw/person_01", "frontal"
        ... )
        >>> done.counts.images, done.counts.faces
        (6, 6)
    """
    trained, chosen = open_run(run), options or PredictOptions()
    if not isinstance(trained, Trained):
        raise UsageError(f"{run}: a Siamese run, which compares faces; see compare_faces")
    paths = (images,) if isinstance(images, str) else tuple(images)
    check_autoencoder(Request(paths, out, None, None, None), trained.run.name)
    return predict(trained, read_images(paths), out, chosen, workers=workers, bar=bar)


def compare_faces(
    run: str,
    first: str,
    second: str,
    *,
    out: str | None = None,
    options: PredictOptions | None = None,
) -> Comparison:
    """Tell whether two photographs show the same person: `faceprep predict RUN A B`.

    Args:
        run: folder of a run of `train_siamese`.
        first: path of a photograph.
        second: likewise.
        out: folder for a picture of the verdict; None for no picture.
        options: which face is taken of several, and how long looking for it may take.

    Raises:
        UsageError: a run of another kind; a path is a folder; `out` holds another picture.
        InputError: no such run or file, or no face in it; the model cannot be loaded.
        StorageError: `out` cannot be written. SetupError: the machine lacks something.

    Example:
        >>> import faceprep
        >>> one = "raw/person_01/00.jpg"
        >>> faceprep.compare_faces("runs/siamese-custom-001", one, one).verdict.same
        True
    """
    chosen = options or PredictOptions()
    trained = _siamese(run, Request((first, second), out, None, None, None), chosen)
    return compare.compare(trained, (first, second), out, chosen)


def compare_pairs(
    run: str,
    pairs: str,
    out: str,
    options: PredictOptions | None = None,
    *,
    workers: int | None = None,
    bar: bool = False,
) -> ManySummary:
    """Do the same for a table of pairs: `faceprep predict RUN --pairs FILE`.

    Args:
        run: folder of a run of `train_siamese`.
        pairs: a CSV file with the columns first, second and, if known, label (1: one person, 0: two);
            its paths are relative to its folder.
        out: folder for `results.csv`; new, empty, or with what the same run said of the same pairs.
        options: which face is taken of several, and how long looking for it may take.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: a run of another kind; `out` holds other predictions.
        InputError: no such run or file, or not as it should be; the model cannot be loaded.
        StorageError: `out` cannot be written. SetupError: the machine lacks something.

    Example:
        >>> import faceprep
        >>> from pathlib import Path
        >>> lines = "first,second,label", "person_01/00.jpg,person_02/00.jpg,0"
        >>> _ = Path("raw/pairs.csv").write_text(chr(10).join(lines))
        >>> done = faceprep.compare_pairs("runs/siamese-custom-001", "raw/pairs.csv", "results")
        >>> done.counts.pairs, done.counts.judged
        (1, 1)
    """
    chosen = options or PredictOptions()
    trained = _siamese(run, Request((), out, pairs, None, None), chosen)
    listed = read_pairs(pairs)
    return compare_many.compare_many(trained, listed, out, chosen, workers=workers, bar=bar)


def show_test_pairs(
    run: str, out: str, count: int = 8, *, shards: str = "", options: PredictOptions | None = None
) -> DemoSummary:
    """Draw pairs of a run's test split with its verdicts: `faceprep predict RUN --demo N`.

    Args:
        run: folder of a run of `train_siamese`.
        out: folder for `demo.png`; new, empty, or with the picture of the same pairs.
        count: of genuine pairs, and as many impostor pairs.
        shards: where the pairs are; empty for where the run had them from.
        options: how many pairs the network takes at once.

    Raises:
        UsageError: a run of another kind; `out` holds other predictions.
        InputError: no such run or shards, or not with its splits; the model cannot be loaded.
        StorageError: `out` cannot be written. SetupError: the machine lacks something.

    Example:
        >>> import faceprep
        >>> shown = faceprep.show_test_pairs("runs/siamese-custom-001", "demo", 2)
        >>> shown.picture, len(shown.genuine), len(shown.impostor)
        ('demo/demo.png', 2, 2)
    """
    chosen = options or PredictOptions()
    trained = _siamese(run, Request((), out, None, count, shards or None), chosen)
    return demo.show(trained, count, shards, out, chosen)


def _siamese(run: str, request: Request, options: PredictOptions) -> TrainedSiamese:
    """The run, if it compares faces and is asked for nothing else."""
    trained = open_run(run)
    if not isinstance(trained, TrainedSiamese):
        raise UsageError(
            f"{run}: an autoencoder run, which predicts frontal faces; see predict_frontal"
        )
    check_siamese(request, options, trained.run.name)
    return trained
