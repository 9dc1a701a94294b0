"""The accounts, over a small data set that the real stages went through."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.soak.accounts import checks, count
from tests.soak.conftest import SMALL, Done

if TYPE_CHECKING:
    from tests.soak.catalogue import Size


def failed(done: Done, size: Size = SMALL) -> list[str]:
    """What does not add up."""
    tally = count(done.folder, size, done.pictures)
    return [c.what for c in checks(done.folder, size, tally, done.said) if not c.holds]


def test_all_of_it_adds_up(done: Done) -> None:
    tally = count(done.folder, SMALL, done.pictures)
    assert failed(done) == []
    assert (tally.rows, tally.keys, tally.strangers, tally.undecided) == (240, 240, 0, 0)
    assert tally.rejects["unreadable"] > 0
    assert tally.copies > 0  # there are more frames of a person than pictures
    assert tally.targets == SMALL.identities
    assert 0 < tally.records < tally.faces


def test_a_part_that_is_lost_is_missed(done: Done) -> None:
    part = next(done.folder.glob("faces/part-*"))
    part.rename(done.folder / part.name)
    missed = failed(done)
    (done.folder / part.name).rename(part)
    assert "rows in the parts = images made" in missed
    assert "images in no part, or of no source" in missed


def test_a_part_that_is_there_twice_is_seen(done: Done) -> None:
    part = next(done.folder.glob("faces/part-*"))
    twice = part.with_name("part-00009-of-00002.parquet")
    shutil.copy(part, twice)
    seen = failed(done)
    twice.unlink()
    assert "rows in the parts = images made" in seen
    assert "different keys among them = images made" not in seen


@pytest.mark.parametrize(
    ("stage", "figure", "what"),
    [
        ("shard", "records", "faces - all left out = records"),
        ("shard", "duplicates", "copies that shard left out"),
        ("select", "targets", "people that it gave a target"),
        ("verify shards", "fault_count", "faults that verify found in shards"),
        ("verify shards", "records", "records that verify read"),
    ],
)
def test_a_figure_that_is_off_by_one_is_seen(
    done: Done, stage: str, figure: str, what: str
) -> None:
    wrong = {**done.said[stage], figure: done.said[stage][figure] + 1}
    assert failed(dataclasses.replace(done, said={**done.said, stage: wrong})) == [what]
