"""Contents of pages, made up: a few people, some of them with names that mean harm."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from faceprep.faces.pose import Pose, facing_angle, frontality
from faceprep.report.contents import (
    Contents,
    DataSetContents,
    Density,
    Doubt,
    Doubts,
    Face,
    FacesContents,
    Histogram,
    Person,
    Reject,
    Rejects,
    ShownExample,
    Split,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTILE = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 2</script>",
    "<!-- <script>",
    "\"'><img src=x onerror='window.pwned = 3'>",
    "{{ 7 * 7 }}{% raw %}",
    "evil\u202egnp.exe",
    "عائشة",
    "line\nfeed\x1b[31m",
    "half a pair \udcff",
    "W" * 300,
    "javascript:window.pwned=4",
)
"""Names of people that a page must show and not obey."""


def picture(shade: int) -> bytes:
    """A small JPEG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (shade % 256, shade * 7 % 256, 120)).save(file, "JPEG")
    return file.getvalue()


def face(key: str, yaw: float = 0.0, pitch: float = 0.0, *, shade: int = 90) -> Face:
    """A face at a pose."""
    angle = float(facing_angle(np.array(yaw), np.array(pitch)))
    front = frontality(Pose(yaw, pitch, 0.0))
    return Face(key, picture(shade), yaw, pitch, 1.5, angle, front, 120.0, 340.0, 0.93)


def person(
    identity: str, yaws: Sequence[float], *, has_target: bool = True, clip: str = ""
) -> Person:
    """A person with a face at each yaw; the first one is the target."""
    faces = tuple(face(f"{identity}/{n}.jpg", yaw, shade=n * 40) for n, yaw in enumerate(yaws))
    reason = "most frontal" if has_target else "no face of it is near enough"
    return Person(identity, clip, len(yaws), 1, has_target, reason, faces)


def histogram(name: str = "yaw", unit: str = "°", *, high: float = 90.0) -> Histogram:
    """Forty bins, most in the middle."""
    edges = np.linspace(-high, high, 41)
    counts = np.round(200 * np.exp(-((edges[:-1] / (high / 3)) ** 2))).astype(np.int64)
    return Histogram(name, unit, edges, counts, quantiles=(-32.6, 2.2, 37.1))


def density() -> Density:
    """A hill."""
    yaw, pitch = np.linspace(-90, 90, 37), np.linspace(-60, 60, 25)
    height = np.exp(-((yaw[:-1, None] / 30) ** 2) - (pitch[None, :-1] / 12) ** 2)
    return Density(yaw, pitch, np.round(80 * height).astype(np.int64))


PEOPLE = (
    person("Anna", [2, 10, -30, 60]),
    person("Bert", [12, 14]),
    person("Carl 2", [4, -8, 20], clip="1"),
    person("Carl 10", [7, 9, 11, 13, 15]),
    person("Dora", [40], has_target=False),
    person("Emil", [], has_target=False),
)


def faces(people: Sequence[Person] = PEOPLE, *, names: Sequence[str] = ()) -> FacesContents:
    """A folder of faces, with people of further names.

    Args:
        people: in it.
        names: each becomes a person of two faces, a reject and a doubtful case.
    """
    named = tuple(person(name, [3, 30]) for name in names)
    people = (*people, *named)
    rejects = tuple(Reject(f"{n}/0.jpg", n, f"what of {n}", picture(7)) for n in names)
    doubts = tuple(Doubt(each.identity, each.reason, each.faces) for each in (*named, PEOPLE[0]))
    shown = sum(len(each.faces) for each in people)
    return FacesContents(
        path="/data/faces",
        facts={"images": f"{shown + 12:,}", "faces": f"{shown:,}", "images a second": "311"},
        options={"size": "160", "margin": "0.25"},
        versions={"faceprep": "0.1.0", "mediapipe": "1.2"},
        histograms=(histogram(), histogram("sharpness", "")),
        density=density(),
        people=people,
        people_in_all=len(people),
        faces_in_all=shown,
        rejects=(
            Rejects(
                "no_face", "no face is found", 12, (*rejects, Reject("x.jpg", "x", "none", b""))
            ),
            Rejects("timeout", "it took too long", 1, ()),
        ),
        doubts=(Doubts("Largest angles", "Of all targets.", len(doubts), doubts),),
        notes=("One part is missing.",),
    )


def data_set(name: str = "pairs") -> DataSetContents:
    """A data set of two splits, with labels where it is `cfp`."""
    labels = {"genuine": 5, "impostor": 5} if name == "cfp" else {}
    example = ShownExample(
        "genuine" if labels else "",
        "a.jpg with b.jpg",
        {"feature": face("a.jpg", 50), "target": face("b.jpg")},
    )
    return DataSetContents(
        path=f"/data/shards/{name}/1.0.0",
        name=name,
        facts={"records": "1,234"},
        options={"seed": "1"},
        splits=(Split("train", 1200, 4, 12_345_678, labels), Split("test", 34, 1, 345_678, labels)),
        yaw={"train": histogram("|yaw|"), "test": histogram("|yaw|")},
        examples={"train": (example, example), "test": ()},
    )


def contents(names: Sequence[str] = ()) -> Contents:
    """Everything that a page can have."""
    return Contents(faces(names=names), (data_set(), data_set("cfp")))


def quick(contents: Contents) -> Contents:
    """The same with one chart, since each takes a fifth of a second."""
    faces = contents.faces and dataclasses.replace(contents.faces, histograms=())
    return Contents(faces, tuple(dataclasses.replace(each, yaw={}) for each in contents.data_sets))
