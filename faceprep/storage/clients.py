"""URL to fsspec file system: the only module that imports fsspec and what it needs for S3 and GCS.

Credentials and endpoints are found by the libraries themselves, in the environment, in their files, or
from the machine's account. Nothing is cached of what lies in a folder, and nothing is tried again by
the libraries where that can be told to them: `persistence` does it for all alike.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any, cast

from faceprep.errors import UsageError
from faceprep.storage.express import Express
from faceprep.storage.places import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

S3, GCS = ("s3", "s3a"), ("gs", "gcs")
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 30
"""Seconds without an answer after which a request has failed."""

_CONNECTIONS = 32
_CONCERNS_US = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"),
)

_made: dict[tuple[Any, ...], Any] = {}
_making = threading.Lock()


def is_object_store(url: str) -> bool:
    """Whether it is one of those in which there are no folders, only names with slashes."""
    return url.partition("://")[0] in S3 + GCS


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, one for all threads, and the path in it.

    Raises:
        UsageError: no such kind of URL, what it needs is not installed, or it carries a secret.
    """
    refuse_secrets(url)
    scheme, _, path = url.partition("://")
    if scheme in S3 + GCS:
        if not path.strip("/"):
            raise UsageError(f"{url}: names no bucket; write {scheme}://BUCKET/FOLDER")
        return (_s3() if scheme in S3 else _gcs()), path
    import fsspec

    try:
        return cast("tuple[Any, str]", fsspec.core.url_to_fs(url))
    except (ImportError, ValueError) as error:
        raise UsageError(f"{url}: {error}") from None


def read_at_once(url: str, span: tuple[int, int] | None = None) -> bytes | None:
    """A file, or a span of its bytes, by the short cut; None if that does not lead there."""
    if not url.startswith(S3):
        return None
    client, path = filesystem(url)
    return cast("Express", client.express).read(*bucket_and_key(path), span)


def bucket_and_key(path: str) -> tuple[str, str]:
    """The parts of a path: `bucket/a/b` to `bucket` and `a/b`."""
    bucket, _, key = path.strip("/").partition("/")
    return bucket, key


def _s3() -> Any:
    return _only_one("s3", _new_s3)


def _gcs() -> Any:
    return _only_one("gcs", _new_gcs)


def _only_one(kind: str, make: Callable[[], Any]) -> Any:
    """A client is dear (0.2 s), so there is one for each process and environment."""
    key = (kind, os.getpid(), *map(os.environ.get, _CONCERNS_US))
    if found := _made.get(key):
        return found
    with _making:
        if key not in _made:
            try:
                _made[key] = make()
            except ImportError:
                raise UsageError(
                    f"{kind} URLs need an extra that is not installed: pip install 'faceprep[{kind}]'"
                ) from None
        return _made[key]


def _new_s3() -> Any:
    import s3fs

    _hush("s3fs")
    client = s3fs.S3FileSystem(
        use_listings_cache=False,
        skip_instance_cache=True,
        max_concurrency=1,  # more would ask for the size before each read
        config_kwargs={
            "connect_timeout": CONNECT_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            "max_pool_connections": _CONNECTIONS,
            "retries": {"total_max_attempts": 1},
        },
    )
    client.retries = 1
    client.express = Express(client, READ_TIMEOUT)
    return client


def _new_gcs() -> Any:
    import aiohttp
    from gcsfs.core import GCSFileSystem  # the plain one: it asks nobody what a bucket is

    _hush("gcsfs")
    emulated = os.environ.get("STORAGE_EMULATOR_HOST")
    anonymous = emulated and not os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    return GCSFileSystem(
        token="anon" if anonymous else None,
        use_listings_cache=False,
        skip_instance_cache=True,
        requests_timeout=aiohttp.ClientTimeout(
            sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
        ),
    )


def _hush(library: str) -> None:
    """Of what goes wrong we speak ourselves; the library's log has tracebacks, and maybe secrets."""
    logger = logging.getLogger(library)
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
