"""What the reading of a shard and of a part have in common: it loses nothing, and it never raises."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError
from faceprep.verify.fault import FaultLog
from faceprep.verify.images import ImageCheck
from faceprep.verify.keys import KeyList

if TYPE_CHECKING:
    from faceprep.dataset_folder import ImageForm
    from faceprep.verify.keys import Keys


@dataclass(frozen=True)
class Report:
    """What is in a file.

    Attributes:
        faults: what is wrong with it by itself.
        bytes: its size.
        records: how many could be read.
        images: how many were looked at.
        whole: whether every byte is as it was written, as far as the file alone can tell.
        keys: of its records.
    """

    faults: FaultLog
    bytes: int
    records: int
    images: int
    whole: bool
    keys: Keys


class Reading:
    """The way through one file, and what has been seen on it.

    Args:
        location: of the file.
        image: what its images should be.
    """

    def __init__(self, location: str, image: ImageForm) -> None:
        self.location = location
        self.images = ImageCheck(image)
        self.keys = KeyList(location)
        self.faults = FaultLog()
        self.bytes = self.records = 0
        self.whole = True

    def run(self) -> None:
        """Read the file to its end, or as far as it can be read."""
        try:
            with storage.open_input(self.location) as file:
                self.bytes = file.seek(0, io.SEEK_END)
                file.seek(0)
                self.read(file)
        except storage.OutOfReach:  # the store is gone, not the file
            raise
        except InputError as error:
            self.lose(str(error))
        except OSError as error:
            self.lose(f"cannot be read: {error.strerror or error}")
        except Exception as error:  # hostile bytes, or a bug: it costs one file, not the run
            self.lose(f"cannot be read to its end: {type(error).__name__}: {error}")

    def read(self, file: IO[bytes]) -> None:
        """Look at everything in the open file, and note what is wrong."""
        raise NotImplementedError

    def note(self, what: str, record: int | None = None) -> None:
        """Note what is wrong with a record, or with the file as a whole."""
        self.faults.add(self.location, record, what)

    def lose(self, what: str, record: int | None = None) -> None:
        """Note that some of the file is not as it was written."""
        self.whole = False
        self.note(what, record)
