"""The JSON file of a stage's folder: left in a new one, held against later runs."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceprep import manifest, storage
from faceprep.errors import InputError, StorageError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "bake.json"
NOW: dict[str, Any] = {
    "format": 2,
    "options": {"top_heat": 180, "mode": "fan"},
    "versions": {"oven": "1.0"},
    "counts": None,
}


class Kitchen:
    """A folder, and what was cleared of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cleared = 0

    def begin(self, *, done: bool = False, **changes: Any) -> dict[str, Any]:
        return manifest.begin(str(self.path), NAME, NOW | changes, done, self.clear)

    def clear(self, folder: str) -> None:
        assert folder == str(self.path)
        storage.remove(str(self.path / NAME))
        self.cleared += 1

    @property
    def stored(self) -> dict[str, Any] | None:
        return manifest.read(str(self.path), NAME)


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(logging.getLogger("faceprep"), "propagate", True)
    return caplog


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert manifest.read(str(tmp_path), NAME) is None
    assert manifest.read(str(tmp_path / "nowhere"), NAME) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.text(), JSON, max_size=3), st.dictionaries(st.text(), JSON, max_size=3))
def test_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, options: dict[str, Any], counts: dict[str, Any]
) -> None:
    folder = str(tmp_path_factory.mktemp("manifest"))
    content = NOW | {"options": options, "counts": counts}
    manifest.write(folder, NAME, content)
    assert manifest.read(folder, NAME) == content


def test_people_can_read_it(tmp_path: Path) -> None:
    manifest.write(str(tmp_path), NAME, NOW | {"counts": {"Jörg": 1}})
    text = (tmp_path / NAME).read_text("utf-8")
    assert '  "format": 2,\n' in text
    assert "Jörg" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"3",
        b'"text"',
        b"{}",
        b'{"format": 1, "options": {}}',
        b'{"format": 1, "options": [], "versions": {}}',
        b'{"format": 1, "options": null, "versions": {}}',
        b"\xff\xfe",
    ],
)
def test_one_that_cannot_be_read_is_named(kitchen: Kitchen, content: bytes) -> None:
    (kitchen.path / NAME).write_bytes(content)
    message = r"bake\.json: not readable; start afresh with --overwrite"
    with pytest.raises(InputError, match=message):
        manifest.read(str(kitchen.path), NAME)
    with pytest.raises(InputError, match=message):
        kitchen.begin()


def test_a_folder_in_its_place_is_named(kitchen: Kitchen) -> None:
    (kitchen.path / NAME).mkdir()
    with pytest.raises(InputError, match="not readable"):
        kitchen.begin()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere/bake\.json: could not"):
        manifest.write(str(tmp_path / "nowhere"), NAME, NOW)


def test_a_new_folder_gets_it_first_of_all(kitchen: Kitchen) -> None:
    assert kitchen.begin() == NOW
    assert kitchen.stored == NOW


def test_finished_files_without_it_are_somebody_elses(kitchen: Kitchen) -> None:
    with pytest.raises(InputError, match=r"has finished files, but no bake\.json; choose another"):
        kitchen.begin(done=True)
    assert kitchen.stored is None


@pytest.mark.parametrize("done", [False, True])
def test_the_same_options_go_on_with_what_was_written(kitchen: Kitchen, done: bool) -> None:
    kitchen.begin()
    old = NOW | {"counts": {"cakes": 3}}
    manifest.write(str(kitchen.path), NAME, old)
    assert kitchen.begin(done=done) == old
    assert kitchen.stored == old
    assert not kitchen.cleared


def test_other_options_replace_it_while_nothing_is_done(kitchen: Kitchen) -> None:
    kitchen.begin()
    changed = kitchen.begin(options={"top_heat": 200, "mode": "fan"})
    assert changed["options"]["top_heat"] == 200
    assert kitchen.stored == changed
    assert kitchen.cleared == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"top_heat": 200, "mode": "fan"}, "--top-heat was 180 and is now 200"),
        ({"mode": "fan", "top_heat": 180, "trays": 2}, "--trays was as ever and is now 2"),
        (
            {"top_heat": 200, "mode": "grill"},
            "--top-heat was 180 and is now 200; --mode was fan and is now grill",
        ),
    ],
)
def test_other_options_are_each_named_once_something_is_done(
    kitchen: Kitchen, options: dict[str, Any], words: str
) -> None:
    kitchen.begin()
    with pytest.raises(UsageError) as caught:
        kitchen.begin(done=True, options=options)
    assert str(caught.value).startswith(f"{kitchen.path}: {words}. Give the same options to go on")
    assert kitchen.stored == NOW
    assert not kitchen.cleared


@pytest.mark.parametrize("done", [False, True])
def test_another_format_is_refused(kitchen: Kitchen, done: bool) -> None:
    kitchen.begin(format=1)
    with pytest.raises(InputError, match="has format 1, this faceprep writes 2; start afresh"):
        kitchen.begin(done=done)
    assert kitchen.stored == NOW | {"format": 1}


def test_other_versions_are_told_of_and_the_first_are_kept(kitchen: Kitchen, log: Any) -> None:
    kitchen.begin()
    assert not log.records
    assert kitchen.begin(done=True, versions={"oven": "2.0"}) == NOW
    assert "begun with other versions; new files may differ slightly" in log.text
    assert json.loads((kitchen.path / NAME).read_text())["versions"] == {"oven": "1.0"}


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"light": False}, {}, "--no-light was given and is not now"),
        ({}, {"light": False}, "--no-light was not given and is now"),
        ({"grill": True}, {"grill": False}, "--grill was given and is not now"),
        ({"grill": False}, {"grill": True}, "--grill was not given and is now"),
        ({"top_heat": 0}, {"top_heat": 1}, "--top-heat was 0 and is now 1"),
    ],
)
def test_options_that_are_on_or_off_are_told_by_their_flags(
    kitchen: Kitchen, before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    kitchen.begin(options=before)
    with pytest.raises(UsageError) as caught:
        kitchen.begin(done=True, options=now)
    assert str(caught.value).startswith(f"{kitchen.path}: {words}. Give")


def test_an_option_that_is_gone_is_a_difference(kitchen: Kitchen) -> None:
    kitchen.begin(options=NOW["options"] | {"trays": 2})
    with pytest.raises(UsageError, match="--trays was 2 and is now as ever"):
        kitchen.begin(done=True)


def test_an_empty_folder_is_claimed_once(tmp_path: Path) -> None:
    now = {"format": 1, "options": {}, "versions": {}}
    assert manifest.claim(str(tmp_path), "made.json", now, "--out") is None
    assert manifest.claim(str(tmp_path), "made.json", {**now, "format": 2}, "--out") == now


def test_a_folder_of_other_files_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match=r"holds other files; .* with --out"):
        manifest.claim(str(tmp_path), "made.json", {}, "--out")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_claim_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "made.json").write_text("{")
    with pytest.raises(InputError, match=r"made\.json: not readable; .* with --to"):
        manifest.claim(str(tmp_path), "made.json", {}, "--to")
