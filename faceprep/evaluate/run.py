"""The stage: a run and the shards of CFP's protocol in, a report out.

    DIR/evaluation.json         all figures, as `--json` prints them; written first
    DIR/scores.csv              a row for each pair
    DIR/roc.png, scores.png     curves and histograms
    DIR/worst.png               the pairs it was most wrong about
    DIR/README.md               the report; if it lies in the run's folder, its card shows it too

Light, but for what its functions load.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.evaluate import protocol, report
from faceprep.evaluate.leak import choose_folds, read_people
from faceprep.evaluate.trained import open_trained
from faceprep.log import LOG
from faceprep.options import flags
from faceprep.progress import Progress
from faceprep.train import machine, run_folder
from faceprep.train.card import write_card
from faceprep.train.history import read_history
from faceprep.train.shards import cut_otherwise, open_shards
from faceprep.train.siamese.folds import AUTO, fold_text, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.evaluate.leak import Choice
    from faceprep.evaluate.options import EvaluateOptions
    from faceprep.evaluate.protocol import Fold
    from faceprep.evaluate.trained import JudgedRun
    from faceprep.train.shards import TrainingShards
    from faceprep.train.siamese.judged import Judged

FOLDER = run_folder.EVALUATION
"""Below the run's folder, where nothing else was asked for."""

DATA_SET = "cfp"


def evaluate(
    run_dir: str, shards_dir: str, to: str, options: EvaluateOptions, *, bar: bool = False
) -> Evaluation:
    """Judge the pairs of CFP's protocol by the model of a run, and report on it.

    Args:
        run_dir: the run's folder.
        shards_dir: the shards, or the data set among them.
        to: folder for the report; empty for `FOLDER` in the run's.
        options: which folds.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: run or shards cannot be used, no such fold, people of the training, one class alone.
        UsageError: a run of another kind.
    """
    shards = open_shards(shards_dir, DATA_SET, needed=(), bar=bar)
    trained = open_trained(run_dir)
    to = _checked(to or storage.join(run_dir, FOLDER))
    folds = protocol.read_folds(shards, options.wanted)
    choice = _choice(run_dir, folds, options, shards.folder)
    storage.make_folder(to)  # now, not after all has been judged
    judged = judge(trained, shards, choice.folds, bar=bar)
    from faceprep.evaluate.evaluation import measured, on_other_folds

    found = measured(
        shards, folds, choice, judged, on_other_folds(trained.run.threshold),
        name=trained.run.name,
        runs=(run_dir,),
        folder=to,
        notes=_notes(trained, shards),
        command=_command(run_dir, shards, to, options),
        name_stand_ins=options.centre_crops,
    )  # fmt: skip
    report_on(found, shards)
    if to == storage.join(run_dir, FOLDER):
        _show_on_card(trained)
    return found


def judge(trained: JudgedRun, shards: TrainingShards, folds: Iterable[int], *, bar: bool) -> Judged:
    """The scores of all pairs of some folds, both protocols.

    Raises:
        InputError: the model cannot be loaded.
        SetupError: tensorflow cannot be loaded.
    """
    machine.start_tensorflow()
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.verifier import load_verifier

    verifier = load_verifier(trained.model, trained.options, shards.image)
    splits = [name for fold in folds for name in protocol.splits_of(shards, fold).values()]
    parts = []
    with Progress(sum(map(shards.examples, splits)), bar=bar, unit="pairs") as progress:
        for split in splits:
            parts.append(verifier.judge(shards, split))
            progress.advance(len(parts[-1]))
    return Judged.joined(parts)


def report_on(found: Evaluation, shards: TrainingShards) -> None:
    """Write all that belongs to a report.

    Args:
        found: what was judged, and how well.
        shards: to take the crops of the worst errors from.

    Raises:
        InputError: the folder holds something else; a damaged record.
        StorageError: it cannot be written.
    """
    from faceprep.evaluate import curves, evaluation, worst

    storage.make_folder(_checked(found.folder))
    with storage.in_use(found.folder, alone=True):
        text = json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n"
        storage.write_bytes(storage.join(found.folder, report.RESULT), text.encode())
        rows = evaluation.table(found.judged).encode()
        storage.write_bytes(storage.join(found.folder, report.SCORES), rows)
        kinds = worst.worst_errors(found.judged, found.figures)
        keys = {error.key for kind in kinds for error in kind.errors}
        crops = protocol.read_crops(shards, sorted({key.partition("/")[0] for key in keys}), keys)
        curves.save_roc(storage.join(found.folder, report.ROC), found.judged, found.figures)
        curves.save_scores(
            storage.join(found.folder, report.HISTOGRAM), found.judged, found.figures
        )
        worst.save_worst(storage.join(found.folder, report.WORST), kinds, crops)
        report.write_report(found, kinds)


def _show_on_card(trained: JudgedRun) -> None:
    try:
        write_card(trained.folder, trained.run, read_history(trained.folder))
    except InputError as error:
        LOG.warning(f"the run's card is as it was: {error}")


def _checked(to: str) -> str:
    """Refuse a folder of something else, whose page would be written over."""
    there = storage.names(to)
    if there and report.RESULT not in there:
        raise InputError(f"{to}: is not empty, and not an evaluation; choose another --out")
    return to


def _choice(
    run_dir: str, folds: Mapping[int, Fold], options: EvaluateOptions, shards: str
) -> Choice:
    """The folds to judge; what stands against any is said aloud."""
    people = {fold: found.people for fold, found in folds.items()}
    choice = choose_folds(people, read_people(run_dir), options, shards)
    if choice.left_out:
        LOG.info(
            f"left out, for the run was trained on people in them: {spoken(choice.left_out)}; "
            f"judging {spoken(choice.folds)}"
        )
    if choice.warning:
        LOG.warning(choice.warning)
    return choice


def _notes(trained: JudgedRun, shards: TrainingShards) -> tuple[str, ...]:
    """Whether the faces were cut out as those that the model learnt from."""
    was, now = trained.run.data.get("extract") or {}, shards.extract
    changed = cut_otherwise(was, now)
    if not changed:
        return ()
    return (f"These faces were not cut out as those it learnt from: {'; '.join(changed)}.",)


def _command(run_dir: str, shards: TrainingShards, to: str, options: EvaluateOptions) -> str:
    words = ["faceprep", "evaluate", run_dir, shards.location]
    if to != storage.join(run_dir, FOLDER):
        words += ["--out", to]
    if options.folds != AUTO:
        words += ["--folds", fold_text(options.wanted)]
    asked = {name: True for name in ("allow_leak", "centre_crops") if getattr(options, name)}
    return shlex.join([*words, *flags(asked)])
