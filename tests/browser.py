"""The browser that pages are looked at in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The system's Chromium, without a head; fails the test where there is none."""
    found = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if found is None:
        pytest.fail("pages are tested in a browser; install chromium (Debian: apt-get install chromium)", pytrace=False)
    with sync_playwright() as playwright:
        # The pages are our own, so that a sandbox of the browser, which root cannot have, protects from nothing.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()
