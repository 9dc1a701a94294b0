"""Names of presets and lists of values → the experiments that are to be done. Light."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep.errors import UsageError
from faceprep.options import flag, nearest, spec
from faceprep.train.siamese.options import DEFAULT, NO_WEIGHTS, SiameseFit, SiameseOptions
from faceprep.train.siamese.presets import preset
from faceprep.train.words import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TRUE = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Experiment:
    """One run that is to be done.

    Attributes:
        name: of its preset; `custom` without one.
        options: of the network.
        epochs: of the preset.
    """

    name: str
    options: SiameseOptions
    epochs: int


def experiments(names: str, chosen: Mapping[str, Any], grid: Sequence[str]) -> list[Experiment]:
    """Every preset with every combination of the grids.

    Args:
        names: of presets, separated by commas; `custom` for the defaults.
        chosen: options that win over the presets.
        grid: each as `dropout=0,0.5`; these win over both.

    Raises:
        UsageError: there is no such preset or option, or a value that it cannot have.
    """
    axes = [_axis(text) for text in grid]
    found = []
    named = [name for each in names.split(",") if (name := each.strip())]
    for name in named:
        base = preset(DEFAULT if name == CUSTOM else name)
        epochs = SiameseFit().epochs if name == CUSTOM else base.epochs
        for values in itertools.product(*axes):
            changed = {**chosen, **dict(values)}
            if len(named) > 1 and base.options.pretrained == NO_WEIGHTS:
                changed.pop(
                    "pretrained", None
                )  # of several, it is for those that begin with weights
            found.append(Experiment(name, dataclasses.replace(base.options, **changed), epochs))
    if not found:
        raise UsageError(f"--preset is '{names}'; name at least one")
    return found


def _axis(text: str) -> list[tuple[str, Any]]:
    """`dropout=0,0.5` as (dropout, 0.0), (dropout, 0.5)."""
    spelling, equals, values = text.partition("=")
    name = spelling.strip().removeprefix("--").replace("-", "_")
    fields = dataclasses.fields(SiameseOptions)
    kinds = {field.name: str(field.type) for field in fields}
    name = {spec(field).alias: field.name for field in fields}.get(f"--{name}", name)
    if not equals or name not in kinds:
        hint = nearest(name, kinds)
        raise UsageError(
            f"--grid is '{text}'{hint}; write an option of the network and its values, as dropout=0,0.5"
        )
    return [(name, _value(name, kinds[name], value.strip())) for value in values.split(",")]


def _value(name: str, kind: str, text: str) -> Any:
    try:
        if kind == "bool":
            return _TRUE[text.lower()]
        return {"int": int, "float": float, "str": str}[kind](text)
    except (KeyError, ValueError):
        raise UsageError(f"--grid: {flag(name)} cannot be '{text}'") from None
