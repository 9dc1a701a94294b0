"""A soak that was killed goes on where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.catalogue import scaled
from tests.soak.ledger import open_ledger
from tests.soak.running import CUT_OFF, FINISHED, Run, SoakError
from tests.soak.watch import Usage

if TYPE_CHECKING:
    from pathlib import Path

SMALL = scaled(300)


def test_what_was_noted_is_known_later(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "soak", SMALL, 2)
    ledger.begin("extract")
    killed = Run("SIGKILL to the parent", 2.0, 0.5, files={"part": [1, 2]})
    ledger.tell("extract", killed)
    ledger.begin("extract")
    done = Run(FINISHED, 3.0, 1.0, usage=[Usage("parent", 3, 2, 1, 0.5)], summary={"images": 300})
    ledger.tell("extract", done)
    ledger.begin("select")
    again = open_ledger(tmp_path / "soak", SMALL, 2)
    assert again == ledger
    assert again.runs["extract"] == [killed, done]
    assert again.finished("extract") == done
    assert again.finished("select") is None
    assert again.runs["select"][0].ended == CUT_OFF


def test_another_size_is_refused(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, SMALL, 2)
    ledger.write()
    with pytest.raises(SoakError, match="holds a soak of 300 images with 2 workers"):
        open_ledger(tmp_path, scaled(400), 2)
    with pytest.raises(SoakError, match="delete it, or choose another --dir"):
        open_ledger(tmp_path, SMALL, 1)
