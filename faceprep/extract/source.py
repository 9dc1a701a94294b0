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

THREADS = 12
"""That fetch at once: 300 images/s where each takes 40 ms to come."""

MOST_IMAGES, MOST_BYTES = 48, 64 << 20
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
    window, waiting = _Window(read), iter(images)
    fetching: deque[tuple[SourceImage, Future[Content]]] = deque()
    try:
        while True:
            while window.has_room(len(fetching)):
                if (image := next(waiting, None)) is None:
                    break
                window.begin()
                fetching.append((image, pool.submit(window.fetch, image)))
            if not fetching:
                return
            image, fetched = fetching.popleft()
            yield image, window.take(fetched.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Window:
    """Counts what is being fetched, and the bytes that have come and are not taken yet."""

    def __init__(self, read: Callable[[SourceImage], Content]) -> None:
        self.under_way = self.bytes = 0
        self._read = read
        self._lock = threading.Lock()

    def has_room(self, images: int) -> bool:
        """Whether one more may be fetched, with so many not taken yet."""
        return (
            images < MOST_IMAGES
            and (self.under_way < THREADS or not images)
            and (self.bytes < MOST_BYTES or not images)
        )

    def begin(self) -> None:
        """One more is going to be fetched."""
        with self._lock:
            self.under_way += 1

    def fetch(self, image: SourceImage) -> Content:
        """In a thread: what is in the image."""
        content: Content = b""
        try:
            content = self._read(image)
        finally:
            with self._lock:
                self.under_way -= 1
                self.bytes += _size(content)
        return content

    def take(self, content: Content) -> Content:
        """It is not among what was fetched ahead any more."""
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
