"""All runs in one picture: who is in it, in what order, whatever they are called and have come to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from faceprep.errors import StorageError
from faceprep.plotting import LIGHT
from faceprep.train.history import write_history
from faceprep.train.overview import FILE, save_overview
from faceprep.train.run_folder import write_run
from faceprep.train.runs import list_runs, write_index
from tests.train.small_runs import a_pair_run, a_run, epochs, pair_epochs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from faceprep.train.history import Epoch
    from faceprep.train.run_folder import Run


def store(folder: Path, run: Run, history: list[Epoch]) -> Run:
    (folder / run.name).mkdir(parents=True)
    write_run(str(folder / run.name), run)
    write_history(str(folder / run.name), history)
    return run


def picture(folder: Path) -> NDArray[Any]:
    with Image.open(folder / FILE) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def rows_of(sheet: NDArray[Any], colour: str) -> NDArray[np.intp]:
    """Rows of the left half, without the legend, that have a colour."""
    half = sheet[:, : sheet.shape[1] // 2]
    return np.flatnonzero((half == list(bytes.fromhex(colour[1:]))).all(axis=2).any(axis=1))


def test_the_best_run_comes_first(tmp_path: Path) -> None:
    for name, height in (("low", 0.55), ("high", 0.9), ("middle", 0.7)):
        store(tmp_path, a_pair_run(name), pair_epochs([height] * 4))
    assert save_overview(str(tmp_path), {"siamese": list_runs(str(tmp_path))})
    first, second, third = (
        rows_of(picture(tmp_path), colour).mean() for colour in LIGHT.series[:3]
    )
    assert first < second < third


def test_of_errors_the_smallest_is_the_best(tmp_path: Path) -> None:
    for name, height in (("low", 0.05), ("high", 0.09)):
        store(tmp_path, a_run(name), epochs([height] * 4))
    assert save_overview(str(tmp_path), {"autoencoder": list_runs(str(tmp_path))})
    first, second = (rows_of(picture(tmp_path), colour).mean() for colour in LIGHT.series[:2])
    assert first > second


def test_each_kind_has_its_panel_and_the_index_shows_them(tmp_path: Path) -> None:
    store(tmp_path, a_run("one"), epochs([0.06, 0.05]))
    store(tmp_path, a_pair_run("two"), pair_epochs([0.7, 0.8]))
    write_index(str(tmp_path), list_runs(str(tmp_path)))
    assert picture(tmp_path).shape == (1080, 960, 3)
    assert "](validation.png)" in (tmp_path / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["$x_{", "_a", "a" * 200, "李 \u202e", "100 % $", "-"])
def test_any_name_can_be_drawn(tmp_path: Path, name: str) -> None:
    store(tmp_path, a_pair_run(name), pair_epochs([0.7]))
    assert save_overview(str(tmp_path), {"siamese": list_runs(str(tmp_path))})
    assert picture(tmp_path).shape == (540, 960, 3)


def test_more_runs_than_looks_are_drawn_pale(tmp_path: Path) -> None:
    runs = [store(tmp_path, a_pair_run(f"{n}"), pair_epochs([0.5 + n / 50] * 3)) for n in range(12)]
    assert save_overview(str(tmp_path), {"siamese": runs})


def test_what_has_no_figures_is_left_out_and_a_damaged_history_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceprep.train.overview.LOG.propagate", True)
    runs = [
        store(tmp_path, a_pair_run("begun"), []),
        store(tmp_path, a_pair_run("diverged"), pair_epochs([math.nan])),
        store(tmp_path, a_pair_run("damaged"), pair_epochs([0.7])),
    ]
    (tmp_path / "damaged" / "history.csv").write_text("epoch\nx\n")
    assert not save_overview(str(tmp_path), {"siamese": runs})
    assert not (tmp_path / FILE).exists()
    assert "damaged/history.csv: not readable" in caplog.text
    write_index(str(tmp_path), runs)
    assert FILE not in (tmp_path / "README.md").read_text("utf-8")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    runs = [store(tmp_path, a_pair_run("one"), pair_epochs([0.7]))]
    (tmp_path / FILE).mkdir()
    with pytest.raises(StorageError, match=FILE):
        save_overview(str(tmp_path), {"siamese": runs})
