"""The soak as a whole: what it goes on from, what it refuses, how it ends."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.soak.__main__ import main
from tests.soak.conftest import SMALL, Done
from tests.soak.ledger import Ledger
from tests.soak.running import FINISHED, Run
from tests.soak.stages import numbered_files, stages
from tests.soak.watch import PARENT, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest


def noted(done: Done, folder: Path, changes: Mapping[str, int] | None = None) -> list[str]:
    """A folder in which all has been done and noted; the arguments that name it."""
    shutil.copytree(done.folder, folder)
    ledger = Ledger(folder, SMALL, workers=2)
    for stage in stages(SMALL):
        summary = {**done.said[stage.name], **(changes or {})}
        if stage.name == "shard":
            summary = {"pairs": summary}
        killed = Run(str(stage.kill), 1.0, 0.5, numbered_files(folder / stage.output))
        ended = Run(FINISHED, 2.0, 1.0, usage=[Usage(PARENT, 5, 4, 3, 1.0)], summary=summary)
        ledger.runs[stage.name] = [killed, ended] if stage.kill else [ended]
    ledger.write()
    return ["--dir", str(folder), "--images", str(SMALL.images)]


def test_what_is_finished_is_counted_and_not_done_again(
    done: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = noted(done, tmp_path / "soak")
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'soak' / 'SOAK.md'}\n"
    assert "not one image is unaccounted for" in (tmp_path / "soak" / "SOAK.md").read_text()
    assert not (tmp_path / "soak" / "log.txt").exists()  # no command was run
    found = json.loads((tmp_path / "soak" / "soak.json").read_text())
    assert found["seconds"]["extract"] == 3


def test_what_does_not_add_up_ends_in_exit_code_1(
    done: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(noted(done, tmp_path / "soak", {"identities": 5})) == 1
    assert "soak: people that select knows: 5, not 4" in capsys.readouterr().err
    assert (tmp_path / "soak" / "SOAK.md").exists()


def test_a_file_that_a_resume_touched_is_seen(
    done: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = noted(done, tmp_path / "soak")
    next((tmp_path / "soak" / "faces").glob("part-*")).touch()
    assert main(arguments) == 1
    assert "files of extract that its resume kept: 1, not 2" in capsys.readouterr().err


def test_another_size_is_one_line(
    done: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noted(done, tmp_path / "soak")
    assert main(["--dir", str(tmp_path / "soak"), "--images", "500"]) == 1
    assert capsys.readouterr().err.startswith(f"soak: {tmp_path / 'soak'}: holds a soak of 240")


def test_too_small_a_disk_is_one_line_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert main(["--dir", str(tmp_path / "soak"), "--images", str(free // 20_000)]) == 1
    assert "GB are free there" in capsys.readouterr().err
    assert list((tmp_path / "soak").iterdir()) == []
