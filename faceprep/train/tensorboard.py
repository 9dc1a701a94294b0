"""What TensorBoard shows of a run. Loads tensorflow."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from faceprep import sheets, storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from faceprep.train.history import Epoch

    Faces = Sequence[Sequence[NDArray[np.float32]]]


class Board:
    """The event file of one start of a run; behind a URL, where a file cannot grow, one of each epoch.

    Args:
        folder: of the event files.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._writer: Any = (
            None if storage.is_url(folder) else tf.summary.create_file_writer(folder)
        )

    def epoch(self, row: Epoch, faces: Faces = ()) -> None:
        """Add an epoch: its figures, and a grid of pictures, 0 to 1, a row for each pair, if any."""
        if self._writer:
            _write(self._writer, row, faces)
            return
        with tempfile.TemporaryDirectory(prefix="faceprep-") as scratch:
            writer = tf.summary.create_file_writer(scratch)
            _write(writer, row, faces)
            writer.close()
            for file in Path(scratch).iterdir():
                storage.write_bytes(storage.join(self._folder, file.name), file.read_bytes())


def _write(writer: Any, row: Epoch, faces: Faces) -> None:
    with writer.as_default(step=row.epoch):
        for name, value in row.flat().items():
            if name != "epoch":
                tf.summary.scalar(name, value)
        if faces:
            tf.summary.image("feature, prediction, target", sheets.grid(faces)[None])
    writer.flush()
