"""The settings file: what it may say, and what is said of what it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from faceprep.config import load
from faceprep.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "extract": {
        "raw": "raw_dir",
        "out": "faces_dir",
        "workers": "workers",
        "size": "size",
        "min-face": "min_face",
    },
    "doctor": {"quiet": "quiet", "json": "as_json"},
}


def load_text(folder: Path, text: str) -> dict[str, Any]:
    file = folder / "settings.toml"
    file.write_text(text)
    return load(COMMANDS, str(file))


def test_without_a_file_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert load(COMMANDS, str(tmp_path / "settings.toml")) == {}


def test_a_section_holds_the_options_of_its_command(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, "[extract]\nsize = 112\n[doctor]\nquiet = true\n")
    assert loaded == {"extract": {"size": 112}, "doctor": {"quiet": True}}


@pytest.mark.parametrize("spelling", ["min-face", "min_face"])
def test_dashes_and_underscores_are_one(tmp_path: Path, spelling: str) -> None:
    assert load_text(tmp_path, f"[extract]\n{spelling} = 40\n")["extract"] == {"min_face": 40}


def test_workspace_and_workers_reach_every_command(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, 'raw = "photos"\nfaces = "f"\nworkers = 24\n')
    shared = {"raw_dir": "photos", "faces_dir": "f", "workers": 24}
    assert loaded == {"extract": shared, "doctor": shared}


def test_a_section_overrides_what_is_shared(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, "workers = 24\n[extract]\nworkers = 2\n")
    assert loaded["extract"]["workers"] == 2
    assert loaded["doctor"]["workers"] == 24


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[extarct]\nsize = 112\n", "'extarct' is not known (did you mean 'extract'?)"),
        ("wokers = 24\n", "'wokers' is not known (did you mean 'workers'?)"),
        ("zzz = 1\n", "'zzz' is not known"),
        ("[extract]\nsise = 112\n", "[extract] has no option 'sise' (did you mean 'size'?)"),
        ("[extract]\nmin-fase = 1\n", "has no option 'min-fase' (did you mean 'min-face'?)"),
        ("extract = 3\n", "'extract' must be a section: [extract]"),
        ("size: 112\n", "not readable as TOML"),
    ],
)
def test_what_is_not_understood_is_named_with_the_file(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_text(tmp_path, text)
    assert message in str(caught.value)
    assert "settings.toml" in str(caught.value)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b'raw = "\xff"\n')
    with pytest.raises(UsageError, match="not readable as TOML"):
        load(COMMANDS, str(file))


def test_options_are_called_as_on_the_command_line(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, '[extract]\nout = "f"\n[doctor]\njson = true\n')
    assert loaded == {"extract": {"faces_dir": "f"}, "doctor": {"as_json": True}}


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert load_text(tmp_path, 'raw = "~/photos"\n')["extract"] == {
        "raw_dir": "/home/somebody/photos"
    }


GROUPED = {"shard": {"pairs": {"seed": "seed", "out": "shards_dir"}, "cfp": {"seed": "seed"}}}


def test_commands_of_a_group_have_sections_below_its_own(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('shards = "s"\n[shard.pairs]\nseed = 7\n')
    shared = {"shards_dir": "s"}
    assert load(GROUPED, str(file)) == {"shard": {"pairs": shared | {"seed": 7}, "cfp": shared}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shard.pears]\nseed = 7\n", "'shard.pears' is not known (did you mean 'pairs'?)"),
        ("[shard]\nseed = 7\n", "'shard.seed' is not known"),
        ("[shard]\npairs = 7\n", "'shard.pairs' must be a section: [shard.pairs]"),
        ("[shard.pairs]\nsede = 7\n", "[shard.pairs] has no option 'sede' (did you mean 'seed'?)"),
    ],
)
def test_what_is_not_understood_in_a_group_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        load(GROUPED, str(file))
    assert message in str(caught.value)
