"""The page itself: one HTML file that asks nothing of any network.

The layout is in `templates/`. What strangers wrote (names of people, of files) reaches the page through
Jinja's autoescape and through JSON that the script puts in as text, both after `text.visible`; and the
page's own Content-Security-Policy lets run only the script that is hashed in it, and load only what
stands in it.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from faceprep import __version__
from faceprep.plotting import DARK, GREEN, LIGHT, SKY, VERMILION, Theme
from faceprep.report import charts, text
from faceprep.report.album import Album

if TYPE_CHECKING:
    from faceprep.report.contents import Contents, DataSetContents, FacesContents

_FILES = resources.files("faceprep.report") / "templates"
_SCRIPTS = ("faces.js", "numbers.js", "people.js")


def render(contents: Contents) -> bytes:
    """The whole file, UTF-8; the same bytes for the same contents."""
    album = Album(contents)
    style = _colours() + _file("page.css")
    script = "".join(map(_file, _SCRIPTS))
    page = _environment().get_template("page.html.j2")
    html = page.render(
        faces=contents.faces,
        data_sets=contents.data_sets,
        album=album,
        data=Markup(album.as_json()),  # noqa: S704, escaped there
        style=Markup(style),  # noqa: S704, files of ours
        script=Markup(script),  # noqa: S704, files of ours
        policy=_policy(style, script),
        title=_title(contents),
        share=_share(contents.faces) if contents.faces else "",
        version=__version__,
    )
    return html.encode()


def _title(contents: Contents) -> str:
    if contents.faces is None:
        return "Data sets of faces"
    faces, people = contents.faces.faces_in_all, contents.faces.people_in_all
    return f"{_counted(faces, 'face', 'faces')} of {_counted(people, 'person', 'people')}"


def _share(faces: FacesContents) -> str:
    """How much of the faces the page shows, in words."""
    shown = sum(len(person.faces) for person in faces.people)
    words = (
        f"{len(faces.people):,} of {_counted(faces.people_in_all, 'person', 'people')} and "
        f"{shown:,} of {_counted(faces.faces_in_all, 'face', 'faces')} are here"
    )
    all_are = len(faces.people) >= faces.people_in_all and shown >= faces.faces_in_all
    return f"{words}." if all_are else f"{words}: a sample, always the same for the same faces."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _environment() -> jinja2.Environment:
    """Everything that a template puts in is escaped, and text is made visible."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_file),
        autoescape=True,
        finalize=lambda value: text.visible(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        size=text.size,
        uri=text.data_uri,
        histogram=charts.histogram_chart,
        density=charts.density_chart,
        split_charts=charts.split_charts,
    )
    environment.globals["labelled"] = _labelled
    return environment


def _labelled(data_set: DataSetContents) -> bool:
    return any(split.labels for split in data_set.splits)


def _file(name: str) -> str:
    return (_FILES / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded that does not stand in the page, and nothing else is obeyed."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(words: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()}"


def _colours() -> str:
    """The colours of the charts as variables of the style, for light and for dark."""
    return f":root{{{_variables(LIGHT)}}}@media(prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"


def _variables(theme: Theme) -> str:
    named = {"ink": theme.ink, "pale": theme.pale, "paper": theme.paper, "grid": theme.grid}
    axes = {"right": VERMILION, "up": GREEN, "ahead": SKY}
    return "".join(f"--{name}:{colour};" for name, colour in (named | axes).items())
