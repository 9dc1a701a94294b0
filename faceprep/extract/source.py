"""The images of a part, as bytes: local ones read as they are needed, those behind a URL fetched ahead."""

from __future__ import annotations

import errno
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from faceprep import archives, storage
from faceprep.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from faceprep.extract.layouts import SourceImage

Content: TypeAlias = bytes | OSError | ImageError
"""What is in a file, or why nobody can tell."""

Contents: TypeAlias = "Generator[tuple[SourceImage, Content], None, None]"

THREADS = 8
"""That fetch at once; they wait for the network, and take next to none of the processor's time."""

MOST_IMAGES, MOST_BYTES = 32, 64 << 20
"""Fetched ahead at most; what is under way when the bytes are reached may come on top."""


def read_ahead(root: str, images: Sequence[SourceImage], folder: str) -> Contents:
    """Each image with its bytes, in the order given.

    Args:
        root: of the source; images behind a URL are fetched by threads, which end with the iterator.
        images: to read.
        folder: of the faces, where what is known of the source's archives lies.

    Raises:
        InputError: the source is behind a URL and out of reach.
    """
    read = partial(_read, root, folder)
    return _fetched(read, images) if storage.is_url(root) else _read_in_turn(read, images)


def _read_in_turn(
    read: Callable[[SourceImage], Content], images: Iterable[SourceImage]
) -> Contents:
    for image in images:
        yield image, read(image)


def _fetched(read: Callable[[SourceImage], Content], images: Iterable[SourceImage]) -> Contents:
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fetch")
    held, waiting = _Held(), iter(images)
    window: deque[tuple[SourceImage, Future[Content]]] = deque()
    try:
        while True:
            while len(window) < MOST_IMAGES and (held.bytes < MOST_BYTES or not window):
                if (image := next(waiting, None)) is None:
                    break
                window.append((image, pool.submit(held.add, read, image)))
            if not window:
                return
            image, fetched = window.popleft()
            yield image, held.take(fetched.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Held:
    """Counts the bytes that have come and are not taken yet."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def add(self, read: Callable[[SourceImage], Content], image: SourceImage) -> Content:
        content = read(image)
        with self._lock:
            self.bytes += _size(content)
        return content

    def take(self, content: Content) -> Content:
        with self._lock:
            self.bytes -= _size(content)
        return content


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else 0


def _read(root: str, folder: str, image: SourceImage) -> Content:
    try:
        if image.place is not None:
            return archives.read_member(root, image.place, folder)
        return storage.read_bytes(storage.join(root, image.key))
    except (OSError, ImageError) as error:
        return error
    except ValueError as error:  # a name that no file can have, out of a table
        return OSError(errno.EINVAL, str(error))
