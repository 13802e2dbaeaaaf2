"""Pictures of the pages for the documentation: ``python -m tests.docs.pictures`` writes docs/pictures/."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from companion_gate.serve.companion import Options
from companion_gate.serve.launch import served
from tests.browser import chromium
from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree
from tests.companion_gate.report.conftest import WAIVER

FOLDER = Path(__file__).parents[2] / "docs/pictures"
EXAMPLE = Path(__file__).parents[2] / "examples/text-chat"
GUARDRAIL = """
resource "aws_bedrock_guardrail" "companion" {
  name                      = "companion"
  blocked_input_messaging   = "I cannot talk about that."
  blocked_outputs_messaging = "I cannot talk about that."

  content_policy_config {
    filters_config {
      type            = "SEXUAL"
      input_strength  = "HIGH"
      output_strength = "LOW"
    }
  }
}
"""
STACKS = {
    "infra/dev/main.tf": PROVIDER + table(),
    "infra/prod/main.tf": PROVIDER + table(ttl="false", pitr="false") + GUARDRAIL,
    "companion-waivers.toml": WAIVER,
}
# A4 without its margins, at the 96 pixels an inch of CSS.
PAPER = {"width": 680, "height": 1000}
SCREEN = {"width": 1200, "height": 1100}


SAID = ("My cat is called Mimi", "I want to hurt myself", "What is my cat called?")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with chromium() as browser:
        report(browser)
        companion(browser)


def report(browser: Browser) -> None:
    """The HTML report, for the screen and for paper."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_tree(Path(name), STACKS)
        result = run_gate(folder, "--stack", "infra", "--gate-report", "gate.html")
        assert result.code == 1, result.output
        for picture in ("light", "dark", "print"):
            page = browser.new_page(
                color_scheme="dark" if picture == "dark" else "light",
                viewport=PAPER if picture == "print" else SCREEN,  # type: ignore[arg-type]
            )
            if picture == "print":
                page.emulate_media(media="print")
            page.goto((folder / "gate.html").as_uri())
            page.screenshot(path=FOLDER / f"report-{picture}.png")


def companion(browser: Browser) -> None:
    """The page of a companion that is served, after a few words."""
    with served(EXAMPLE, Options()) as local:
        page = browser.new_page(viewport={"width": 1100, "height": 880})
        page.goto(local.gateway.page_url)
        page.get_by_role("button", name="Connect", exact=True).click()
        for text in SAID:
            page.get_by_label("Message").fill(text, timeout=20_000)
            page.get_by_role("button", name="Send").click()
            expect(page.locator(".open")).to_have_count(0, timeout=20_000)
        expect(page.locator("#memories li")).to_have_count(4)
        page.screenshot(path=FOLDER / "companion.png")


if __name__ == "__main__":
    main()
