"""`README.md` of an evaluation: the figures, how they were come by, and what stands against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.train import run_folder
from faceprep.train.markdown import code, fenced, folded, picture, plain, table, write_page
from faceprep.train.siamese.folds import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.evaluate.worst import Kind
    from faceprep.train.siamese.measures import Figures, FoldFigures

PAGE, RESULT, SCORES = "README.md", "evaluation.json", "scores.csv"
ROC, HISTOGRAM, WORST = run_folder.ROC, "scores.png", "worst.png"

_DEFINITIONS = (
    "A pair is judged to be of one person if its score lies above the threshold.",
    "",
    "- Accuracy: share of pairs judged rightly, of each fold, at a threshold that was chosen without it; "
    "then mean and standard deviation over the folds (that of these folds: divided by their number).",
    "- AUC: area under the ROC curve of all pairs together: the chance that a genuine pair scores "
    "above an impostor pair, ties counted half.",
    "- EER: the error where FAR (impostor pairs taken for one person) equals 1 − TAR (genuine pairs "
    "not recognised), on straight lines between the points of the ROC curve.",
    "- TAR at FAR: the largest TAR of any threshold whose FAR is not above the value; nothing is "
    "interpolated. With few impostor pairs, FAR 0.1 % is a handful of them, or none.",
    "- AUC and EER by fold: mean and standard deviation over the folds, as the authors of CFP give "
    "them (Sengupta et al., WACV 2016).",
    "- At the best threshold of the test: the threshold is chosen on the very pairs that are judged, as "
    "other tools report it. That is optimistic, and not to be compared with the accuracy above.",
    "- Stand-ins: images without a found face, of which the centre was judged. No pair was dropped.",
)


def write_report(found: Evaluation, kinds: Sequence[Kind]) -> None:
    """Write the page into the folder of an evaluation; a person's notes on it stay.

    Args:
        found: what was judged, and how well.
        kinds: the worst errors.

    Raises:
        StorageError: it cannot be written.
    """
    write_page(storage.join(found.folder, PAGE), _lines(found, kinds))


def percent(value: float) -> str:
    """Of a share of 1: `84.0`."""
    return f"{100 * value:.1f}"


def spread(mean: float, deviation: float) -> str:
    """Mean ± standard deviation, in per cent."""
    return f"{percent(mean)} ± {percent(deviation)}"


def _lines(found: Evaluation, kinds: Sequence[Kind]) -> Iterator[str]:
    yield from (f"# How well {code(found.name)} tells people apart", "")
    yield from _warning(found)
    yield from _table(found)
    yield from _remarks(found)
    yield from picture(ROC, "ROC curves: on the right the same with a logarithmic FAR.")
    yield from picture(HISTOGRAM, "Scores of genuine and impostor pairs.")
    yield from ("## The worst errors", "")
    yield from picture(WORST, "Under each pair: its score, and the threshold it was judged at.")
    yield from _errors(kinds)
    yield from ("## Fold by fold", "")
    for protocol, figures in found.figures.items():
        yield from _folds(protocol, figures)
    yield from ("## What the figures mean", "", *_DEFINITIONS, "")
    yield from _stand_ins(found)
    yield from ("## Where it comes from", "")
    yield from _origin(found)


def _warning(found: Evaluation) -> Iterator[str]:
    if warning := found.choice.warning:
        yield from (f"> **Warning: a leak.** {plain(warning[:1].upper() + warning[1:])}.", "")


def _table(found: Evaluation) -> Iterator[str]:
    names = list(found.figures)
    figures = list(found.figures.values())
    rows = [
        ("pairs", *(f"{each.pairs:,}" for each in figures)),
        (
            "**accuracy**, %",
            *(f"**{spread(each.accuracy_mean, each.accuracy_std)}**" for each in figures),
        ),
        ("AUC", *(f"{each.auc:.4f}" for each in figures)),
        ("EER, %", *(percent(each.eer) for each in figures)),
        ("TAR at FAR 1 %, %", *(percent(each.tar_at_far_1e_2) for each in figures)),
        ("TAR at FAR 0.1 %, %", *(percent(each.tar_at_far_1e_3) for each in figures)),
        ("AUC by fold, %", *(spread(each.auc_mean, each.auc_std) for each in figures)),
        ("EER by fold, %", *(spread(each.eer_mean, each.eer_std) for each in figures)),
        (
            "optimistic: accuracy at the best threshold of the test, %",
            *(spread(each.best_on_test_mean, each.best_on_test_std) for each in figures),
        ),
        ("stand-ins: images", *(f"{len(found.stand_ins.get(name, ())):,}" for name in names)),
        ("stand-ins: pairs with them", *(f"{each.stand_in_pairs:,}" for each in figures)),
    ]
    yield from table(("", *names), rows, "l" + "r" * len(names))


def _remarks(found: Evaluation) -> Iterator[str]:
    """How thresholds were chosen, which folds were judged, and what else is to be known."""
    rules = dict.fromkeys(each.threshold_rule for each in found.figures.values())
    yield from (f"Thresholds: {plain('; '.join(rules))}.", "")
    yield from (f"Judged: {spoken(found.choice.folds)}.", "")
    for note in remarks(found):
        yield from (plain(note), "")


def remarks(found: Evaluation) -> list[str]:
    """What is to be known besides the figures, in sentences."""
    choice = found.choice
    notes = []
    if choice.left_out:
        people = ", ".join(
            f"{fold:02d} ({count})" for fold, count in sorted(choice.left_out.items())
        )
        notes.append(
            f"Left out, for the run was trained on people in them: folds (people): {people}."
        )
    if choice.validated:
        notes.append(
            f"The people of {spoken(choice.validated)} decided on the best epoch and on the run's own "
            "threshold, so figures there are slightly too good."
        )
    return [*notes, *found.notes]


def _errors(kinds: Sequence[Kind]) -> Iterator[str]:
    rows = [
        (plain(kind.title), code(error.key), f"{error.score:.4f}", f"{error.threshold:.4f}")
        for kind in kinds
        for error in kind.errors
    ]
    if not rows:
        yield from ("None: every pair was judged rightly.", "")
        return
    lines = table(("error", "pair", "score", "threshold"), rows, "llrr")
    yield from folded("The same as a list, the farthest from its threshold first", lines)


def _folds(protocol: str, figures: Figures) -> Iterator[str]:
    head = ("fold", "pairs", "accuracy, %", "threshold", "AUC", "EER, %", "best threshold, %")
    yield from (f"{protocol}:", "")
    yield from table(head, map(_fold, figures.folds), "r" * len(head))


def _fold(each: FoldFigures) -> tuple[str, ...]:
    return (
        f"{each.fold:02d}",
        f"{each.pairs:,}",
        percent(each.accuracy),
        f"{each.threshold:.4f}",
        f"{each.auc:.4f}",
        percent(each.eer),
        percent(each.best_threshold_accuracy),
    )


def _stand_ins(found: Evaluation) -> Iterator[str]:
    if not found.name_stand_ins:
        return
    for protocol, keys in found.stand_ins.items():
        if keys:
            title = f"{protocol}: {len(keys):,} images whose centre stood in for a face"
            yield from folded(title, [f"- {code(key)}" for key in keys])


def _origin(found: Evaluation) -> Iterator[str]:
    facts = [
        ("run" if len(found.runs) == 1 else "runs", ", ".join(map(code, found.runs))),
        ("shards", code(found.shards)),
        ("their fingerprint", code(found.fingerprint)),
        ("all figures", f"[{RESULT}]({RESULT})"),
        ("all scores, to compute them again", f"[{SCORES}]({SCORES})"),
    ]
    yield from table(("what", "where"), facts)
    yield from fenced(found.command, "sh")
