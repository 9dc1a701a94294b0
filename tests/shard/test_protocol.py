"""CFP's protocol: read as it stands, or an error that names file and line."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.shard.protocol import PAIRS_PER_FILE, read_protocol
from tests.shard.small_cfp import SmallCfp, make_small_cfp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample


@pytest.fixture
def small(sample: Sample, tmp_path: Path) -> SmallCfp:
    return make_small_cfp(sample, tmp_path / "cfp")


def test_each_line_is_a_pair_with_its_file_line_and_label(small: SmallCfp) -> None:
    small.fold("FP", 2, "same").write_text("9,5\n10,6\n")
    pairs = [p for p in read_protocol(str(small.protocol)).pairs if p.split == "fp02" and p.same]
    assert [(p.line, p.key, p.first, p.second) for p in pairs] == [
        (1, "fp02/same/1", small.listed("F")[8], small.listed("P")[4]),
        (2, "fp02/same/2", small.listed("F")[9], small.listed("P")[5]),
    ]
    assert {p.file for p in pairs} == {"Split/FP/02/same.txt"}


def test_splits_come_in_the_order_of_protocol_and_fold(small: SmallCfp) -> None:
    assert read_protocol(str(small.protocol)).splits == ("ff01", "ff02", "fp01", "fp02")


def test_fewer_folds_than_published_are_fine_and_said(
    small: SmallCfp, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceprep.log.LOG.propagate", True)
    with caplog.at_level("INFO", "faceprep"):
        read_protocol(str(small.protocol))
    assert "FF: 2 of the 10 published folds are there" in caplog.text
    assert f"the published protocol has {PAIRS_PER_FILE}" in caplog.text


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("Split/FF/01/same.txt", "1;2", r"FF/01/same\.txt:3: '1;2' is not 'a,b'"),
        ("Split/FF/01/same.txt", "1,2,3", r"same\.txt:3: '1,2,3' is not 'a,b'"),
        ("Split/FF/02/diff.txt", "", r"FF/02/diff\.txt:3: '' is not 'a,b'"),
        ("Split/FF/02/diff.txt", "0,1", r"diff\.txt:3: '0,1' is not an index from 1 to 16"),
        ("Split/FP/01/same.txt", "1,9", r"FP/01/same\.txt:3: '1,9' is not an index from 1 to 8"),
        ("Split/FP/01/same.txt", "-1,2", r"FP/01/same\.txt:3: '-1,2' is not 'a,b'"),
        ("Pair_list_F.txt", "4 ../x.jpg", r"Pair_list_F\.txt:3: '4 \.\./x\.jpg' is not '3 PATH'"),
        ("Pair_list_P.txt", "3", r"Pair_list_P\.txt:3: '3' is not '3 PATH'"),
    ],
)
def test_a_line_that_does_not_parse_is_named(
    small: SmallCfp, name: str, line: str, message: str
) -> None:
    path = small.protocol / name
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], line, *lines[2:]]) + "\n")
    with pytest.raises(InputError, match=message):
        read_protocol(str(small.protocol))


@pytest.mark.parametrize(
    "name", ["Pair_list_F.txt", "Pair_list_P.txt", "Split/FF/02/same.txt", "Split/FP/01/diff.txt"]
)
def test_a_missing_file_is_named(small: SmallCfp, name: str) -> None:
    (small.protocol / name).unlink()
    with pytest.raises(InputError, match=f"{name}: missing"):
        read_protocol(str(small.protocol))


@pytest.mark.parametrize("name", ["Split", "Split/FF", "Split/FP"])
def test_missing_folds_are_named(small: SmallCfp, name: str) -> None:
    shutil.rmtree(small.protocol / name)
    with pytest.raises(InputError, match=r"Split/F.: no folds in it"):
        read_protocol(str(small.protocol))


def test_bytes_that_are_no_text_are_named(small: SmallCfp) -> None:
    small.fold("FF", 1, "same").write_bytes(b"1,2\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"FF/01/same\.txt: cannot be read"):
        read_protocol(str(small.protocol))


def test_another_line_is_another_digest(small: SmallCfp) -> None:
    before = read_protocol(str(small.protocol)).digest
    small.fold("FF", 1, "same").write_text("1,2\n")
    assert read_protocol(str(small.protocol)).digest != before


def test_the_real_protocol_agrees_with_another_reading(cfp: Path) -> None:
    pairs = read_protocol(str(cfp / "Protocol")).pairs
    lists = {
        letter: (cfp / f"Protocol/Pair_list_{letter}.txt").read_text().split()[1::2]
        for letter in "FP"
    }
    expected = []
    for path in (cfp / "Protocol" / "Split").rglob("*.txt"):
        protocol, fold, name = path.parts[-3:]
        for line in path.read_text().split():
            a, b = map(int, line.split(","))
            images = lists["F"][a - 1], lists[protocol[1]][b - 1]
            expected.append((protocol, int(fold), name == "same.txt", *images))
    found = [(p.protocol, p.fold, p.same, p.first, p.second) for p in pairs]
    assert sorted(found) == sorted(expected)
    assert len(found) == 700 * len({(p, f) for p, f, *_ in expected})
