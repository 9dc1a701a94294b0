"""How far a stage is: a bar on a terminal, a line every 30 s in a batch log."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from faceprep.log import LOG

if TYPE_CHECKING:
    from types import TracebackType

_SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Counts what is done, for use in a `with` block.

    Args:
        total: images, or whatever the stage counts.
        done: how many of them an earlier run has finished.
        bar: show a bar instead of lines.
        unit: what is counted, in the plural.
    """

    def __init__(self, total: int, done: int = 0, *, bar: bool, unit: str = "images") -> None:
        self._total, self._done, self._unit = total, done, unit
        self._here = 0
        self._numbers: dict[str, float] = {}
        self._start = time.monotonic()
        self._ended = threading.Event()
        self._teller = threading.Thread(target=self._lines, daemon=True)
        self._redirect = logging_redirect_tqdm([LOG]) if bar else None
        self._bar: tqdm[Any] | None = (
            tqdm(total=total, initial=done, unit=f" {unit}", dynamic_ncols=True) if bar else None
        )

    def __enter__(self) -> Progress:
        if self._redirect:
            self._redirect.__enter__()
        else:
            self._teller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._teller.is_alive():
            self._teller.join()  # else a line that it has begun might come after the summary
        if self._bar is not None:
            self._bar.close()
        if self._redirect:
            self._redirect.__exit__(kind, error, trace)

    @property
    def seconds(self) -> float:
        """Since the beginning of this run."""
        return time.monotonic() - self._start

    @property
    def rate(self) -> float:
        """Finished in this run, per second."""
        return self._here / max(self.seconds, 1e-9)

    def advance(self, count: int, **numbers: float) -> None:
        """`count` more are done; `numbers` are shown beside them, as they stand now."""
        self._done += count
        self._here += count
        self._numbers = numbers
        if self._bar is not None:
            self._bar.set_postfix(numbers, refresh=False)
            self._bar.update(count)

    def _lines(self) -> None:
        """A line at each interval, whether anything has been finished in it or not."""
        while not self._ended.wait(_SECONDS_BETWEEN_LINES):
            self.say()

    def say(self) -> None:
        """Log where things stand."""
        left = self._seconds_left()
        shown = "".join(f", {name} {value:,}" for name, value in self._numbers.items())
        LOG.info(
            f"{self._done:,} of {self._total:,} {self._unit}, {self.rate:.1f}/s, "
            f"{timedelta(seconds=left) if left is not None else 'unknown time'} left{shown}",
            extra={
                "fields": {
                    "done": self._done,
                    "total": self._total,
                    "per_second": round(self.rate, 1),
                    "seconds_left": left,
                    **self._numbers,
                }
            },
        )

    def _seconds_left(self) -> int | None:
        """None before anything is done."""
        return round((self._total - self._done) / self.rate) if self._here else None
