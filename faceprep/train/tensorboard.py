"""What TensorBoard shows of a run. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from faceprep.train import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from faceprep.train.history import Epoch


class Board:
    """The event file of one start of a run.

    Args:
        folder: of the event files.
    """

    def __init__(self, folder: str) -> None:
        self._writer: Any = tf.summary.create_file_writer(folder)

    def epoch(self, row: Epoch, faces: Sequence[Sequence[NDArray[np.float32]]] = ()) -> None:
        """Add an epoch: its figures, and a grid of pictures, 0 to 1, a row for each pair, if any."""
        with self._writer.as_default(step=row.epoch):
            for name, value in row.flat().items():
                if name != "epoch":
                    tf.summary.scalar(name, value)
            if faces:
                tf.summary.image("feature, prediction, target", pictures.grid(faces)[None])
        self._writer.flush()
