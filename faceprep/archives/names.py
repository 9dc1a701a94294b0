"""What a file or a member is called, and what that says."""

from __future__ import annotations

import re

ENDINGS = (".tar.gz", ".tgz", ".tar", ".zip")
OTHERS = (".7z", ".rar", ".gz", ".bz2", ".tbz2", ".tbz", ".xz", ".txz", ".zst", ".lzma", ".z")

NESTED = "archives within archives (unpack them)"
LINKS = "links in archives (pack with --dereference --hard-dereference)"
SPECIAL = "devices and the like in archives"
SPARSE = "sparse files in archives (pack without --sparse)"
OUTSIDE = "members of archives whose names point outside"

_LONGEST = 4096
_DRIVE = re.compile(r"[A-Za-z]:(?:[/\\]|$)")


class PassedOver(Exception):
    """A member that is not listed; the message is the reason it is counted under."""


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as a folder."""
    return name.lower().endswith(ENDINGS)


def is_other_archive(name: str) -> bool:
    """Whether it is an archive of a kind that is not read."""
    return name.lower().endswith(OTHERS) and not is_archive(name)


def stem(name: str) -> str:
    """The name of an archive without what makes it one."""
    ending = next(ending for ending in ENDINGS if name.lower().endswith(ending))
    return name[: -len(ending)]


def member_path(name: bytes, *, backslashes: bool = False) -> str:
    """A member's name as a clean POSIX path.

    Args:
        name: as it stands in the archive.
        backslashes: they part folders too (zip files made by careless programs).

    Raises:
        PassedOver: it is hidden, no text, or points out of the archive.
    """
    try:
        text = name.decode()
    except UnicodeDecodeError:
        raise PassedOver("names that are not UTF-8 (rename them)") from None
    if backslashes:
        text = text.replace("\\", "/")
    if text.startswith(("/", "\\")) or _DRIVE.match(text) or ".." in re.split(r"[/\\]", text):
        raise PassedOver(OUTSIDE)
    if "\0" in text or len(name) > _LONGEST:
        raise PassedOver("names in archives that no file can have")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts:
        raise PassedOver("names in archives that no file can have")
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        raise PassedOver("hidden")
    return "/".join(parts)
