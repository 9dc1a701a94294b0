"""All runs in one table: which are found, in what order, in how many columns, beside whose notes."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from faceprep import storage
from faceprep.commands.runs import runs
from faceprep.train import words
from faceprep.train.run_folder import write_run
from faceprep.train.runs import WIDTH, list_runs, markdown_tables, table, write_index
from faceprep.train.words import Measure
from tests.train.small_runs import a_pair_run, a_run

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

READER = MarkdownIt("commonmark").enable("table")


def store(runs_dir: Path, name: str, **changes: Any) -> None:
    (runs_dir / name).mkdir(parents=True)
    write_run(str(runs_dir / name), a_run(name, **changes))


def index(runs_dir: Path) -> str:
    write_index(str(runs_dir), list_runs(str(runs_dir)))
    return (runs_dir / "README.md").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")


def row(text: str, name: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| [{name}]"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_runs_are_listed_the_newest_first(tmp_path: Path) -> None:
    store(tmp_path, "autoencoder-v4-001", began="2025-11-20T09:00:00+00:00")
    store(tmp_path, "autoencoder-v12-001", began="2025-11-22T03:05:11+00:00")
    store(tmp_path, "autoencoder-frontal-001", began="2025-11-21T23:59:59+00:00")
    store(tmp_path, "autoencoder-frontal-002", began="2025-11-21T23:59:59+00:00")
    assert [run.name for run in list_runs(str(tmp_path))] == [
        "autoencoder-v12-001",
        "autoencoder-frontal-002",
        "autoencoder-frontal-001",
        "autoencoder-v4-001",
    ]


def test_runs_behind_a_url_are_listed_and_their_index_is_beside_them(memory_url: str) -> None:
    for name, began in (("one", "2025-11-20T09:00:00"), ("other", "2025-11-21T09:00:00")):
        write_run(f"{memory_url}/{name}", a_run("before", began=f"{began}+00:00"))
    found = CliRunner().invoke(runs, [memory_url], catch_exceptions=False)
    assert [line.split()[0] for line in found.stdout.splitlines()] == ["run", "other", "one"]
    page = storage.read_bytes(f"{memory_url}/README.md").decode()
    assert row(page, "one")[0] == "[one](one/README.md)"


def test_what_is_no_run_is_passed_over_and_what_is_damaged_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("faceprep"), "propagate", True)
    monkeypatch.setattr(logging.getLogger("faceprep"), "handlers", [])
    store(tmp_path, "good")
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").touch()
    for name, content in (
        ("cut", '{"format": 1, "ki'),
        ("newer", '{"format": 99}'),
        ("list", "[]"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(content, "utf-8")
    assert [run.name for run in list_runs(str(tmp_path))] == ["good"]
    warned = [record.getMessage() for record in caplog.records]
    assert [message.partition("/run.json")[0] for message in warned] == [
        str(tmp_path / name) for name in ("cut", "list", "newer")
    ]


def test_a_folder_that_is_not_there_has_no_runs(tmp_path: Path) -> None:
    assert list_runs(str(tmp_path / "runs")) == []


def test_a_run_goes_by_the_name_that_its_folder_has_now(tmp_path: Path) -> None:
    store(tmp_path, "before")
    (tmp_path / "before").rename(tmp_path / "my best")
    assert list_runs(str(tmp_path))[0].name == "my best"
    assert "[my best](my%20best/README.md)" in index(tmp_path)


def test_the_index_tells_each_run_in_a_row(tmp_path: Path) -> None:
    store(tmp_path, "autoencoder-v12-001", options={"latent": 128})
    text = index(tmp_path)
    assert "1 run, the newest first; written by `faceprep runs`." in text
    assert row(text, "autoencoder-v12-001") == [
        "[autoencoder-v12-001](autoencoder-v12-001/README.md)",
        "2025-11-22 03:05",
        "v12<br>latent 128",
        "mse 0.0456 (0.95)<br>SSIM 0.471 (1.15)",
        "mse 0.0504 (1.05)",
        "finished<br>still improving",
        "30 (30)<br>30 min",
        "18.7 M",
        "7,540 records<br>`01234567`",
    ]


def test_a_run_that_has_only_begun_is_listed_too(tmp_path: Path) -> None:
    store(
        tmp_path,
        "new",
        scores={},
        verdict="",
        status="running",
        epochs=0,
        best_epoch=None,
        seconds=0,
    )
    assert row(index(tmp_path), "new")[3:7] == ["–", "–", "running", "0<br>0 s"]
    assert table(list_runs(str(tmp_path)))[1].endswith("running")


def test_runs_of_an_unknown_kind_stand_in_the_table_of_autoencoders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(words.MEASURES, "accuracy", Measure("accuracy", ".3f"))
    store(tmp_path, "autoencoder-v12-001")
    scores = {"validation": {"model": {"accuracy": 0.91, "images": 700}}}
    store(tmp_path, "other-001", kind="other", preset="facenet", scores=scores)
    text = index(tmp_path)
    assert "## " not in text.replace("## Notes", "")
    assert "accuracy 0.910" in row(text, "other-001")
    assert "accuracy 0.910" in "\n".join(table(list_runs(str(tmp_path))))


def test_each_kind_has_a_table_of_its_own() -> None:
    runs = [a_run("one"), a_pair_run("two"), a_run("three")]
    lines = table(runs)
    assert [line.split(" ")[0] for line in lines] == [
        *("run", "one", "three", "", "run", "two"),
        *("Overfit:", "training", "Recorded:"),
    ]
    text = "\n".join(markdown_tables(runs))
    assert text.index("## Autoencoders") < text.index("[three]") < text.index("## Siamese networks")
    assert "## " not in "\n".join(markdown_tables(runs[1:2]))
    assert READER.render(text).count("<table>") == 2


def test_both_tables_are_in_the_index(tmp_path: Path) -> None:
    store(tmp_path, "autoencoder-v12-001")
    (tmp_path / "siamese-6-001").mkdir()
    write_run(str(tmp_path / "siamese-6-001"), a_pair_run())
    text = index(tmp_path)
    assert "2 runs, the newest first" in text
    assert "## Autoencoders" in text
    assert row(text, "siamese-6-001")[1] == "vgg16-bn<br>concat"


def test_the_command_prints_the_form_that_is_asked_for(
    tmp_path: Path, faceprep: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    store(tmp_path, "autoencoder-v12-001")
    for form, first in (("text", "run   "), ("md", "| run | began (UTC) |"), ("csv", "kind,name,")):
        done = faceprep("runs", tmp_path, "--format", form)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(first)
        assert "autoencoder-v12-001" in done.stdout
    told = json.loads(faceprep("runs", tmp_path, "--json").stdout)
    assert [run["name"] for run in told["runs"]] == ["autoencoder-v12-001"]
    assert faceprep("runs", tmp_path, "--format", "xml").returncode == 2
    assert faceprep("runs", tmp_path / "none").returncode == 3


def test_notes_in_the_index_stay(tmp_path: Path) -> None:
    store(tmp_path, "one")
    page = tmp_path / "README.md"
    page.write_text(f"{index(tmp_path)}v4 learns nothing.\n", "utf-8")
    store(tmp_path, "two")
    text = index(tmp_path)
    assert "2 runs" in text
    assert text.endswith("-->\n\nv4 learns nothing.\n")


def test_an_experiment_log_written_by_hand_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Log\n\nv1 was too large.\n", "utf-8")
    assert index(tmp_path).endswith("# Log\n\nv1 was too large.\n")


def test_the_table_has_a_head_and_a_line_for_each_run() -> None:
    lines = table([a_run(), a_run("autoencoder-frontal-001", status="failed", scores={})])
    assert lines == [
        "run                      began       params   epochs    time  "
        "validation                            overfitting",
        "autoencoder-v12-001      2025-11-22  18.7 M  30 (30)  30 min  "
        "mse 0.0456 (0.95), SSIM 0.471 (1.15)  still improving",
        "autoencoder-frontal-001  2025-11-22  18.7 M  30 (30)  30 min  "
        "–                                     failed",
    ]
    assert len(table([])) == 1


def test_the_number_at_the_end_of_a_long_name_stays() -> None:
    name = f"autoencoder-{'very-' * 20}long-017"
    line = table([a_run(name)])[1]
    assert len(line) <= WIDTH
    assert line.startswith("autoencoder")
    assert "…" in line
    assert "-017 " in line


@given(
    st.text(alphabet="abc-|*李 ", min_size=1, max_size=200),
    st.integers(0, 10**10),
    st.integers(1, 10**5),
    st.floats(0, 1e7),
    st.sampled_from(["running", "finished", "failed"]),
)
def test_the_table_fits_the_terminal_and_the_index_is_a_table(
    name: str, parameters: int, epochs: int, seconds: float, status: str
) -> None:
    run = a_run(
        name,
        parameters=parameters,
        epochs=epochs,
        best_epoch=epochs,
        seconds=seconds,
        status=status,
    )
    assert all(len(line) <= WIDTH for line in table([run, a_run()]))


@pytest.mark.parametrize("name", ["a|b", "a]b", "a b", "<b>", "*x*", "a(b)"])
def test_any_name_of_a_folder_is_a_link_to_it(tmp_path: Path, name: str) -> None:
    store(tmp_path, name)
    html = READER.render(index(tmp_path))
    assert html.count("<tr>") == 2
    assert html.count("<td") == 9
    assert 'README.md">' in html
