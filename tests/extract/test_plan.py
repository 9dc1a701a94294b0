"""What is left in a folder of faces when nothing is to be done any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.extract import plan

if TYPE_CHECKING:
    from pathlib import Path


def test_pieces_of_archives_go_when_nobody_needs_them(tmp_path: Path) -> None:
    windows = tmp_path / ".archives" / "0.windows"
    windows.parent.mkdir()
    windows.write_bytes(b"pixels")
    with storage.in_use(str(tmp_path), alone=False):
        plan.tidy(str(tmp_path))
        assert windows.exists()  # another run may read them
    plan.tidy(str(tmp_path))
    assert not windows.parent.exists()
