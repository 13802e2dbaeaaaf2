"""The HTML page in Chromium: what people see, hear and print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.companion_gate.report.conftest import HOSTILE, Reported


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, reported: Reported) -> Iterator[Page]:
    opened = browser.new_page(color_scheme=request.param)
    requests: list[str] = []
    problems: list[str] = []
    opened.on("request", lambda sent: requests.append(sent.url))
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    address = (reported.folder / "out/gate.html").as_uri()
    opened.goto(address)
    yield opened
    assert requests == [address], "the page loads something"
    assert problems == []
    opened.close()


def test_verdict_comes_first(page: Page) -> None:
    assert page.title().startswith("Gate failed")
    assert page.locator("h1").inner_text().endswith("Gate failed")
    headings = page.locator("main h1, main h2").all_inner_texts()
    assert headings[1:4] == ["Stacks and policy families", "What has to be mended", "Waivers"]


def test_it_can_be_used_by_everybody(page: Page) -> None:
    """axe-core: contrast, names, landmarks, headings, tables."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    results = Axe().run(page)
    assert results.response["violations"] == [], results.generate_report()


def test_colours_follow_the_reader(page: Page) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor").split("(")[1].split(",")[0])
    assert (red < 64) == dark


def test_keyboard_reaches_the_report_and_opens_what_is_closed(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    first = page.locator("details summary").first
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_a_finding_says_where_what_and_why(page: Page) -> None:
    finding = page.locator("article", has_text="memory-ttl-enabled").first
    text = finding.inner_text()
    for part in (
        "remembers for ever",
        "aws_dynamodb_table.memory",
        "infra/prod/main.tf, line",
        "Expected",
        "How to fix",
    ):
        assert part in text
    assert "enabled        = false" in finding.locator(".here").first.inner_text()


def test_matrix_tells_stacks_apart(page: Page) -> None:
    rows = {row.locator("th").inner_text(): row for row in page.locator(".matrix tbody tr").all()}
    assert set(rows) == {"infra/also", "infra/broken", "infra/good", "infra/prod"}
    assert "to mend" in rows["infra/prod"].inner_text()
    assert "to mend" not in rows["infra/good"].inner_text()
    assert "not asked" in rows["infra/broken"].inner_text()


def test_waiver_says_until_when(page: Page) -> None:
    waivers = page.locator("section", has=page.locator("#waivers")).inner_text()
    assert "10 days left" in waivers
    assert "Restored from exports." in waivers


def test_text_of_the_judged_repository_stays_text(page: Page) -> None:
    """A dialog or an error of a script would fail the fixture."""
    assert page.locator("img").count() == 0
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in page.content()


def test_filter_leaves_what_is_asked_for(page: Page) -> None:
    page.locator("#filter").fill("self-harm")
    visible = [each for each in page.locator("section:has(#mend) article").all() if each.is_visible()]
    assert 0 < len(visible) < page.locator("section:has(#mend) article").count()
    assert all("self-harm" in each.inner_text() for each in visible)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_sticks_out_of_the_paper(page: Page) -> None:
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    # A4 without the margins, at the 96 pixels an inch of CSS.
    page.set_viewport_size({"width": 680, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_paper_holds_what_is_closed_on_the_screen(browser: Browser, reported: Reported, tmp_path: Path) -> None:
    opened = browser.new_page()
    opened.goto((reported.folder / "out/gate.html").as_uri())
    assert not opened.locator("details").first.locator("table, pre").first.is_visible()
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    opened.emulate_media(media="print")
    assert opened.locator("details").first.locator("table, pre").first.is_visible()
    assert not opened.locator("nav").is_visible()
    opened.pdf(path=tmp_path / "gate.pdf")
    assert (tmp_path / "gate.pdf").stat().st_size > 10_000
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.locator("details").first.get_attribute("open") is None
    opened.close()
