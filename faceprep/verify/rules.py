"""What must hold within one record, beyond that it can be read: a function for each data set."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faceprep import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from faceprep.verify.target_file import Owner

    Values = Mapping[str, Any]
    Rule = Callable[[Values, "Setting"], Iterator[str]]

_ANGLES = ("yaw", "pitch", "roll", "frontality")
_CFP_SPLIT = re.compile(r"(?P<protocol>ff|fp)(?P<fold>0[1-9]|10)")
_CFP_VIEWS = {"FF": ("frontal", "frontal"), "FP": ("frontal", "profile")}


@dataclass(frozen=True)
class Setting:
    """What a record stands in.

    Attributes:
        split: its split.
        per: with pairs: whether each `identity` has a target or each `clip`; None when not known.
        targets: with pairs: each owner to the key of their target; None when not known.
    """

    split: str
    per: str | None = None
    targets: Mapping[Owner, str] | None = None

    def owner(self, identity: str, clip: str) -> Owner:
        """Whose target a face of this identity and clip goes with, as far as that is known."""
        return identity, "" if self.per == "identity" else clip


def broken(data_set: str, values: Values, setting: Setting) -> Iterator[str]:
    """What is wrong with one record, in words.

    Args:
        data_set: one of `records.EXAMPLES`.
        values: the record, as `example.decode` returns it.
        setting: what it stands in.
    """
    for face in records.faces_of(records.EXAMPLES[data_set]):
        yield from _angles(face, values)
    yield from RULES[data_set](values, setting)


def group(data_set: str, split: str) -> str:
    """What no identity may have two of: the split; in cfp, whose splits share people, the fold."""
    match = _CFP_SPLIT.fullmatch(split) if data_set == "cfp" else None
    return f"fold {int(match['fold'])}" if match else f"split {split}"


def _angles(face: str, values: Values) -> Iterator[str]:
    found = values[f"{face}/found"]
    for name in _ANGLES:
        value = values[f"{face}/{name}"]
        if not (math.isfinite(value) if found else math.isnan(value)):
            expected = "a number, for a face was found" if found else "NaN, for no face was found"
            yield f"{face}/{name} is {value}; it should be {expected}"


def _same(values: Values, first: str, second: str) -> Iterator[str]:
    if values[first] != values[second]:
        yield f"{first} is {values[first]!r}, and {second} is {values[second]!r}"


def _pairs(values: Values, setting: Setting) -> Iterator[str]:
    yield from _same(values, "key", "feature/key")
    yield from _same(values, "feature/identity", "target/identity")
    if setting.per == "clip":
        yield from _same(values, "feature/clip", "target/clip")
    if setting.targets is None:
        return
    identity, clip = setting.owner(values["feature/identity"], values["feature/clip"])
    who = f"{identity!r}, clip {clip!r}," if setting.per == "clip" else f"{identity!r}"
    target = setting.targets.get((identity, clip))
    if target is None:
        yield f"{who} has no target in targets.parquet"
    elif values["target/key"] != target:
        yield f"target/key is {values['target/key']!r}; {who} has {target!r} in targets.parquet"


def _cfp(values: Values, setting: Setting) -> Iterator[str]:
    match = _CFP_SPLIT.fullmatch(setting.split)
    if not match:
        yield f"split {setting.split} is none of ff01 to ff10 and fp01 to fp10"
        return
    protocol, fold = match["protocol"].upper(), int(match["fold"])
    same = values["first/identity"] == values["second/identity"]
    yield from _is(values, "label", records.LABEL_SAME if same else records.LABEL_DIFFERENT)
    yield from _is(values, "protocol", protocol)
    yield from _is(values, "fold", fold)
    for face, view in zip(("first", "second"), _CFP_VIEWS[protocol], strict=True):
        if values[f"{face}/view"]:
            yield from _is(values, f"{face}/view", view)
    prefix = f"{setting.split}/{'same' if same else 'diff'}/"
    if not values["key"].startswith(prefix):
        yield f"key is {values['key']!r}; it should begin with {prefix!r}"


def _is(values: Values, name: str, expected: Any) -> Iterator[str]:
    if values[name] != expected:
        yield f"{name} is {values[name]!r}; it should be {expected!r}"


def _triplets(values: Values, setting: Setting) -> Iterator[str]:  # noqa: ARG001 - one form for all
    anchor, _, draw = values["key"].rpartition("@")
    if anchor != values["anchor/key"] or not draw.isdecimal():
        yield f"key is {values['key']!r}; it should be anchor/key and a number after '@'"
    yield from _same(values, "anchor/identity", "positive/identity")
    for name, other in (("identity", "negative"), ("key", "positive")):
        if values[f"anchor/{name}"] == values[f"{other}/{name}"]:
            yield f"anchor and {other} have one {name}: {values[f'anchor/{name}']!r}"


RULES: dict[str, Rule] = {"pairs": _pairs, "cfp": _cfp, "triplets": _triplets}
"""Name of a data set to what holds in its records."""


@functools.cache
def kinds_of(data_set: str) -> dict[str, type]:
    """Feature to the type of its value, as `example.decode` wants them."""
    return {f.name: f.kind for f in records.features(records.EXAMPLES[data_set])}
