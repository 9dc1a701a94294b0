"""The page and the figures, from a soak that is made up."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.soak import machine
from tests.soak.accounts import Check, Tally
from tests.soak.catalogue import FULL, Size, scaled
from tests.soak.report import write
from tests.soak.result import Soak
from tests.soak.running import FINISHED, Run
from tests.soak.stages import stages
from tests.soak.watch import PARENT, WORKER, Usage

if TYPE_CHECKING:
    from pathlib import Path

MB = 1_000_000


def made_up(size: Size, *, wrong: int = 0) -> Soak:
    """A soak of ten minutes in which extract took two runs of a minute each."""
    usage = [
        Usage(PARENT, 300 * MB, 200 * MB, 150 * MB, 10.0),
        Usage(WORKER, 250 * MB, 90 * MB, 80 * MB, 50.0),
    ]
    done = Run(FINISHED, 120.0, 1.0, usage=usage, disk=3_000_000_000)
    killed = Run("SIGKILL to the parent", 60.0, 0.3, {"part": [1, 2]}, usage)
    return Soak(
        size=size,
        pictures=24,
        source="rendered faces",
        workers=2,
        stages=stages(size),
        runs={stage.name: [killed, done] if stage.kill else [done] for stage in stages(size)},
        tally=Tally(size.images, size.images, 0, size.images - 5, {"no_face": 5}, 0, 7, 4, 0),
        checks=[Check("rows", size.images, size.images + wrong)],
        sizes={"faces": 6_000_000},
        machine={"processor": "one | that | splits"},
        versions={"faceprep": "1.0"},
    )


def page_of(folder: Path, soak: Soak) -> str:
    write(folder, soak)
    return (folder / "SOAK.md").read_text()


def test_the_first_sentence_says_it_all(tmp_path: Path) -> None:
    page = page_of(tmp_path, made_up(scaled(6_000)))
    first = page.splitlines()[2]
    assert "6,000 images of 15 people" in first
    assert "**0:12:00** on 2 cores, stopped 2 times" in first
    assert "not one image is unaccounted for" in first
    assert "**300 MB**" in first


def test_an_account_that_fails_is_in_the_first_sentence(tmp_path: Path) -> None:
    page = page_of(tmp_path, made_up(scaled(6_000), wrong=1))
    assert "**1 of the 1 accounts below do not add up**" in page.splitlines()[2]
    assert "| rows | 6,000 | 6,001 | **no** |" in page


def test_rates_are_of_all_runs_of_a_stage(tmp_path: Path) -> None:
    page = page_of(tmp_path, made_up(scaled(6_000)))
    extract = next(line for line in page.splitlines() if line.startswith("| extract | 0:03:00"))
    assert extract.split(" | ")[1:] == ["0:03:00", "0:02:00", "6,000 images", "16.7", "50.0 |"]


def test_goals_are_for_the_full_soak(tmp_path: Path) -> None:
    assert "60 minutes" not in page_of(tmp_path, made_up(scaled(6_000)))
    page = page_of(tmp_path, made_up(FULL))
    assert "| extract | 500 images/s | 3,451 images/s | yes |" in page


def test_every_row_of_a_table_has_its_cells(tmp_path: Path) -> None:
    columns = 0
    for line in page_of(tmp_path, made_up(FULL)).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert cells in (0, columns) or not columns
        columns = cells


def test_the_figures_are_json_and_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, made_up(scaled(6_000)))
    found = json.loads((tmp_path / "soak.json").read_text())
    assert found["seconds"]["extract"] == 180
    assert found["cpu_seconds"]["extract"] == 120
    assert found["peak_rss"] == {"parent": 300 * MB, "worker": 250 * MB, "helper": 0}
    assert found["peak_disk"] == 3_000_000_000
    assert found["checks"] == [{"what": "rows", "found": 6_000, "expected": 6_000}]


@pytest.mark.parametrize("name", ["processor", "cores", "memory", "system", "Python"])
def test_the_machine_has_a_name_for_everything(name: str) -> None:
    assert machine.facts()[name]
