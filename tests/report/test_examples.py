"""Records as the page shows them."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest

from faceprep import records
from faceprep.report.contents import ShownExample
from faceprep.report.examples import SIDE, label, shown, within
from tests.inspect.made import example_values
from tests.report.made import face


@pytest.mark.parametrize(
    ("data_set", "values", "expected"),
    [
        ("cfp", {"label": records.LABEL_SAME}, "genuine"),
        ("cfp", {"label": records.LABEL_DIFFERENT}, "impostor"),
        ("pairs", {}, ""),
        ("triplets", {}, ""),
    ],
)
def test_only_a_protocol_has_labels(data_set: str, values: dict[str, Any], expected: str) -> None:
    assert label(data_set, values) == expected


def test_a_pair_has_both_faces_and_their_names() -> None:
    values = example_values("pairs", "train", 3) | {"feature/yaw": -60.0, "feature/pitch": 0.0}
    found = shown("pairs", values)
    assert list(found.faces) == ["feature", "target"]
    feature, target = found.faces.values()
    assert feature.key == values["feature/key"]
    assert feature.yaw == -60
    assert feature.angle == pytest.approx(60)
    assert math.isnan(target.yaw)
    assert math.isnan(feature.sharpness)
    assert found.words == (
        f"{values['feature/key']} with the target {values['target/key']}; "
        f"no face was found in {values['target/key']}"
    )


def test_a_verification_pair_names_protocol_and_fold() -> None:
    values = example_values("cfp", "fp03", 0) | {"protocol": "FP", "fold": 3, "second/found": True}
    keys = f"{values['first/key']} and {values['second/key']}"
    found = shown("cfp", values)
    assert (found.title, found.words) == ("genuine", f"FP, fold 3: {keys}")


def test_a_picture_is_made_small() -> None:
    pixels = np.full((300, 300, 3), 90, np.uint8)
    values = example_values("pairs", "train", 0)
    values["feature/image"] = cv2.imencode(".png", pixels)[1].tobytes()
    picture = shown("pairs", values).faces["feature"].picture
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (SIDE, SIDE, 3)


def test_what_is_no_picture_is_left_out() -> None:
    values = example_values("triplets", "train", 0) | {"anchor/image": b"no image"}
    anchor, positive, _ = shown("triplets", values).faces.values()
    assert anchor.picture == b""
    assert positive.picture


def _examples(titles: str) -> list[ShownExample]:
    return [ShownExample(title, str(n), {"face": face("x")}) for n, title in enumerate(titles)]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (0, {"a": "", "b": "", "c": ""}),
        (1, {"a": "i", "b": "", "c": ""}),
        (3, {"a": "gi", "b": "g", "c": ""}),
        (9, {"a": "gii", "b": "g", "c": ""}),
    ],
)
def test_splits_share_the_room_there_is(room: int, expected: dict[str, str]) -> None:
    budget = room * len(face("x").picture)
    found = {"a": _examples("igi"), "b": _examples("g"), "c": []}
    kept = within(found, budget)
    assert {split: "".join(e.title for e in each) for split, each in kept.items()} == expected
