"""The log on stderr: lines for people, or JSON objects as cloud logging takes them.

A JSON line has `severity` (in Google Cloud Logging's words), `time` (RFC 3339), `message`, the numbers
that belong to the message, and `job`: which command on which machine it is of, which task of an array,
and the ids that the batch system has given it. They are fields of the line's own, and not
`logging.googleapis.com/labels`, so that every log service can be searched by them alike; Batch and
Cloud Run put labels of theirs beside them in any case.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

LOG = logging.getLogger("faceprep")

SEVERITIES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""The levels that Google Cloud Logging knows by the names that Python has for them."""

IDS = (
    *("BATCH_JOB_UID", "BATCH_TASK_INDEX", "BATCH_TASK_RETRY_ATTEMPT"),
    *("AWS_BATCH_JOB_ID", "AWS_BATCH_JOB_ATTEMPT", "AWS_BATCH_JOB_ARRAY_INDEX"),
    *("CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT"),
    *("JOB_COMPLETION_INDEX",),  # Kubernetes; the pod's name is the host's
    *("SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_JOB_ID", "SLURM_RESTART_COUNT"),
)
"""Variables by which batch systems tell a process what they call it; in the log in lower case."""

_described: dict[str, str] = {}


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
    """One object per line: severity, time (RFC 3339, UTC), message, the record's fields, the job."""

    def format(self, record: logging.LogRecord) -> str:
        """The object as one line of text."""
        entry = {
            "severity": record.levelname if record.levelname in SEVERITIES else "DEFAULT",
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
            "job": coordinates(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def describe(*, command: str | None = None, task: object = None) -> None:
    """Tell the log what its lines are of; what is None stays as it was.

    Args:
        command: for instance `extract` or `shard pairs`.
        task: of an array job; shown as `3/16`.
    """
    told = {"command": command, "task": task}
    _described.update({name: str(value) for name, value in told.items() if value is not None})


def coordinates(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """What this process is: command, host, pid, task of an array, the batch system's ids for it.

    Args:
        environment: where the ids are; those that are not set are left out.
    """
    ids = {name.lower(): environment[name] for name in IDS if environment.get(name)}
    return {**_described, "host": socket.gethostname(), "pid": os.getpid(), **ids}


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
