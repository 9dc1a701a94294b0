"""The images of a part, one after the other: local ones as they are needed, others fetched ahead."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from faceprep import storage
from faceprep.errors import InputError
from faceprep.extract import source
from faceprep.extract.layouts import SourceImage
from faceprep.extract.source import read_ahead
from tests.object_stores import Fault, s3_error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_stores import Gate

KEYS = [f"p{number % 3}/{number:03d}.jpg" for number in range(100)]
IMAGES = [SourceImage(key, "ann") for key in KEYS]


def content(key: str) -> bytes:
    return key.encode() * 100


def fill(url: str, keys: list[str]) -> None:
    for key in keys:
        storage.write_bytes(f"{url}/{key}", content(key))


def fetchers() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("fetch")]


@pytest.fixture
def local(tmp_path: Path) -> str:
    for key in KEYS:
        path = tmp_path / key
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content(key))
    return str(tmp_path)


@pytest.fixture
def remote(s3_bucket: str, s3_gate: Gate) -> str:
    fill(f"{s3_bucket}/raw", KEYS)
    s3_gate.reset()
    return f"{s3_bucket}/raw"


def test_local_images_come_in_order_without_threads(local: str) -> None:
    found = []
    for image, data in read_ahead(local, IMAGES, ""):
        found.append((image.key, data))
        assert not fetchers()
    assert found == [(key, content(key)) for key in KEYS]


def test_images_behind_a_url_come_in_order(bucket: str) -> None:
    fill(f"{bucket}/raw", KEYS[:20])
    found = [(image.key, data) for image, data in read_ahead(f"{bucket}/raw", IMAGES[:20], "")]
    assert found == [(key, content(key)) for key in KEYS[:20]]
    assert not fetchers()


def test_each_image_is_one_request(remote: str, s3_gate: Gate) -> None:
    assert len(list(read_ahead(remote, IMAGES, ""))) == len(KEYS)
    assert sorted(request.split("/raw/")[1] for request in s3_gate.requests) == sorted(KEYS)


def test_a_missing_image_is_what_it_is_among_the_others(remote: str) -> None:
    storage.remove(f"{remote}/{KEYS[1]}")
    _, second, third = (data for _, data in read_ahead(remote, IMAGES[:3], ""))
    assert isinstance(second, FileNotFoundError)
    assert third == content(KEYS[2])


def test_a_missing_local_image_is_what_it_is(local: str) -> None:
    ((_, data),) = read_ahead(local, [SourceImage("p0/nowhere.jpg", "ann")], "")
    assert isinstance(data, FileNotFoundError)


def test_a_name_that_no_file_can_have_is_an_error_of_that_image(local: str) -> None:
    ((_, data),) = read_ahead(local, [SourceImage("p0/\0.jpg", "ann")], "")
    assert isinstance(data, OSError)
    assert data.strerror == "embedded null byte"


def test_no_more_than_the_window_is_fetched_ahead(remote: str, s3_gate: Gate) -> None:
    images = read_ahead(remote, IMAGES, "")
    next(images)
    time.sleep(0.5)
    assert len(s3_gate.requests) <= source.MOST_IMAGES
    images.close()


def test_large_images_fill_the_window_sooner(
    remote: str, s3_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 1)
    monkeypatch.setattr(source, "THREADS", 1)
    images = read_ahead(remote, IMAGES[:50], "")
    for _ in range(10):
        next(images)
        time.sleep(0.02)  # what is under way comes
    taken = len(s3_gate.requests)
    assert len(list(images)) == 40  # and yet it goes on to the end
    assert taken <= 12


def test_the_threads_end_with_the_iterator(remote: str) -> None:
    images = read_ahead(remote, IMAGES, "")
    next(images)
    assert fetchers()
    images.close()
    assert not fetchers()


def test_a_source_out_of_reach_ends_it(remote: str, s3_gate: Gate) -> None:
    s3_gate.faults.extend([Fault(400, s3_error("ExpiredToken"))] * 1000)
    with pytest.raises(InputError, match="does not accept the credentials"):
        list(read_ahead(remote, IMAGES, ""))
    assert not fetchers()


def test_the_next_images_are_fetched_while_one_is_looked_at(remote: str, s3_gate: Gate) -> None:
    """With a server that takes 50 ms for each, as one across the net does."""
    s3_gate.faults.clear()
    s3_gate.delay = 0.05
    begun = time.monotonic()
    for _ in read_ahead(remote, IMAGES[:32], ""):
        time.sleep(0.02)
    s3_gate.delay = 0.0
    assert time.monotonic() - begun < 0.6 * 32 * 0.07
