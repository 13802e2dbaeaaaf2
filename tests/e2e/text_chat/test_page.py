"""The page in a browser: what a person sees of a conversation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium
from tests.e2e.pages import ARGUMENTS, opened, say
from tests.e2e.talking import Served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*ARGUMENTS) as made:
        yield made


@pytest.fixture
def page(browser: Browser, text_chat: Served, user: str) -> Iterator[Page]:
    with opened(browser, text_chat, user) as made:
        yield made


def test_words_appear_one_after_the_other(page: Page) -> None:
    say(page, "take your time")
    answer = page.locator(".answer")
    expect(page.locator(".disclosure")).to_have_text("Hi, I am Robin. I am an AI, not a person.")
    expect(answer).to_contain_text("One moment")
    expect(answer).to_have_class("answer open")
    assert "all will be well" not in answer.inner_text()
    expect(answer).to_contain_text("all will be well.", timeout=15_000)
    expect(answer).to_have_class("answer")
    # Each stands below what it belongs to.
    kinds = page.locator("#log > *").evaluate_all("all => all.map(each => each.className)")
    assert kinds == ["mine", "disclosure", "answer"]


def test_a_refusal_takes_the_place_of_the_answer(page: Page) -> None:
    page.get_by_role("button", name="I want to hurt myself").click()
    expect(page.locator(".blocked")).to_contain_text("findahelpline.com")
    expect(page.locator(".answer")).to_have_count(0)


def test_a_turn_that_came_too_late_is_sent_again_by_itself(page: Page) -> None:
    say(page, "take your time")
    # It is being answered: nothing overtakes it any more.
    expect(page.locator(".disclosure")).to_be_visible()
    say(page, "hello")
    expect(page.locator(".busy")).to_contain_text("sent again in 4 s", timeout=20_000)
    expect(page.locator(".answer").last).to_contain_text("It is good to hear from you", timeout=20_000)


def test_who_asks_to_be_erased_sees_that_nothing_is_left(page: Page) -> None:
    say(page, "My cat is called Mimi")
    expect(page.locator("#memories li")).to_have_count(2, timeout=10_000)
    expect(page.locator("#memories")).to_contain_text("(until 20")
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_text("Everything that was known of you is erased.")).to_be_visible(timeout=15_000)
    expect(page.locator("#memories li")).to_have_count(0)
    assert page.locator("#counts dd").all_inner_texts() == ["0", "0", "0", "0"]


def test_it_can_be_used_with_the_keyboard_alone(page: Page) -> None:
    expect(page.get_by_label("Message")).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("It is good to hear from you")


def test_words_of_a_user_are_never_markup(page: Page) -> None:
    say(page, "<img src=x onerror=alert(1)> is my name")
    expect(page.locator(".answer")).to_contain_text("You wrote: <img")
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, text_chat: Served, user: str, scheme: str) -> None:
    with opened(browser, text_chat, user, color_scheme=scheme) as page:
        say(page, "hello")
        expect(page.locator("#memories li")).to_have_count(2, timeout=10_000)
        page.get_by_role("button", name="I want to hurt myself").click()
        expect(page.locator(".blocked")).to_be_visible()
        page.get_by_text("Frames").click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
