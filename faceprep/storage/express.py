"""A short cut for reading objects of S3: the same request, an eighth of the processor's time.

Of the time that an image takes, s3fs would use half as much again for bringing it (1.5 ms, measured);
obstore, which is Rust, takes 0.2 ms. It gets endpoint, region and credentials from s3fs's client, and
reads what can be read at once. Whatever does not succeed at once is left to s3fs, which knows all of
S3's ways, and to `persistence`, so that there is one place for errors.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Any

_PLAIN = re.compile(r"\.?[\w-][\w .=+,()-]*(?:/\.?[\w-][\w .=+,()-]*)*", re.ASCII)
"""Keys that mean the same to everybody; others may be written in more than one way."""

_REST = 30.0  # seconds
_OF_THE_FILE = ("FileNotFoundError", "PermissionDeniedError")
_VALID = timedelta(minutes=5)


class Express:
    """Reads objects of one S3 account.

    Args:
        client: s3fs's file system.
        timeout: seconds one request may take.
    """

    def __init__(self, client: Any, timeout: float) -> None:
        self._client = client
        self._timeout = timedelta(seconds=timeout)
        self._stores: dict[str, Any] = {}
        self._closed_until = 0.0

    def read(self, bucket: str, key: str, span: tuple[int, int] | None) -> bytes | None:
        """An object, or the bytes of it from one place to before another.

        Returns:
            None if it is to be read the long way.
        """
        if time.monotonic() < self._closed_until or not _PLAIN.fullmatch(key):
            return None
        try:
            if bucket not in self._stores:
                self._stores[bucket] = self._open(bucket)
            store = self._stores[bucket]
            if span is None:
                return bytes(store.get(key).bytes())
            return bytes(store.get_range(key, start=span[0], end=span[1]))
        except Exception as error:  # whatever it is, the long way finds out
            if type(error).__name__ not in _OF_THE_FILE:
                self._closed_until = time.monotonic() + _REST
            return None

    def _open(self, bucket: str) -> Any:
        from obstore.store import S3Store

        endpoint = self._client.s3.meta.endpoint_url
        signing = (
            {"skip_signature": True}
            if self._client.anon
            else {"credential_provider": _Credentials(self._client)}
        )
        return S3Store(
            bucket,
            endpoint=endpoint,
            region=self._client.s3.meta.region_name or "us-east-1",
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": self._timeout},
            retry_config={"max_retries": 0},
            **signing,
        )


class _Credentials:
    """Those that s3fs uses, asked for anew every few minutes, since some expire."""

    def __init__(self, client: Any) -> None:
        import botocore.session

        self._given = (client.key, client.secret, client.token)
        self._session = botocore.session.Session(profile=client.kwargs.get("profile"))

    def __call__(self) -> dict[str, Any]:
        key, secret, token = self._given
        if not key:
            key, secret, token = self._session.get_credentials().get_frozen_credentials()[:3]
        return {
            "access_key_id": key,
            "secret_access_key": secret,
            "token": token,
            "expires_at": datetime.now(timezone.utc) + _VALID,
        }
