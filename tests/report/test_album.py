"""The data of a page: each face once, and nothing that HTML would obey."""

from __future__ import annotations

import dataclasses
import json
import math

from faceprep.report.album import Album
from faceprep.report.contents import Contents
from tests.report import made


def test_a_face_that_is_shown_twice_is_stored_once() -> None:
    contents = made.contents()
    assert contents.faces
    data = json.loads(Album(contents).as_json())
    shown = [face for person in contents.faces.people for face in person.faces]
    assert len(data["faces"]) == len(shown) + 2  # the records of the data sets show two others
    doubt = contents.faces.doubts[0].shown[0]
    assert Album(contents).numbers(doubt.faces) == data["people"][0]["faces"]


def test_people_are_as_they_were_given() -> None:
    data = json.loads(Album(made.contents()).as_json())
    anna = dict(zip(data["fields"], data["faces"][0], strict=True))
    assert anna["key"] == "Anna/0.jpg"
    assert anna["yaw"] == 2.0
    assert anna["picture"].startswith("data:image/jpeg;base64,")
    assert data["people"][0] == {
        "identity": "Anna",
        "clip": "",
        "count": 4,
        "images": 1,
        "target": True,
        "reason": "most frontal",
        "angle": 2.0,
        "faces": [0, 1, 2, 3],
    }
    assert data["people"][-1]["angle"] is None


def test_the_angle_that_a_target_was_chosen_for_counts() -> None:
    person = dataclasses.replace(made.PEOPLE[0], angle=5.36)
    data = json.loads(Album(Contents(made.faces((person,)))).as_json())
    assert data["people"][0]["angle"] == 5.4


def test_what_is_not_known_is_null() -> None:
    face = dataclasses.replace(made.face("a.jpg"), picture=b"", yaw=math.nan, score=math.inf)
    person = dataclasses.replace(made.PEOPLE[0], faces=(face,))
    data = json.loads(Album(Contents(made.faces((person,)))).as_json())
    stored = dict(zip(data["fields"], data["faces"][0], strict=True))
    assert stored["picture"] is None
    assert stored["yaw"] is None
    assert stored["score"] is None


def test_names_can_not_end_the_block_that_they_are_in() -> None:
    text = Album(made.contents(made.HOSTILE)).as_json()
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert "</script><script>window.pwned = 2</script>" in {
        person["identity"] for person in json.loads(text)["people"]
    }
