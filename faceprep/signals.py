"""Ctrl-C and SIGTERM end a run in order."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first of them into `Interrupted`; later ones cannot disturb the clean-up."""

    def stop(signum: int, _: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted(signum)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class Asked:
    """Whether a signal has come: its number, or None."""

    signum: int | None = None


@contextmanager
def noted_signals() -> Iterator[Asked]:
    """Take note of them, and leave it to the block when to stop: some work must not be cut in two.

    Off the main thread they stay whose they are, for Python lets no other thread handle signals.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def note(signum: int, _: FrameType | None) -> None:
        asked.signum = asked.signum or signum

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
