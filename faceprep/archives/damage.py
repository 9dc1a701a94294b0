"""What is wrong with an archive as a whole, and what to do about it."""

from __future__ import annotations

from faceprep.errors import InputError


class Damaged(Exception):
    """The archive is not what it says, or not all of it is there; the message says how."""


def refusal(location: str, error: Exception) -> InputError:
    """The one line for an archive that cannot be listed."""
    if isinstance(error, OSError):
        return InputError(
            f"{location}: the archive cannot be read ({error.strerror or error}); "
            "make it readable, or take it out of the source"
        )
    return InputError(
        f"{location}: {error}; fetch or pack the archive again, or take it out of the source"
    )
