"""A real browser without a window: Chromium as it is installed, with nothing that calls home."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@dataclass(frozen=True)
class Visit:
    """A page that is open.

    Attributes:
        page: of the browser.
        told: console messages, errors and dialogs, in the order they came.
        requests: addresses that were asked for, but those that hold their own content.
    """

    page: Page
    told: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        """What stands in each element that is there, in their order."""
        return self.page.locator(selector).all_inner_texts()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; the test is skipped where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    from playwright.sync_api import sync_playwright

    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*_ARGUMENTS, *root])
        yield browser
        browser.close()


@contextlib.contextmanager
def visit(
    browser: Browser,
    file: Path,
    *,
    width: int = 1280,
    dark: bool = False,
    touch: bool = False,
    motion: bool = False,
    scripts: bool = True,
) -> Iterator[Visit]:
    """Open a file in a window of its own.

    Args:
        browser: that is running.
        file: HTML.
        width: of the window, px.
        dark: whether the reader prefers dark pages.
        touch: whether the screen can be touched.
        motion: whether the reader likes things to move, such as a page that glides to where a link leads.
        scripts: whether scripts run.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if dark else "light",
        reduced_motion="no-preference" if motion else "reduce",
        has_touch=touch,
        java_script_enabled=scripts,
    )
    opened = Visit(context.new_page())
    _listen(opened)
    opened.page.goto(file.as_uri())
    yield opened
    context.close()


def _listen(opened: Visit) -> None:
    def ask(address: str) -> None:
        if not address.startswith("data:"):
            opened.requests.append(address)

    opened.page.on("console", lambda message: opened.told.append(message.text))
    opened.page.on("pageerror", lambda error: opened.told.append(str(error)))
    opened.page.on("dialog", lambda dialog: opened.told.append(dialog.message))
    opened.page.on("request", lambda request: ask(request.url))
