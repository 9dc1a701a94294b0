"""What places are called: local paths and URLs."""

from __future__ import annotations

import os
import re

from faceprep.errors import UsageError

_USER = re.compile(r"^(?P<scheme>[^/]*://)[^/]*@(?P<rest>[^/@]*)")
TEMPORARY = ".tmp-"
"""In the name of every local file that is not whole yet."""


def is_url(location: str) -> bool:
    """Whether `location` is a URL such as `s3://bucket/faces` and not a local path."""
    return "://" in location


def join(location: str, name: str) -> str:
    """`name` (a POSIX path) below `location`."""
    return f"{location.rstrip('/')}/{name}" if location != "/" else f"/{name}"


def absolute(location: str) -> str:
    """A local path made absolute; a URL as it is. Raises UsageError for a URL that carries a secret."""
    if is_url(location):
        refuse_secrets(location)
        return location
    return os.path.abspath(location)  # noqa: PTH100 - keeps `..` and links apart from real paths


def refuse_secrets(url: str) -> None:
    """Let no URL in that carries a user name or a password: it would end up in logs and manifests.

    Raises:
        UsageError: it does; the message leaves that part out.
    """
    if found := _USER.match(url):
        raise UsageError(
            f"{found['scheme']}…@{found['rest']}: a URL must not carry credentials; give them in the "
            "environment, as the README says"
        )
