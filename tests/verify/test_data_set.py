"""A data set: sound ones have no fault; each damage is told with its file and record."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import simplejpeg

from faceprep.dataset_folder import ImageForm
from faceprep.verify.data_set import DataSetCheck
from faceprep.verify.description import read_data_set
from faceprep.verify.fault import FaultLog
from tests.verify import build
from tests.verify.build import DataSet, faults_of, only_fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faceprep.records import ShardFace

    People = dict[str, list[ShardFace]]

MAKERS: dict[str, Callable[[People], DataSet]] = {
    "pairs": build.pairs,
    "clips": build.pairs_per_clip,
    "cfp": build.cfp,
    "triplets": build.triplets,
}
SMALL = simplejpeg.encode_jpeg(np.zeros((159, 160, 3), np.uint8))
GREY = simplejpeg.encode_jpeg(np.zeros((160, 160, 1), np.uint8), colorspace="GRAY")
PNG = cv2.imencode(".png", np.zeros((160, 160, 3), np.uint8))[1].tobytes()
TRAIN, SECOND = "pairs-train.tfrecord-00000-of-00002", "pairs-train.tfrecord-00001-of-00002"
TEST = "pairs-test.tfrecord-00000-of-00001"


@pytest.mark.parametrize("compression", ["none", "GZIP"])
@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("name", MAKERS)
def test_a_sound_data_set_has_no_fault(
    people: People, tmp_path: Path, name: str, compression: str, hashed: bool
) -> None:
    built = replace(MAKERS[name](people), compression=compression, hashed=hashed)
    assert faults_of(built.write(tmp_path / "1.0.0")) == ()


def test_a_sound_data_set_of_pngs_has_no_fault(people: People, tmp_path: Path) -> None:
    of_pngs = {name: [replace(f, image=PNG) for f in of] for name, of in people.items()}
    built = replace(build.triplets(of_pngs), image=ImageForm(160, "png"))
    assert faults_of(built.write(tmp_path / "1.0.0")) == ()


# Which data set, where in it, what is changed, and the words that the fault should have.
CONTENT = [
    ("pairs", ("train", 1, 2, "feature"), {"image": SMALL}, "image: 160 x 159 pixels, not 160"),
    ("pairs", ("train", 1, 2, "feature"), {"image": GREY}, "image: its colours are Gray"),
    ("pairs", ("train", 1, 2, "feature"), {"image": PNG}, "image: not a jpeg image"),
    ("pairs", ("train", 1, 2, "feature"), {"image": b""}, "feature/image: not a jpeg image"),
    ("pairs", ("test", 0, 7, "target"), {"image": b"no"}, "target/image: not a jpeg image"),
    ("pairs", ("train", 0, 3), {"key": "other"}, "key is 'other', and feature/key is"),
    ("pairs", ("train", 0, 3, "feature"), {"yaw": build.NAN}, "feature/yaw is nan; it should"),
    ("pairs", ("train", 0, 3, "target"), {"pitch": build.NAN}, "target/pitch is nan; it should"),
    (
        "pairs",
        ("train", 0, 3, "target"),
        {"key": "x"},
        "target/key is 'x'; 'person_01' has 'person",
    ),
    ("clips", ("train", 0, 2, "target"), {"clip": "7"}, "feature/clip is '0', and target/clip"),
    ("cfp", ("ff01", 0, 0), {"protocol": "FP"}, "protocol is 'FP'; it should be 'FF'"),
    ("cfp", ("fp01", 0, 0), {"fold": 3}, "fold is 3; it should be 1"),
    ("cfp", ("fp01", 0, 1), {"label": 1}, "label is 1; it should be 0"),
    ("cfp", ("ff02", 0, 0), {"key": "ff02/diff/0"}, "key is 'ff02/diff/0'; it should begin"),
    ("cfp", ("ff02", 0, 0), {"key": "ff01/same/0"}, "has the key of record 0 of"),
    ("cfp", ("ff02", 0, 1, "second"), {"view": "profile"}, "second/view is 'profile'; it sh"),
    ("cfp", ("fp02", 0, 1, "first"), {"view": "profile"}, "first/view is 'profile'; it should"),
    ("cfp", ("fp02", 0, 1, "second"), {"roll": 0.0}, "second/roll is 0.0; it should be NaN"),
    ("triplets", ("train", 0, 1), {"key": "x@0"}, "key is 'x@0'; it should be anchor/key and"),
    ("triplets", ("train", 0, 1, "anchor"), {"frontality": build.NAN}, "anchor/frontality is nan"),
]


@pytest.mark.parametrize(("name", "steps", "fields", "words"), CONTENT)
def test_a_wrong_example_is_told_with_its_record(
    people: People,
    tmp_path: Path,
    name: str,
    steps: tuple[str | int, ...],
    fields: dict[str, object],
    words: str,
) -> None:
    built = MAKERS[name](people).changed(*steps, **fields)
    folder = built.write(tmp_path / "1.0.0")
    split, index, record = steps[:3]
    total = len(built.content[str(split)])
    shard = f"{built.name}-{split}.tfrecord-{index:05d}-of-{total:05d}"
    told = [fault for fault in faults_of(folder) if words in fault.what]
    assert [(fault.file, fault.record) for fault in told] == [(f"{folder}/{shard}", record)]


def test_what_is_wrong_with_one_example_is_all_that_is_told(people: People, tmp_path: Path) -> None:
    built = build.cfp(people).changed("fp01", 0, 1, label=1)
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == ("cfp-fp01.tfrecord-00000-of-00001", 1)
    assert what == "label is 1; it should be 0"


def test_views_that_are_not_labelled_are_not_missed(people: People, tmp_path: Path) -> None:
    built = build.cfp(people).changed("fp01", 0, 0, "second", view="")
    assert faults_of(built.write(tmp_path / "1.0.0")) == ()


def test_a_cut_image_is_told_with_its_record(people: People, tmp_path: Path) -> None:
    image = next(iter(people.values()))[0].image
    built = build.triplets(people).changed("train", 0, 2, "negative", image=image[:-99])
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == ("triplets-train.tfrecord-00000-of-00001", 2)
    assert what.startswith("negative/image: damaged (Premature end of JPEG file")


def test_a_key_that_comes_again_is_told_with_both_places(people: People, tmp_path: Path) -> None:
    built = build.pairs(people)
    first, second = built.content["train"]
    second[2] = first[1]
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == (SECOND, 2)
    assert what == f"has the key of record 1 of {tmp_path}/1.0.0/{TRAIN}"


def test_a_person_in_two_splits_is_told_with_both_places(people: People, tmp_path: Path) -> None:
    built = build.pairs(people)
    built.content["test"][0].append(built.content["train"][1].pop())
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == (TRAIN, 3)  # the shards are gone through by name
    assert what == (
        f"'person_01' is in split train here, and in split test in record 12 of "
        f"{tmp_path}/1.0.0/{TEST}"
    )


def test_a_stranger_in_a_triplet_counts_as_a_person_of_the_split(
    people: People, tmp_path: Path
) -> None:
    other = list(people.values())[2][0]
    built = build.triplets(people)
    example = built.content["train"][0][4]
    built.content["train"][0][4] = replace(example, negative=other)
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == ("triplets-train.tfrecord-00000-of-00001", 4)
    assert what.startswith("'person_02' is in split train here, and in split test in record 0 of")


def test_the_splits_of_a_fold_share_people_and_folds_do_not(people: People, tmp_path: Path) -> None:
    other = replace(list(people.values())[2][0], view="profile")
    built = build.cfp(people)
    example = built.content["fp01"][0][1]
    built.content["fp01"][0][1] = replace(example, second=other)
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == ("cfp-fp01.tfrecord-00000-of-00001", 1)
    assert what.startswith("'person_02' is in fold 1 here, and in fold 2 in record 0 of")


def test_a_split_that_cfp_does_not_have_is_told(people: People, tmp_path: Path) -> None:
    built = build.cfp(people)
    built.content["ff11"] = built.content.pop("ff02")
    faults = faults_of(built.write(tmp_path / "1.0.0"))
    named = [f for f in faults if f.what == "split ff11 is none of ff01 to ff10 and fp01 to fp10"]
    assert [(f.file[-28:], f.record) for f in named] == [
        ("ff11.tfrecord-00000-of-00001", 0),
        ("ff11.tfrecord-00000-of-00001", 1),
    ]


def test_a_person_has_one_target_image_in_a_shard(people: People, tmp_path: Path) -> None:
    other = next(iter(people.values()))[3].image
    built = build.pairs(people)
    target = built.content["train"][1][0].target
    assert target.image != other
    built = built.changed("train", 1, 1, "target", image=other)
    shard, record, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record) == (SECOND, 1)
    assert what == "target/image is another than that of 'person_00' in record 0"


def test_a_person_has_one_target_image_in_all_shards(people: People, tmp_path: Path) -> None:
    one = next(iter(people.values()))
    built = build.pairs(people)
    other = next(f.image for f in one if f.image != built.content["train"][1][0].target.image)
    for record in range(3):
        built = built.changed("train", 1, record, "target", image=other)
    shard, record_, what = only_fault(built.write(tmp_path / "1.0.0"))
    assert (shard, record_) == (SECOND, 0)
    assert what.endswith(f"that of 'person_00' in record 0 of {tmp_path}/1.0.0/{TRAIN}")


def test_each_clip_has_a_target_of_its_own(people: People, tmp_path: Path) -> None:
    built = build.pairs_per_clip(people)
    examples = built.content["train"][0]
    examples[0] = replace(examples[0], target=replace(examples[3].target, clip="0"))
    faults = faults_of(built.write(tmp_path / "1.0.0"))
    assert faults[0].record == 0
    assert re.fullmatch(
        r"target/key is '.*'; 'person_00', clip '0', has '.*' in targets.parquet", faults[0].what
    )


def test_somebody_without_a_target_is_told(people: People, tmp_path: Path) -> None:
    built = build.pairs(people)
    chosen = {owner: face for owner, face in built.chosen.items() if owner[0] != "person_03"}
    faults = faults_of(replace(built, chosen=chosen).write(tmp_path / "1.0.0"))
    assert [fault.record for fault in faults] == [6, 7, 8, 9, 10, 11]
    assert {fault.what for fault in faults} == {"'person_03' has no target in targets.parquet"}


def test_the_order_in_which_shards_are_taken_is_that_of_their_names(
    people: People, tmp_path: Path
) -> None:
    folder = build.pairs(people).write(tmp_path / "1.0.0")
    check = DataSetCheck(str(folder), read_data_set(str(folder)), FaultLog())
    assert [task.shard.name for task in check.tasks] == [TEST, TRAIN, SECOND]
