"""What the card and the table of runs say of a Siamese run alone. Light."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from faceprep.train.markdown import code, plain
from faceprep.train.siamese.options import DATA_SETS
from faceprep.train.siamese.presets import SIAMESE_PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faceprep.train.run_folder import Run
    from faceprep.train.siamese.presets import Recorded

CFP, TRIPLETS = DATA_SETS

_RECORDED_ON = {
    CFP: (("1–6", "7–8", "9–10"), "folds {}"),
    TRIPLETS: (("300", "100", "100"), "{} people"),
}
"""Data set to what the recorded experiments took of it to train, validate and test on; and in words."""

_SPLITS = ("train", "validation", "test")
_FOLD = re.compile(r"(?P<protocol>ff|fp)(?P<number>\d+)")


def recorded(run: Run) -> Recorded | None:
    """What the experiment reached that the run's preset is; None of our own presets, and without one."""
    known = SIAMESE_PRESETS.get(run.preset)
    return known.recorded if known else None


def facts(run: Run) -> dict[str, str]:
    """Lines of the card's first table, as Markdown: the threshold, and what is on record of the preset."""
    found = {}
    if run.threshold is not None:
        whence = f": {plain(run.threshold_from)}" if run.threshold_from else ""
        found["threshold"] = f"{run.threshold:.4g}{whence}; a higher score means the same person"
    if record := recorded(run):
        best = f"best epoch {record.best_epoch}" if record.best_epoch else "nothing was learnt"
        found["recorded"] = (
            f"validation {record.validation} %, test {record.test} %, {best}; {_compared(run)}"
        )
    return found


def data(run: Run) -> dict[str, str]:
    """Lines of the card's table of data, as Markdown: further shards, and who is in which split."""
    others = run.data.get("others", [])
    found = {"further shards to train on": ", ".join(map(code, others))} if others else {}
    people = run.data.get("people", {})
    for split, names in run.data.get("splits", {}).items():
        of = f"; {people[split]:,} people" if split in people else ""
        found[plain(split)] = f"{plain(_listed(names))}{of}"
    return found


def uses(run: Run, folder: str) -> list[str]:
    """Lines of commands that use the model."""
    shards = str(run.data.get("folder"))
    return [
        "",
        "# on pairs of people that it has not seen",
        shlex.join(["faceprep", "evaluate", folder, shards]),
        "",
        "# two photographs: the same person?",
        shlex.join(["faceprep", "predict", folder, "A.jpg", "B.jpg"]),
    ]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as people write them: `1–6`, `1–3, 5`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _listed(names: Sequence[str]) -> str:
    """Folds by their protocols and numbers; other splits by their names."""
    found = [_FOLD.fullmatch(name) for name in names]
    folds = [match for match in found if match]
    if not folds or len(folds) < len(found):
        return ", ".join(names)
    numbers: dict[str, list[int]] = {}
    for match in folds:
        numbers.setdefault(match["protocol"].upper(), []).append(int(match["number"]))
    by_range: dict[str, list[str]] = {}
    for protocol, each in numbers.items():
        by_range.setdefault(ranges(each), []).append(protocol)
    return "; ".join(
        f"{' and '.join(sides)} of fold{'' if shown.isdigit() else 's'} {shown}"
        for shown, sides in by_range.items()
    )


def _compared(run: Run) -> str:
    """Whether the record is of the same people, in words."""
    of = SIAMESE_PRESETS[run.preset].options.data
    theirs, form = _RECORDED_ON[of]
    ours = tuple(_share(run.data, split, of) for split in _SPLITS)
    words = f"{form.format(_and(theirs))} to train, validate and test on"
    if of == run.data.get("data_set", of) and ours == theirs:
        return f"of {words}, as here"
    here = _and([each or "none" for each in ours])
    return f"of {words}, here {here}: other people, so compare with care"


def _share(data: dict[str, Any], split: str, data_set: str) -> str:
    """What a run took for a split, as `_RECORDED_ON` has it; empty where it is not known."""
    if data_set == TRIPLETS:
        return str(data.get("people", {}).get(split, ""))
    folds = [_FOLD.fullmatch(name) for name in data.get("splits", {}).get(split, ())]
    return ranges(int(match["number"]) for match in folds if match)


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
