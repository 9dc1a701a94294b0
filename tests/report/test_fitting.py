"""However much there is to show, and whatever it is called: the page stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import FaceprepError
from faceprep.face_folder import open_faces
from faceprep.report import fitting
from faceprep.report.fitting import MOST_BYTES, Subject, make_page
from tests.inspect.made import make_data_set
from tests.report.many import many_people

if TYPE_CHECKING:
    from pathlib import Path


def subject(folder: Path) -> Subject:
    return Subject(open_faces(str(folder)), None, (), tolerant=False)


def test_a_page_of_very_many_people_stays_small(tmp_path: Path) -> None:
    made = make_page(subject(many_people(tmp_path / "faces", 20_000, side=40, grain=128)))
    assert made.contents.faces is not None
    assert made.contents.faces.people_in_all == made.contents.faces.faces_in_all == 20_000
    assert MOST_BYTES / 2 < len(made.page) <= MOST_BYTES
    assert len(made.contents.faces.people) > 1000
    assert made.notes == ()


def test_a_page_of_very_long_names_stays_small_and_says_so(tmp_path: Path) -> None:
    made = make_page(subject(many_people(tmp_path / "faces", 1500, surname="o" * 4000)))
    assert made.contents.faces is not None
    assert MOST_BYTES / 2 < len(made.page) <= MOST_BYTES
    assert 500 < len(made.contents.faces.people) < 1500
    (note,) = made.notes
    assert note.startswith("Names and numbers take more room than is usual")
    assert note.encode() in made.page


def test_a_page_of_data_sets_stays_small_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(make_data_set(tmp_path, "pairs", {"train": (6,), "test": (6,)}).folder)
    shards = Subject(None, None, (folder,), tolerant=False)
    whole = make_page(shards)
    monkeypatch.setattr(fitting, "MOST_BYTES", len(whole.page) - 1)
    less = make_page(shards)
    assert len(less.page) < len(whole.page)
    assert less.notes[0].encode() in less.page
    assert 8 <= sum(map(len, less.contents.data_sets[0].examples.values())) < 12


def test_a_page_that_cannot_be_made_small_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_data_set(tmp_path, "pairs", {"train": (1,)}, finished=False).folder
    monkeypatch.setattr(fitting, "MOST_BYTES", 1000)
    with pytest.raises(FaceprepError, match=r"^the page would take .* kB, however few faces"):
        make_page(Subject(None, None, (str(folder),), tolerant=True))
