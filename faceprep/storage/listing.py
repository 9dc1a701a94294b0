"""What lies behind a URL: pages of one listing, never a request for each file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from faceprep.storage import clients
from faceprep.storage.faults import Failed, Kind
from faceprep.storage.persistence import persist

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 1000  # entries; no server gives more at once


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a folder that something lies in.

    Attributes:
        name: POSIX path, relative to what was listed.
        size: in bytes; None for a folder.
        modified: when it was last written, seconds since the epoch; 0 for a folder, or if not known.
    """

    name: str
    size: int | None
    modified: float = 0.0


def entries(url: str, *, deep: bool, most: int | None = None) -> Iterator[Entry]:
    """The entries of a folder as they are now, in no particular order; none if it is missing.

    Args:
        url: of the folder.
        deep: every file below it; otherwise the files and folders right in it.
        most: entries asked for at once, when one is enough.

    Raises:
        Failed: it cannot be listed.
    """
    filesystem, path = clients.filesystem(url)
    if clients.is_object_store(url):
        page_of = _s3_page if url.startswith(clients.S3) else _gcs_page
        yield from _paged(url, page_of, filesystem, path, deep, most or PAGE)
    else:
        yield from _other(url, filesystem, path, deep)


def _paged(
    url: str, page_of: Any, filesystem: Any, path: str, deep: bool, most: int
) -> Iterator[Entry]:
    bucket, key = clients.bucket_and_key(path)
    prefix = f"{key}/" if key else ""
    options = {} if deep else {"delimiter": "/"}
    token = None
    while True:
        page: _Page = persist(
            url, lambda: page_of(filesystem, bucket, prefix, token, most, options)
        )
        for entry in page.entries:
            name = entry.name.removeprefix(prefix)
            if name and not name.endswith("/"):  # consoles mark a folder by an empty object
                yield Entry(name, entry.size, entry.modified)
        if (token := page.next) is None:
            return


@dataclass(frozen=True)
class _Page:
    entries: list[Entry]
    next: str | None


def _s3_page(
    filesystem: Any, bucket: str, prefix: str, token: str | None, most: int, options: dict[str, str]
) -> _Page:
    more = {"ContinuationToken": token} if token else {}
    delimiter = {"Delimiter": options["delimiter"]} if options else {}
    found = filesystem.call_s3(
        "list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=most, **more, **delimiter
    )
    below = [
        Entry(each["Prefix"].removesuffix("/"), None) for each in found.get("CommonPrefixes", ())
    ]
    files = [
        Entry(each["Key"], each["Size"], each["LastModified"].timestamp())
        for each in found.get("Contents", ())
    ]
    return _Page(below + files, found.get("NextContinuationToken"))


def _gcs_page(
    filesystem: Any, bucket: str, prefix: str, token: str | None, most: int, options: dict[str, str]
) -> _Page:
    found = filesystem.call(
        "GET",
        "b/{}/o",
        bucket,
        prefix=prefix,
        pageToken=token,
        maxResults=most,
        fields="nextPageToken,prefixes,items(name,size,updated)",
        json_out=True,
        **options,
    )
    below = [Entry(name.removesuffix("/"), None) for name in found.get("prefixes", ())]
    files = [
        Entry(each["name"], int(each["size"]), _seconds(each["updated"]))
        for each in found.get("items", ())
    ]
    return _Page(below + files, found.get("nextPageToken"))


def _other(url: str, filesystem: Any, path: str, deep: bool) -> Iterator[Entry]:
    """Of any other kind of fsspec file system."""
    filesystem.invalidate_cache()
    root = filesystem._strip_protocol(path).rstrip("/")
    list_ = filesystem.find if deep else filesystem.ls
    try:
        found = persist(url, lambda: list_(path, detail=True))
    except Failed as failed:
        if failed.fault.kind is Kind.MISSING:
            return
        raise
    for each in found.values() if deep else found:
        name = str(each["name"]).rstrip("/").removeprefix(root).lstrip("/")
        size = int(each["size"]) if each["type"] == "file" else None
        yield Entry(name, size, _seconds(each.get("mtime") or each.get("created") or 0.0))


def _seconds(time: Any) -> float:
    """A point in time, in whatever form, to seconds since the epoch."""
    if isinstance(time, str):  # RFC 3339 in UTC, with any number of digits after the seconds
        whole, _, fraction = time.rstrip("Z").partition(".")
        return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
    if isinstance(time, datetime):
        return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()
    return float(time)
