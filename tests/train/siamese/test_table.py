"""Siamese runs in the table of experiments: the columns of the record, on a terminal and in Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceprep.train.runs import WIDTH, table
from faceprep.train.siamese.presets import SIAMESE_PRESETS
from faceprep.train.siamese.table import ALIGN, HEAD, NARROW_HEAD, narrow, variation, wide
from tests.train.small_runs import a_pair_run


def cells(run_cells: tuple[str, ...], head: tuple[str, ...] = HEAD) -> dict[str, str]:
    texts = (cell.replace("\N{NO-BREAK SPACE}", " ") for cell in run_cells)
    return dict(zip(head, texts, strict=True))


def test_a_run_is_a_row_of_the_record() -> None:
    found = cells(wide(a_pair_run(options={"input_size": "64x64x3"}, fit={"epochs": 20})))
    assert found == {
        "run": "[siamese-6-001](siamese-6-001/README.md)<br>2025-11-22 03:05",
        "net": "vgg16-bn<br>concat",
        "loss": "single",
        "optimiser": "adam",
        "lr": "1e-05",
        "weight decay": "0",
        "dropout": "0.5",
        "batch": "16",
        "pretrained": "yes: imagenet",
        "freeze": "7",
        "augmentation": "yes",
        "variation": "preset 6<br>input size 64x64x3<br>epochs 20",
        "validation": "81.2%<br>FF 85.0%<br>FP 77.5%",
        "test": "80.0%<br>FF 84.0%<br>FP 76.0%",
        "overfit": "no",
        "epochs (best), time": "20 (18)<br>10 min",
        "recorded": "83 / 83, 55",
        "status": "finished",
    }
    assert len(ALIGN) == len(HEAD)


def test_on_a_terminal_there_are_the_chief_columns() -> None:
    found = cells(narrow(a_pair_run()), NARROW_HEAD)
    assert list(found.values()) == [
        *("siamese-6-001", "vgg16-bn concat", "single", "1e-05", "yes", "7", "yes"),
        *("81.2%", "80.0%", "no", "20 (18)", "83 / 83, 55"),
    ]


@pytest.mark.parametrize("name", SIAMESE_PRESETS)
def test_every_preset_is_itself_without_variation(name: str) -> None:
    run = a_pair_run(preset=name, scores={})
    found = cells(wide(run))
    assert variation(run) == []
    assert found["validation"] == found["test"] == "–"
    record = SIAMESE_PRESETS[name].recorded
    assert (found["recorded"] == "–") == (record is None)
    if record and record.best_epoch is None:
        assert found["recorded"] == "50 / 50, –"


def test_what_differs_and_has_a_column_is_no_variation() -> None:
    run = a_pair_run(options={"dropout": 0.1, "learning_rate": 1e-4}, data={"others": ["more"]})
    assert variation(run) == ["1 further sets"]
    assert cells(wide(run))["dropout"] == "0.1"


@pytest.mark.parametrize(
    ("weights", "expected"),
    [("none", "no"), ("imagenet", "yes: imagenet"), ("/a/b/vgg.npz", "yes: vgg.npz")],
)
def test_weights_are_told_without_their_folder(weights: str, expected: str) -> None:
    assert cells(wide(a_pair_run(options={"pretrained": weights})))["pretrained"] == expected


def test_a_run_that_goes_on_says_so() -> None:
    run = a_pair_run(
        status="running", verdict="too early to say: 2 done", scores={}, best_epoch=None
    )
    assert cells(narrow(run), NARROW_HEAD)["overfit"] == "running"
    assert cells(wide(run))["overfit"] == "–"


@given(
    st.text(alphabet="abc-|*李 ", min_size=1, max_size=200),
    st.integers(1, 10**4),
    st.sampled_from(["running", "finished", "failed"]),
)
def test_the_table_fits_the_terminal(name: str, epochs: int, status: str) -> None:
    run = a_pair_run(name, epochs=epochs, best_epoch=epochs, status=status)
    assert all(len(line) <= WIDTH for line in table([run, a_pair_run()]))


def test_a_run_of_another_version_lacks_options_and_is_shown() -> None:
    run = a_pair_run()
    run.options.clear()
    assert cells(wide(run))["net"] == "–<br>–"
    assert len(narrow(run)) == len(NARROW_HEAD)
