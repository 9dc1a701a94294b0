"""Copies and hard links on disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.soak.build import BuildError, build
from tests.soak.catalogue import Size, frames, scaled

if TYPE_CHECKING:
    from tests.conftest import Sample

SMALL = scaled(240)


def test_every_frame_is_a_link_to_a_copy_of_ours(sample: Sample, tmp_path: Path) -> None:
    before = links_to(sample.root)
    pictures = build(tmp_path, SMALL, sample.root)
    copies = sorted((tmp_path / "images").iterdir())
    found = {p.relative_to(tmp_path / "raw").as_posix(): p for p in tmp_path.glob("raw/*/*/*.jpg")}
    assert pictures == len(copies) == 24
    assert len(found) == SMALL.images
    for frame in frames(SMALL, pictures):
        assert found[frame.key].samefile(copies[frame.picture])
    assert links_to(sample.root) == before


def links_to(root: Path) -> list[int]:
    return [path.stat().st_nlink for path in sorted(root.rglob("*.jpg"))]


def test_a_build_that_was_cut_off_is_begun_again(sample: Sample, tmp_path: Path) -> None:
    build(tmp_path, SMALL, sample.root)
    (tmp_path / "raw").rename(tmp_path / "raw.begun")
    shutil.rmtree(tmp_path / "raw.begun" / "person_0001")
    assert build(tmp_path, SMALL, sample.root) == 24
    assert len(list(tmp_path.glob("raw/*/*/*.jpg"))) == SMALL.images


def test_what_is_there_is_not_made_again(sample: Sample, tmp_path: Path) -> None:
    build(tmp_path, SMALL, sample.root)
    before = (tmp_path / "raw").stat().st_mtime_ns
    assert build(tmp_path, SMALL, Path("/nowhere")) == 24
    assert (tmp_path / "raw").stat().st_mtime_ns == before


def test_copies_among_the_pictures_are_one_picture(sample: Sample, tmp_path: Path) -> None:
    source = shutil.copytree(sample.root, tmp_path / "source")
    shutil.copy(next(source.rglob("*.jpg")), source / "again.jpg")
    assert build(tmp_path / "soak", SMALL, source) == 24


def test_a_source_without_pictures_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="FACEPREP_CFP names"):
        build(tmp_path / "soak", SMALL, tmp_path)


def test_too_few_pictures_for_the_links_is_one_line(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="too few"):
        build(tmp_path, Size(24 * 65_000 + 1, 4, 4), sample.root)
