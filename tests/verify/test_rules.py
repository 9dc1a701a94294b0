"""What holds within a record: small tables; the examples in full are in `test_data_set`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faceprep import example, records
from faceprep.records import PairExample, ShardFace, TripletExample, VerificationExample
from faceprep.verify import rules
from faceprep.verify.rules import Setting
from tests.verify.build import NAN, flat

ANN = ShardFace(b"", "ann/1.jpg", "ann", "", "", 1.0, -2.0, 3.0, 99.0, True)
ANN_2 = replace(ANN, key="ann/2.jpg")
BOB = replace(ANN, key="bob/1.jpg", identity="bob")
LOST = replace(ANN, found=False, yaw=NAN, pitch=NAN, roll=NAN, frontality=NAN)
PAIR = PairExample(ANN.key, ANN, ANN_2)
CLIPS = replace(PAIR, feature=replace(ANN, clip="1"), target=replace(ANN_2, clip="2"))
SAME = VerificationExample("fp07/same/3", ANN, ANN_2, 1, "FP", 7)
TRIPLET = TripletExample("ann/1.jpg@12", ANN, ANN_2, BOB)


def broken(name: str, value: Any, setting: Setting) -> list[str]:
    payload = example.encode(flat(value))
    values = example.decode(payload, rules.kinds_of(name))
    return list(rules.broken(name, values, setting))


def test_each_data_set_has_its_rules() -> None:
    assert rules.RULES.keys() == records.EXAMPLES.keys()


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("pairs", PAIR, Setting("train")),
        ("pairs", PAIR, Setting("train", "identity", {("ann", ""): ANN_2.key})),
        ("pairs", replace(PAIR, target=LOST), Setting("train")),
        ("pairs", CLIPS, Setting("train", "identity", {("ann", ""): ANN_2.key})),
        ("pairs", CLIPS, Setting("train")),
        ("cfp", SAME, Setting("fp07")),
        ("cfp", replace(SAME, key="fp10/same/3", fold=10), Setting("fp10")),
        ("cfp", replace(SAME, key="fp07/diff/3", second=BOB, label=0), Setting("fp07")),
        ("cfp", replace(SAME, first=LOST), Setting("fp07")),
        ("triplets", TRIPLET, Setting("anything")),
    ],
)
def test_a_sound_record_breaks_no_rule(name: str, value: Any, setting: Setting) -> None:
    assert broken(name, value, setting) == []


@pytest.mark.parametrize(
    ("name", "value", "setting", "words"),
    [
        (
            "pairs",
            replace(PAIR, target=BOB),
            Setting("train"),
            "feature/identity is 'ann', and target/identity is 'bob'",
        ),
        (
            "pairs",
            PAIR,
            Setting("train", "identity", {("bob", ""): "x"}),
            "'ann' has no target in targets.parquet",
        ),
        (
            "pairs",
            replace(PAIR, target=replace(ANN_2, yaw=float("inf"))),
            Setting("train"),
            "target/yaw is inf; it should be a number, for a face was found",
        ),
        (
            "pairs",
            replace(PAIR, feature=replace(ANN, found=False, yaw=NAN, pitch=NAN, roll=NAN)),
            Setting("train"),
            "feature/frontality is 99.0; it should be NaN, for no face was found",
        ),
        (
            "pairs",
            CLIPS,
            Setting("train", "clip"),
            "feature/clip is '1', and target/clip is '2'",
        ),
        (
            "pairs",
            replace(PAIR, feature=replace(ANN, clip="1"), target=replace(ANN_2, clip="1")),
            Setting("train", "clip", {("ann", ""): ANN_2.key, ("ann", "2"): ANN_2.key}),
            "'ann', clip '1', has no target in targets.parquet",
        ),
        (
            "cfp",
            replace(SAME, key="fp07/diff/3", second=BOB),
            Setting("fp07"),
            "label is 1; it should be 0",
        ),
        (
            "triplets",
            replace(TRIPLET, positive=ANN),
            Setting("train"),
            "anchor and positive have one key: 'ann/1.jpg'",
        ),
        (
            "triplets",
            replace(TRIPLET, negative=replace(BOB, identity="ann")),
            Setting("train"),
            "anchor and negative have one identity: 'ann'",
        ),
        (
            "triplets",
            replace(TRIPLET, positive=replace(ANN_2, identity="bob")),
            Setting("train"),
            "anchor/identity is 'ann', and positive/identity is 'bob'",
        ),
        *(
            ("triplets", replace(TRIPLET, key=key), Setting("train"), f"key is {key!r}; it should")
            for key in ("ann/1.jpg", "ann/1.jpg@", "ann/1.jpg@x", "ann/1.jpg@1@2")
        ),
    ],
)
def test_a_broken_rule_is_said_once(name: str, value: Any, setting: Setting, words: str) -> None:
    (what,) = broken(name, value, setting)
    assert what.startswith(words)


@pytest.mark.parametrize(
    ("name", "split", "expected"),
    [
        ("pairs", "train", "split train"),
        ("triplets", "ff01", "split ff01"),
        ("cfp", "ff01", "fold 1"),
        ("cfp", "fp01", "fold 1"),
        ("cfp", "fp10", "fold 10"),
        ("cfp", "ff11", "split ff11"),
    ],
)
def test_people_belong_to_one_group(name: str, split: str, expected: str) -> None:
    assert rules.group(name, split) == expected
