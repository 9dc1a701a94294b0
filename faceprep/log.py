"""The log on stderr: lines for people, or JSON objects as cloud logging takes them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = logging.getLogger("faceprep")


class TextFormatter(logging.Formatter):
    """`faceprep: message` for warnings and errors, the bare message with the time otherwise."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback below it where the record carries one."""
        if record.levelno >= logging.WARNING:
            line = f"faceprep: {record.levelname.lower()}: {record.getMessage()}"
        else:
            line = f"{self.formatTime(record, '%H:%M:%S')} {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One object per line: severity, time (RFC 3339, UTC), message, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The object as one line of text."""
        entry = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def start(log_format: str, *, quiet: bool) -> None:
    """Send the log of this process to stderr.

    Args:
        log_format: `text` or `json`.
        quiet: warnings and errors alone.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep what C++ libraries say as they start off stderr, unless FACEPREP_DEBUG is set."""
    if os.environ.get("FACEPREP_DEBUG"):
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
