"""The made-up data set on disk: a few thousand pictures, copied once, and hard links to the copies."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from examples.sample_faces import make_sample
from tests.soak.catalogue import frames, pictures_wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.soak.catalogue import Frame, Size

_RENDERED_PEOPLE, _RENDERED_IMAGES = 20, 20  # of each, at the most
_LINKS = 65_000  # to one file, by the limits of ext4


class BuildError(Exception):
    """The data set cannot be made here; says what to do."""


def build(folder: Path, size: Size, source: Path | None) -> int:
    """Make `folder`/images and `folder`/raw, unless they are there.

    Args:
        folder: of the soak.
        size: of the data set.
        source: a folder of photographs; None to render faces.

    Returns:
        How many different pictures there are.

    Raises:
        BuildError: too few pictures, or a file system without hard links.
    """
    images, raw = folder / "images", folder / "raw"
    if not images.exists():
        wanted = pictures_wanted(size)
        _copy_pictures(source or _rendered(folder, wanted), images, wanted)
    copies = sorted(images.iterdir())
    if size.images > len(copies) * _LINKS:
        raise BuildError(f"{images}: {len(copies)} pictures are too few for {size.images:,} links")
    if not raw.exists():
        begun = folder / "raw.begun"
        shutil.rmtree(begun, ignore_errors=True)
        _link(begun, copies, frames(size, len(copies)))
        begun.rename(raw)  # last, so that one that is there is whole
    return len(copies)


def _copy_pictures(source: Path, images: Path, most: int) -> None:
    """Copy what differs, spread over the source, to NNNNN.jpg; never link to what is not ours."""
    found = sorted(source.rglob("*.jpg"))
    begun = images.with_name("images.begun")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    seen = set[bytes]()
    for path in found[:: max(1, len(found) // most)][:most]:
        content = path.read_bytes()
        digest = hashlib.sha256(content).digest()
        if digest not in seen:
            (begun / f"{len(seen):05d}.jpg").write_bytes(content)
            seen.add(digest)
    if not seen:
        raise BuildError(f"{source}: no .jpg in it; FACEPREP_CFP names a folder of photographs")
    begun.rename(images)


def _rendered(folder: Path, wanted: int) -> Path:
    each = min(_RENDERED_IMAGES, -(-wanted // _RENDERED_PEOPLE))
    make_sample(folder / "rendered", _RENDERED_PEOPLE, each)
    return folder / "rendered" / "raw"


def _link(root: Path, copies: Sequence[Path], wanted: Iterable[Frame]) -> None:
    made = ""
    for frame in wanted:
        clip = frame.key.rpartition("/")[0]
        if clip != made:
            (root / clip).mkdir(parents=True)
            made = clip
        try:
            os.link(copies[frame.picture], root / frame.key)
        except OSError as error:
            raise BuildError(
                f"{root}: no hard links can be made there ({error.strerror})"
            ) from None
