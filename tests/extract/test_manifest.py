"""What a folder of faces remembers, and what it holds later runs to."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.extract import manifest
from faceprep.extract.options import ExtractOptions
from tests.conftest import Sample, summary_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def faces(sample: Sample, tmp_path: Path, faceprep: Faceprep) -> Path:
    """A finished folder of the sample."""
    out = tmp_path / "faces"
    summary_of(faceprep("extract", sample.root, "--out", out, "--json"))
    return out


def edited(faces: Path, **values: Any) -> dict[str, Any]:
    path = faces / "extract.json"
    content: dict[str, Any] = json.loads(path.read_text()) | values
    path.write_text(json.dumps(content))
    return content


def test_each_option_has_a_part_in_the_digest() -> None:
    plain = manifest.describe(ExtractOptions(), "identity")["digest"]
    assert manifest.describe(ExtractOptions(size=112), "identity")["digest"] != plain
    assert manifest.describe(ExtractOptions(), "cfp")["digest"] != plain
    assert manifest.describe(ExtractOptions(crops=False), "identity")["digest"] != plain


def test_folders_of_before_there_was_no_crops_stay_what_they_are() -> None:
    assert "crops" not in manifest.describe(ExtractOptions(), "identity")["options"]
    assert manifest.describe(ExtractOptions(crops=False), "identity")["options"]["crops"] is False


def test_auto_and_what_it_recognises_are_the_same(
    sample: Sample, faces: Path, faceprep: Faceprep
) -> None:
    run = faceprep("extract", sample.root, "--out", faces, "--layout", "identity", "--json")
    assert summary_of(run)["processed"] == 0


def test_other_options_are_refused_by_name_unless_told_to_overwrite(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    out = tmp_path / "faces"
    faceprep("extract", sample.root, "--out", out)
    run = faceprep("extract", sample.root, "--out", out, "--size", "112", "--format", "png")
    assert run.returncode == 2
    assert "--size was 160 and is now 112" in run.stderr
    assert "--format was jpg and is now png" in run.stderr
    other = ("--size", "112", "--format", "png", "--overwrite", "--json")
    assert summary_of(faceprep("extract", sample.root, "--out", out, *other))["faces"] == 24
    assert pd.read_parquet(next(out.glob("part-*"))).crop.iloc[0].startswith(b"\x89PNG")


def test_another_data_set_is_kept_out(
    sample: Sample, faces: Path, faceprep: Faceprep, tmp_path: Path
) -> None:
    shutil.copytree(sample.root / "person_00", tmp_path / "other" / "somebody")
    run = faceprep("extract", tmp_path / "other", "--out", faces)
    assert run.returncode == 3
    assert "another data set" in run.stderr


def test_a_wrong_source_does_not_let_overwrite_delete_anything(
    faces: Path, faceprep: Faceprep
) -> None:
    before = sorted(path.name for path in faces.iterdir())
    assert faceprep("extract", "nowhere", "--out", faces, "--overwrite").returncode == 3
    assert sorted(path.name for path in faces.iterdir()) == before


def test_options_may_change_while_no_part_is_finished(
    sample: Sample, tmp_path: Path, faceprep: Faceprep
) -> None:
    out = tmp_path / "faces"
    wrong = faceprep("extract", sample.root, "--out", out, "--detector", "nowhere:Nothing")
    assert wrong.returncode == 2
    assert summary_of(faceprep("extract", sample.root, "--out", out, "--json"))["faces"] == 24


def test_the_versions_are_those_the_folder_was_begun_with(
    sample: Sample, faces: Path, faceprep: Faceprep
) -> None:
    versions = edited(faces)["versions"] | {"mediapipe": "0.0"}
    edited(faces, versions=versions)
    run = faceprep("extract", sample.root, "--out", faces)
    assert "begun with other versions" in run.stderr
    assert json.loads((faces / "extract.json").read_text())["versions"]["mediapipe"] == "0.0"


def test_a_part_of_another_catalogue_is_not_taken_for_its_own(
    sample: Sample, tmp_path: Path, faces: Path, faceprep: Faceprep
) -> None:
    shutil.copytree(sample.root, tmp_path / "raw")
    shutil.copytree(sample.root / "person_00", tmp_path / "raw" / "person_99")
    (faces / "catalog.arrow").unlink()
    run = faceprep("extract", tmp_path / "raw", "--out", faces)
    assert run.returncode == 3
    assert "of other images than catalog.arrow says" in run.stderr


def test_a_clearance_that_was_interrupted_can_be_repeated(
    sample: Sample, faces: Path, faceprep: Faceprep
) -> None:
    (faces / "catalog.arrow").rename(faces / "catalog.update-001.arrow")
    run = faceprep("extract", sample.root, "--out", faces)
    assert run.returncode == 3
    assert "catalog.arrow is missing" in run.stderr
    again = faceprep("extract", sample.root, "--out", faces, "--overwrite", "--json")
    assert summary_of(again)["processed"] == 24
    assert not (faces / "catalog.update-001.arrow").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 1, "options": [], "versions": {}}']
)
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "extract.json").write_text(content)
    with pytest.raises(InputError, match=r"extract\.json: not readable"):
        manifest.begin(str(tmp_path), manifest.describe(ExtractOptions(), "identity"))


def test_another_format_is_named(faces: Path) -> None:
    edited(faces, format=0)
    with pytest.raises(InputError, match="has format 0, this faceprep writes 2"):
        manifest.begin(str(faces), manifest.describe(ExtractOptions(), "identity"))


def test_several_changed_options_are_all_named(faces: Path) -> None:
    other = manifest.describe(ExtractOptions(size=96, quality=80), "identity")
    with pytest.raises(UsageError, match=r"--size was 160 and is now 96.*--quality was 95"):
        manifest.begin(str(faces), other)


def test_overwrite_waits_for_nobody_and_disturbs_nobody(
    sample: Sample, faces: Path, faceprep: Faceprep
) -> None:
    before = sorted(path.name for path in faces.iterdir())
    with storage.in_use(str(faces), alone=False):
        run = faceprep("extract", sample.root, "--out", faces, "--overwrite")
        assert summary_of(faceprep("extract", sample.root, "--out", faces, "--json"))
    assert run.returncode == 4
    assert "another run is at work in it" in run.stderr
    assert sorted(path.name for path in faces.iterdir()) == before
