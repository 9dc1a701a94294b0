"""`faceprep predict`: photographs and a run to what its model makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faceprep.commands.common import Output, count_line, output_options, workers_option
from faceprep.errors import FaceprepError
from faceprep.parameters import File, Folder, RunFolder, options_of
from faceprep.predict.options import MOST_SHOWN, PredictOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.predict.compare import Comparison
    from faceprep.predict.compare_many import ManySummary
    from faceprep.predict.demo import DemoSummary
    from faceprep.predict.request import Request
    from faceprep.predict.run import PredictSummary
    from faceprep.predict.trained import Trained, TrainedSiamese


@click.command(
    short_help="Photographs and a run: frontal faces, or one person or not.",
    epilog="""\b
Examples:
  faceprep predict runs/autoencoder-frontal-001 photos --out frontal
  faceprep predict runs/autoencoder-frontal-001 a.jpg --out f --face all
  faceprep predict runs/autoencoder-v12-001 photos --out codes --latent
  faceprep predict runs/siamese-embed-001 a.jpg b.jpg
  faceprep predict runs/siamese-embed-001 a.jpg b.jpg --out ab
  faceprep predict runs/siamese-embed-001 --pairs pairs.csv --out results
  faceprep predict runs/siamese-embed-001 --demo 8 --out demo""",
)
@click.argument("run_dir", type=RunFolder(), metavar="RUN")
@click.argument("images", type=File(), metavar="[IMAGES]…", nargs=-1)
@click.option(
    "--out",
    "to",
    type=Folder(),
    metavar="DIR",
    help="Folder for pictures and tables; new or empty. Needed but to compare two photographs.",
    show_default="none",
)
@click.option(
    "--pairs",
    type=File(),
    metavar="FILE",
    show_default="none",
    help="Siamese runs: a CSV file with the columns first,second and, if known, label "
    "(1: one person, 0: two); its paths are relative to its folder.",
)
@click.option(
    "--demo",
    metavar="N",
    type=click.IntRange(1, MOST_SHOWN),
    help="Siamese runs: judge N genuine and N impostor pairs of the run's test split.",
    show_default="none",
)
@click.option(
    "--shards",
    type=Folder(),
    metavar="DIR",
    help="For --demo: folder or URL of the shards with the pairs.",
    show_default="where the run had them from",
)
@options_of(PredictOptions)
@workers_option
@output_options
def predict(
    run_dir: str,
    images: tuple[str, ...],
    to: str | None,
    pairs: str | None,
    demo: int | None,
    shards: str | None,
    workers: int | None,
    output: Output,
    **options: Any,
) -> None:
    """What the model of RUN, a folder or URL that train has made, makes of the faces in IMAGES.

    Faces are found and cut out of photographs as they were for the model to learn from.

    \b
    Autoencoder runs: frontal faces. IMAGES are files, or folders that are
    searched. DIR gets a picture for each face (as cut out, as the model sees
    it, what it predicts) and predictions.csv with a row for every image, also
    for those without a face.

    \b
    Siamese runs: are they of one person? IMAGES are two photographs. The
    answer is on stdout (with --json as `same`), and the exit code is 0
    whichever it is. With --pairs, DIR gets results.csv with a row for every
    pair; with --demo, demo.png with right and wrong verdicts marked.
    """  # noqa: D301 - click's own mark for text that is not to be wrapped
    from faceprep.predict.request import Request
    from faceprep.predict.trained import TrainedSiamese, open_run

    trained, chosen = open_run(run_dir), PredictOptions(**options)
    request = Request(images, to, pairs, demo, shards)
    if isinstance(trained, TrainedSiamese):
        _judge(trained, request, chosen, workers, output)
    else:
        _predict(trained, request, chosen, workers, output)


def _predict(
    trained: Trained,
    request: Request,
    options: PredictOptions,
    workers: int | None,
    output: Output,
) -> None:
    """Frontal faces."""
    from faceprep.predict.image_list import read_images
    from faceprep.predict.request import check_autoencoder
    from faceprep.predict.run import predict as run

    to = check_autoencoder(request, trained.run.name)
    images = read_images(request.images)
    summary = run(trained, images, to, options, workers=workers, bar=output.bar)
    output.summary(summary.as_json(), _lines(summary))
    if not summary.counts.faces:
        raise FaceprepError(f"none of the {summary.counts.images:,} images gave a face")


def _judge(
    trained: TrainedSiamese,
    request: Request,
    options: PredictOptions,
    workers: int | None,
    output: Output,
) -> None:
    """Are they of one person?"""
    from faceprep.predict import compare, compare_many, demo
    from faceprep.predict.pairs_file import read_pairs
    from faceprep.predict.request import check_siamese

    check_siamese(request, options, trained.run.name)
    to = request.to or ""
    if request.demo is not None:
        shown = demo.show(trained, request.demo, request.shards or "", to, options)
        output.summary(shown.as_json(), _demo_lines(shown))
    elif request.pairs is not None:
        pairs = read_pairs(request.pairs)
        many = compare_many.compare_many(
            trained, pairs, to, options, workers=workers, bar=output.bar
        )
        output.summary(many.as_json(), _many_lines(many))
        if not many.counts.judged:
            raise FaceprepError(f"none of the {many.counts.pairs:,} pairs could be judged")
    else:
        compared = compare.compare(trained, request.images, request.to, options)
        output.summary(compared.as_json(), _comparison_lines(compared))


def _lines(summary: PredictSummary) -> Iterator[str]:
    yield count_line("images", summary.counts.images)
    yield count_line("faces", summary.counts.faces)
    for status, count in sorted(summary.counts.rejects.items()):
        yield count_line(f"  {status}", count)
    for reason, count in sorted(summary.skipped.items()):
        yield count_line(f"skipped: {reason}", count)
    yield count_line("images/s", summary.as_json()["images_per_second"])
    yield f"pictures and predictions.csv in {summary.folder}"


def _comparison_lines(compared: Comparison) -> Iterator[str]:
    verdict = compared.verdict
    what, where = ("same person", "above") if verdict.same else ("different people", "not above")
    yield f"{what}: score {verdict.score:.4f}, {where} the threshold {compared.threshold:.4f}"
    yield _threshold_line(compared)
    yield f"A: {compared.first.words}: {compared.first.path}"
    yield f"B: {compared.second.words}: {compared.second.path}"
    if compared.picture:
        yield f"picture: {compared.picture}"


def _many_lines(summary: ManySummary) -> Iterator[str]:
    counts = summary.counts
    yield count_line("pairs", counts.pairs)
    yield count_line("same person", counts.same)
    yield count_line("different people", counts.different)
    for status, count in sorted(counts.not_judged.items()):
        yield count_line(f"not judged: {status}", count)
    if counts.accuracy is not None:
        known, right = (
            counts.genuine + counts.impostor,
            counts.genuine_right + counts.impostor_right,
        )
        yield f"{right:,} of {known:,} with a label right, {counts.accuracy:.1%}: " + _right(
            counts.genuine_right, counts.genuine, counts.impostor_right, counts.impostor
        )
    yield count_line("pairs/s", summary.as_json()["pairs_per_second"])
    yield _threshold_line(summary)
    yield f"results.csv in {summary.folder}"


def _demo_lines(summary: DemoSummary) -> Iterator[str]:
    found = summary.as_json()
    right = (found[name] for name in ("genuine_right", "genuine", "impostor_right", "impostor"))
    yield f"of the {summary.split} split ({', '.join(summary.splits)}): {_right(*right)}"
    for each in (*summary.genuine, *summary.impostor):
        if not each.right:
            said = "same" if each.verdict.same else "different"
            yield f"  wrong: {said}, score {each.verdict.score:.4f}: {each.pair.key}"
    yield _threshold_line(summary)
    yield f"picture: {summary.picture}"


def _right(genuine: int, of_genuine: int, impostor: int, of_impostor: int) -> str:
    return (
        f"{genuine:,} of {of_genuine:,} genuine pairs right, "
        f"{impostor:,} of {of_impostor:,} impostor pairs"
    )


def _threshold_line(summary: Comparison | ManySummary | DemoSummary) -> str:
    return f"threshold {summary.threshold:.4f}: {summary.threshold_from or 'of unknown origin'}"
