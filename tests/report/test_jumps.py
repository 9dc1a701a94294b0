"""Links within the page lead to where they say, though rows are drawn on the way there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from faceprep.report.contents import Contents
from faceprep.report.page import render
from tests.browser import Visit, chromium, visit
from tests.report import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

BELOW_THE_BAR = 100  # px
_LOOKS = 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with so many people and faces that most rows are not drawn when it opens."""
    faces = tuple(made.face(f"{number}.jpg", yaw=number) for number in range(20))
    people = [
        dataclasses.replace(made.person(f"{number:02d}", []), faces=faces, count=len(faces))
        for number in range(50)
    ]
    contents = Contents(made.faces(people), (made.data_set(),))
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(render(made.quick(contents)))
    return path


def leads_to(opened: Visit, section: str) -> bool:
    """Whether a section comes to the top of the window, and stays there."""
    is_there = False
    for _ in range(_LOOKS):
        was_there = is_there
        opened.page.wait_for_timeout(400)
        box = opened.page.locator(f"#{section}").bounding_box()
        is_there = box is not None and 0 <= box["y"] < BELOW_THE_BAR
        if is_there and was_there:
            return True
    return False


@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_leads_to_its_section(browser: Browser, file: Path, width: int) -> None:
    with visit(browser, file, width=width, motion=True) as opened:
        for section in ("doubts", "people", "rejects"):
            opened.page.locator(f"nav a[href='#{section}']").press("Enter")
            assert leads_to(opened, section), section


def test_an_address_with_a_section_opens_there(browser: Browser, file: Path) -> None:
    with visit(browser, file, width=390) as opened:
        opened.page.goto("about:blank")
        opened.page.goto(f"{file.as_uri()}#doubts")
        assert leads_to(opened, "doubts")
