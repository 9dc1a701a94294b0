"""What places are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceprep import storage
from faceprep.errors import UsageError


@pytest.mark.parametrize(
    ("location", "expected"),
    [("s3://bucket/faces", True), ("memory://x", True), ("faces", False), ("/data/a:b", False)],
)
def test_a_url_is_told_from_a_path(location: str, expected: bool) -> None:
    assert storage.is_url(location) is expected


@pytest.mark.parametrize(
    ("location", "joined"),
    [
        ("faces", "faces/p/a.jpg"),
        ("faces/", "faces/p/a.jpg"),
        ("/", "/p/a.jpg"),
        (".", "./p/a.jpg"),
        ("s3://bucket/faces/", "s3://bucket/faces/p/a.jpg"),
    ],
)
def test_a_key_is_joined_with_one_slash(location: str, joined: str) -> None:
    assert storage.join(location, "p/a.jpg") == joined


def test_a_local_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert storage.absolute("faces/../raw") == str(Path.cwd() / "raw")


@pytest.mark.parametrize("url", ["s3://bucket/faces", "gs://bucket/a@b", "memory://x/"])
def test_a_url_is_absolute_as_it_is(url: str) -> None:
    assert storage.absolute(url) == url


@pytest.mark.parametrize(
    "url", ["s3://key:s3cr3t@bucket/faces", "s3://s3cr3t@bucket", "gs://a:s3cr3t@b@bucket/x"]
)
def test_a_url_that_carries_credentials_is_refused_without_saying_them(url: str) -> None:
    for use in (storage.absolute, storage.names, storage.read_bytes, storage.make_folder):
        with pytest.raises(
            UsageError, match=r"…@bucket: a URL must not carry credentials"
        ) as caught:
            use(url)
        assert "s3cr3t" not in str(caught.value)
