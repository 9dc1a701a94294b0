"""The report says what was judged, how, and what stands against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from faceprep.evaluate.leak import Choice
from faceprep.evaluate.report import percent, remarks, spread, write_report
from faceprep.evaluate.worst import worst_errors
from tests.evaluate.small_protocol import made_up, opened, small_protocol
from tests.evaluate.test_evaluation import evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from faceprep.evaluate.evaluation import Evaluation
    from faceprep.train.siamese.judged import Judged

CLEAN = Choice((1, 2, 3))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return made_up(opened(small_protocol(tmp_path_factory.mktemp("small"))))


def page(folder: Path, found: Evaluation) -> str:
    found = replace(found, folder=str(folder))
    write_report(found, worst_errors(found.judged, found.figures))
    return (folder / "README.md").read_text("utf-8")


def row(text: str, title: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {title}"))
    return [cell.strip(" *") for cell in line.strip("|").split("|")][1:]


def test_the_table_has_the_figures_of_both_protocols(tmp_path: Path, judged: Judged) -> None:
    found = evaluation(judged, CLEAN)
    text = page(tmp_path, found)
    figures = list(found.figures.values())
    assert row(text, "**accuracy**") == [
        spread(each.accuracy_mean, each.accuracy_std) for each in figures
    ]
    assert row(text, "AUC |") == [f"{each.auc:.4f}" for each in figures]
    assert row(text, "EER, %") == [percent(each.eer) for each in figures]
    assert row(text, "TAR at FAR 0.1 %") == [percent(each.tar_at_far_1e_3) for each in figures]
    assert row(text, "optimistic: accuracy at the best threshold of the test")[0] == spread(
        figures[0].best_on_test_mean, figures[0].best_on_test_std
    )
    assert row(text, "stand-ins: images") == ["0", "1"]
    assert figures[0].threshold_rule in text
    for name in ("roc.png", "scores.png", "worst.png", "evaluation.json", "scores.csv"):
        assert f"({name})" in text
    assert text.count("\n| 02 | ") == 2
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<table>") == 5


def test_a_leak_is_warned_of_first_of_all(tmp_path: Path, judged: Judged) -> None:
    choice = Choice((1, 2, 3), leaked={2: 3}, trained_people=3)
    text = page(tmp_path, evaluation(judged, choice))
    assert text.splitlines()[2].startswith("> **Warning: a leak.** The run was trained on 3 of")
    assert "Warning" not in page(tmp_path, evaluation(judged, CLEAN))


def test_what_was_left_out_and_what_decided_is_named(judged: Judged) -> None:
    choice = Choice((1, 2, 3), left_out={4: 50, 5: 49}, validated=(3,))
    left_out, validated, note = remarks(evaluation(judged, choice))
    assert left_out.endswith("04 (50), 05 (49).")
    assert validated.startswith("The people of fold 03 decided on the best epoch")
    assert note == "A note."


def test_stand_ins_are_listed_where_that_was_asked_for(tmp_path: Path, judged: Judged) -> None:
    text = page(tmp_path, evaluation(judged, CLEAN, name_stand_ins=True))
    assert "- `003/profile/02.jpg`" in text
    assert "FF: 0 images" not in text
    assert "003/profile/02.jpg" not in page(tmp_path, evaluation(judged, CLEAN))


def test_one_protocol_alone_has_one_column(tmp_path: Path, judged: Judged) -> None:
    text = page(tmp_path, evaluation(judged.only("FF"), CLEAN))
    assert len(row(text, "**accuracy**")) == 1


def test_shares_are_told_in_per_cent() -> None:
    assert (percent(0.84), spread(0.8371, 0.0101)) == ("84.0", "83.7 ± 1.0")
