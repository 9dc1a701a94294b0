"""A command is watched, killed, and run again; what it says is kept."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.soak.running import FINISHED, Command, Run, SoakError, run
from tests.soak.stages import Kill
from tests.soak.watch import PARENT, has_ended

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WORK = """
import json, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("child").write_text(str(child.pid))
try:
    for part in range(4):
        path = pathlib.Path(f"part-{part:05d}-of-00004")
        if not path.exists():
            path.write_text("x" * 1000)
            time.sleep(float(sys.argv[1]))
finally:
    child.kill()
print(json.dumps({"parts": 4}))
"""


def nobody(run: Run) -> None:
    """Is told how far it is."""


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Command]:
    """One that makes four files, one each second, and a child that sleeps."""

    def make(program: str = _WORK, pause: float = 0.0, kill: Kill | None = None) -> Command:
        return Command(("-c", program, str(pause)), tmp_path, (tmp_path,), tmp_path, kill)

    return make


def test_a_command_that_ends_well(command: Callable[..., Command]) -> None:
    told: list[float] = []
    found = run(command(pause=0.4), lambda run: told.append(run.seconds))
    assert (found.ended, found.share, found.summary) == (FINISHED, 1.0, {"parts": 4})
    assert found.seconds >= told[-1] > 0
    assert found.usage[0].role == PARENT
    assert found.usage[0].rss > 1e6
    assert Run.from_json(found.as_json()) == found


def test_the_parent_is_killed_on_the_way_and_what_was_finished_stays(
    command: Callable[..., Command], tmp_path: Path
) -> None:
    # nobody ends the child of one that was killed
    program = _WORK.replace("time.sleep(60)", "time.sleep(1)")
    kill = Kill(0.25, signal.SIGKILL, group=False)
    found = run(command(program, 30.0, kill), nobody)
    assert (found.ended, found.share, found.summary) == (str(kill), 0.25, None)
    assert list(found.files) == ["part-00000-of-00004"]
    assert found.disk >= 1000
    before = (tmp_path / "part-00000-of-00004").stat().st_mtime_ns
    again = run(command(), nobody)
    assert again.ended == FINISHED
    assert (tmp_path / "part-00000-of-00004").stat().st_mtime_ns == before


def test_the_whole_group_is_killed(command: Callable[..., Command], tmp_path: Path) -> None:
    kill = Kill(0.25, signal.SIGTERM, group=True)
    found = run(command(pause=30.0, kill=kill), nobody)
    assert found.ended == "SIGTERM to every process"
    assert has_ended(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize(
    ("program", "kill", "words"),
    [
        ("import sys; sys.exit(3)", None, "ended with code 3; see log.txt"),
        ("print('{}')", Kill(0.5, signal.SIGKILL, group=False), "ended before it could be killed"),
    ],
)
def test_what_goes_wrong_is_one_line(
    command: Callable[..., Command], program: str, kill: Kill | None, words: str
) -> None:
    with pytest.raises(SoakError, match=words):
        run(command(program, kill=kill), nobody)


def test_settings_of_the_environment_do_not_reach_it(
    command: Callable[..., Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEPREP_WORKERS", "7")
    program = "import json, os; print(json.dumps({'found': os.environ.get('FACEPREP_WORKERS')}))"
    assert run(command(program), nobody).summary == {"found": None}


def test_what_it_says_is_in_the_log(command: Callable[..., Command], tmp_path: Path) -> None:
    with pytest.raises(SoakError):
        run(command("import sys; print('{}'); print('oh', file=sys.stderr); sys.exit(1)"), nobody)
    assert (tmp_path / "log.txt").read_text() == "oh\n{}\n"
