"""The page, opened in a browser and connected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from .talking import Served

_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
ARGUMENTS = ("--autoplay-policy=no-user-gesture-required", *_MICROPHONE)


@contextmanager
def opened(browser: Browser, served: Served, user: str, **how: str) -> Iterator[Page]:
    """A page that ``user`` is connected with; it must load nothing from elsewhere, and report no error."""
    page = browser.new_page(**how)  # type: ignore[arg-type]
    elsewhere: list[str] = []
    problems: list[str] = []
    own = served.companion.gateway.page_url
    page.on("request", lambda sent: None if sent.url.startswith((own, "blob:")) else elsewhere.append(sent.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(own)
    page.get_by_label("User").fill(user)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("status")).to_have_text(f"connected as {user}", timeout=20_000)
    yield page
    assert elsewhere == [], "the page asks somebody else"
    assert problems == []
    page.close()


def say(page: Page, text: str) -> None:
    """Type a message and send it."""
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()
