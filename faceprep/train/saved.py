"""The model in a run's folder, out of its file. Loads tensorflow."""

from __future__ import annotations

import zipfile
from typing import Any

from tensorflow import keras

from faceprep.errors import InputError
from faceprep.train.staging import local_file


def load_model(location: str, advice: str) -> Any:
    """The `keras.Model` in a `.keras` file, not compiled.

    Args:
        location: of the file; one behind a URL is copied first.
        advice: what to do where it cannot be loaded, for the error.

    Raises:
        InputError: it is missing, damaged, or not to be loaded.
    """
    with local_file(location) as file:
        if not zipfile.is_zipfile(file):  # Keras would say that it is not there
            raise InputError(f"{location}: missing or damaged; train again")
        try:
            return keras.models.load_model(file, compile=False)
        except Exception as error:  # Keras raises what it likes
            raise InputError(
                f"{location}: cannot be loaded ({_first_sentence(error)}); {advice}"
            ) from error


def _first_sentence(error: Exception) -> str:
    """Of what went wrong inside; Keras tells the whole configuration first."""
    words = " ".join(str(error).split()).rpartition("Exception encountered: ")[2]
    return words.partition(". ")[0]
