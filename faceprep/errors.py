"""Every error a user can meet, and the exit code of each.

    FaceprepError                1  the run went wrong, or found what it was told not to accept
    ├── Diverged                 1  training: a loss, or a model's scores, are no numbers
    ├── UsageError               2  the command line, the environment or faceprep.toml
    ├── InputError               3  the input as a whole: missing, empty, unreadable, not what it says
    │   └── OutOfReach           3  behind a URL: no answer, no permission, no such bucket
    ├── StorageError             4  the output could not be written: full disk, no permission
    ├── SetupError               5  the machine lacks something: a system library, the model file
    └── ImageError               –  one image: becomes a row with a status, never ends a run
        ├── Unreadable              status `unreadable`
        └── TooLarge                status `too_large`

    BaseException
    └── Interrupted      128 + N  ended by signal N: 130 for Ctrl-C, 143 for SIGTERM

The message says what was wrong, where, and what to do. `cli.main` is the one place that turns these
into a line and an exit code.
"""

from __future__ import annotations

import signal


class FaceprepError(Exception):
    """Base of all; the run went wrong."""

    exit_code = 1


class Diverged(FaceprepError):
    """A loss or a score of a model is no number."""


class UsageError(FaceprepError):
    """A wrong option, environment variable or setting."""

    exit_code = 2


class InputError(FaceprepError):
    """The input as a whole cannot be used."""

    exit_code = 3


class OutOfReach(InputError):
    """A whole place behind a URL cannot be read now; that says nothing of the files in it."""


class StorageError(FaceprepError):
    """The output could not be written; what was finished stays good."""

    exit_code = 4


class SetupError(FaceprepError):
    """The machine lacks something that `faceprep doctor` names."""

    exit_code = 5


class Interrupted(BaseException):
    """A signal asked the run to end. No `except Exception` on the way may stop it.

    Args:
        signum: the number of the signal, for instance `signal.SIGTERM`.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
        self.exit_code = 128 + signum

    def __str__(self) -> str:
        name = "Ctrl-C" if self.signum == signal.SIGINT else signal.Signals(self.signum).name
        return f"stopped by {name}"


class ImageError(FaceprepError):
    """One image cannot be used; `status` is what its row says."""

    status = "unreadable"


class Unreadable(ImageError):
    """Not an image, of an unsupported format, or too damaged to show anything."""


class TooLarge(ImageError):
    """More pixels than the limit; found out before decoding."""

    status = "too_large"
