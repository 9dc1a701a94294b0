"""A training that takes seconds, as a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SMALL = (
    *("train", "autoencoder", "--input-size", "32x32x1", "--encoder", "4,8", "--latent", "6"),
    *("--batch", "4", "--epochs", "3", "--backup-steps", "2", "--patience", "0"),
)


def start(folder: Path, *more: str, **options: Any) -> subprocess.Popen[str]:
    """Begin it in a folder, with further words on the command line."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(_command(more), cwd=folder, text=True, **options)


def finished(folder: Path, *more: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The same, from beginning to end."""
    return subprocess.run(_command(more), cwd=folder, capture_output=True, text=True, **options)


def _command(more: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "faceprep", *SMALL, *more]


def arrays_of(backup: bytes) -> list[Any]:
    """All weights and moments in a `backup.npz`."""
    with np.load(io.BytesIO(backup)) as stored:
        return [stored[name] for name in sorted(stored.files) if name != "place"]
