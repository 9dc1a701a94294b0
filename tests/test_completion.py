"""The tab key: what completes a command line, in the shell's own hands, and at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete, CompletionItem

from faceprep.cli import cli

VARIABLE = "_FACEPREP_COMPLETE"
HEAVY = ("numpy", "pyarrow", "fsspec", "joblib", "tensorflow", "cv2")


def complete(*words: str) -> list[CompletionItem]:
    """What completes the last word, after those before it."""
    completion = BashComplete(cli, {}, "faceprep", VARIABLE)
    return completion.get_completions(list(words[:-1]), words[-1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["se"], ["select"]),
        (["shard", ""], ["auto", "cfp", "pairs", "triplets"]),
        (["shard", "--max-per"], ["--max-per-identity"]),
        (["shard", "pairs", "--split", "train=1", "--comp"], ["--compression"]),
        (["extract", "--layout", "i"], ["identity"]),
        (["extract", "--retry", "t"], ["too_small", "too_large", "timeout"]),
        (["extract", "--retry", "timeout,c"], ["timeout,crashed"]),
        (["train", "autoencoder", "--preset", "v1"], ["v1", "v10", "v11", "v12"]),
        (["train", "siamese", "--preset", "1,em"], ["1,embed"]),
        (["crossval", "--preset", "e"], ["e", "embed"]),
    ],
)
def test_names_are_completed(words: list[str], expected: list[str]) -> None:
    assert sorted(item.value for item in complete(*words)) == sorted(expected)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["extract", ""], "file"),
        (["extract", "--out", "f"], "dir"),
        (["select", ""], "dir"),
        (["train", "siamese", "one", ""], "dir"),
        (["predict", "runs/x", "a"], "file"),
        (["predict", "runs/x", "--pairs", ""], "file"),
        (["inspect", ""], "file"),
        (["export", "--to", ""], "dir"),
    ],
)
def test_paths_are_left_to_the_shell(words: list[str], kind: str) -> None:
    assert [item.type for item in complete(*words)] == [kind]


def test_runs_are_offered_where_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [item.type for item in complete("predict", "")] == ["dir"]
    for name in ("siamese-embed-001", "mine"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").touch()
    found = complete("evaluate", "")
    assert [item.value for item in found] == ["runs/mine", "runs/siamese-embed-001"]
    assert [item.type for item in complete("evaluate", "elsewhere")] == ["dir"]


def test_bash_completes_in_silence_whatever_the_settings_say(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("there is no bash")
    (tmp_path / "faceprep.toml").write_text("[extract\nno TOML")
    (tmp_path / "faceprep").write_text(f'#!/bin/sh\nexec {sys.executable} -m faceprep "$@"\n')
    (tmp_path / "faceprep").chmod(0o755)
    program = f"""
        eval "$({VARIABLE}=bash_source faceprep)"
        complete -p faceprep
        COMP_WORDS=(faceprep shard pairs --comp) COMP_CWORD=3
        _faceprep_completion faceprep
        echo "${{COMPREPLY[@]}}"
    """
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.run(
        [bash, "--norc", "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    registered, completed = run.stdout.splitlines()
    assert registered.endswith("-F _faceprep_completion faceprep")
    assert (completed, run.stderr) == ("--compression", "")


@pytest.mark.parametrize(("shell", "word"), [("zsh", "#compdef faceprep"), ("fish", "complete ")])
def test_other_shells_have_their_scripts(shell: str, word: str) -> None:
    environment = os.environ | {VARIABLE: f"{shell}_source"}
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'faceprep'; import faceprep.cli as c; c.main()",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert word in run.stdout
    if installed := shutil.which(shell):
        subprocess.run([installed, "-n"], input=run.stdout, text=True, check=True)


def test_nothing_heavy_is_loaded_for_it() -> None:
    words = "faceprep train autoencoder --preset v"
    environment = os.environ | {VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
    command = [sys.executable, "-X", "importtime", "-m", "faceprep"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "plain,v12" in run.stdout
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "faceprep.train.presets" in loaded
    assert not loaded & set(HEAVY)
