"""CFP's verification protocol, read strictly.

    Pair_list_F.txt, Pair_list_P.txt     lines `number path`: the frontal and the profile images, from 1
    Split/{FF,FP}/NN/{same,diff}.txt     lines `a,b`: pairs of fold NN; in FP, a is frontal, b profile

(Sengupta et al., "Frontal to Profile Face Verification in the Wild", WACV 2016.)
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.log import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDS = 10
"""As published; there may be fewer."""

PAIRS_PER_FILE = 350
"""As published."""

PROTOCOLS = {"FF": ("F", "F"), "FP": ("F", "P")}
"""Protocol to the lists that its first and its second image are from."""

_FOLD = re.compile(r"0[1-9]|10")
_LISTED = re.compile(r"(\d+)\s+(\S.*?)\s*")
_PAIR = re.compile(r"\s*(\d+)\s*,\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class ProtocolPair:
    """One line of a fold.

    Attributes:
        file: that it stands in, below the protocol's folder.
        line: its number, from 1.
        protocol: FF or FP.
        fold: from 1.
        same: whether the file is of pairs of one person.
        first: path of the first image, relative to the protocol's folder.
        second: of the second image.
    """

    file: str
    line: int
    protocol: str
    fold: int
    same: bool
    first: str
    second: str

    @property
    def split(self) -> str:
        """For instance `ff01`."""
        return f"{self.protocol.lower()}{self.fold:02d}"

    @property
    def key(self) -> str:
        """What the pair is called, for instance `ff01/same/17`."""
        return f"{self.split}/{'same' if self.same else 'diff'}/{self.line}"


@dataclass(frozen=True)
class Protocol:
    """A verification protocol.

    Attributes:
        folder: that it was read from.
        pairs: of all folds, in the order of protocol, fold, file and line.
        digest: SHA-256 of what was read.
    """

    folder: str
    pairs: tuple[ProtocolPair, ...]
    digest: str

    @property
    def splits(self) -> tuple[str, ...]:
        """In order, for instance ff01, ff02, …, fp10."""
        return tuple(dict.fromkeys(pair.split for pair in self.pairs))


def read_protocol(folder: str) -> Protocol:
    """Read the lists and folds.

    Raises:
        InputError: a file is missing or does not read as it should; names file and line.
    """
    total = hashlib.sha256()
    lists = {name: _read_list(folder, name, total) for name in ("F", "P")}
    pairs: list[ProtocolPair] = []
    for protocol, (first, second) in PROTOCOLS.items():
        folds = _folds(folder, protocol)
        if len(folds) < FOLDS:
            LOG.info(f"{protocol}: {len(folds)} of the {FOLDS} published folds are there")
        for fold in folds:
            pairs += _read_fold(folder, protocol, fold, (lists[first], lists[second]), total)
    if not pairs:
        raise InputError(f"{folder}: its folds hold no pairs")
    return Protocol(folder, tuple(pairs), total.hexdigest())


def _read_list(folder: str, name: str, total: hashlib._Hash) -> list[str]:
    """The paths of one list; its numbers must be 1, 2, 3 and so on."""
    file = f"Pair_list_{name}.txt"
    paths = []
    for number, line in _lines(folder, file, total):
        match = _LISTED.fullmatch(line)
        if not match or int(match[1]) != number:
            raise _unreadable(folder, file, number, line, f"'{number} PATH'")
        paths.append(match[2])
    return paths


def _folds(folder: str, protocol: str) -> list[str]:
    below = posixpath.join("Split", protocol)
    found = storage.folders(storage.join(folder, below))
    if strangers := [name for name in found if not _FOLD.fullmatch(name)]:
        raise InputError(
            f"{storage.join(folder, below)}: '{strangers[0]}' is no fold; they are 01 to 10"
        )
    if not found:
        raise InputError(
            f"{storage.join(folder, below)}: no folds in it; folds are called 01, 02, …"
        )
    return found


def _read_fold(
    folder: str, protocol: str, fold: str, lists: tuple[list[str], list[str]], total: hashlib._Hash
) -> Iterator[ProtocolPair]:
    for same, name in ((True, "same.txt"), (False, "diff.txt")):
        file = posixpath.join("Split", protocol, fold, name)
        count = 0
        for count, line in _lines(folder, file, total):
            first, second = _images(folder, file, count, line, lists)
            yield ProtocolPair(file, count, protocol, int(fold), same, first, second)
        if count != PAIRS_PER_FILE:
            LOG.warning(f"{file}: {count} pairs; the published protocol has {PAIRS_PER_FILE}")


def _images(
    folder: str, file: str, number: int, line: str, lists: tuple[list[str], list[str]]
) -> list[str]:
    match = _PAIR.fullmatch(line)
    if not match:
        raise _unreadable(folder, file, number, line, "'a,b'")
    images = []
    for index, paths in zip(map(int, match.groups()), lists, strict=True):
        if not 1 <= index <= len(paths):
            what = f"an index from 1 to {len(paths)}"
            raise _unreadable(folder, file, number, line, what)
        images.append(paths[index - 1])
    return images


def _lines(folder: str, file: str, total: hashlib._Hash) -> Iterator[tuple[int, str]]:
    """Line number and line; an empty last line does not count."""
    location = storage.join(folder, file)
    try:
        content = storage.read_bytes(location)
        text = content.decode()
    except FileNotFoundError:
        raise InputError(
            f"{location}: missing; name CFP's folder Protocol, with Pair_list_F.txt in it"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{location}: cannot be read ({error})") from None
    total.update(f"{file}\0{len(content)}\0".encode() + content)
    yield from enumerate(text.splitlines(), start=1)


def _unreadable(folder: str, file: str, number: int, line: str, expected: str) -> InputError:
    return InputError(f"{storage.join(folder, file)}:{number}: '{line[:80]}' is not {expected}")
