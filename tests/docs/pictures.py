"""Pictures of the HTML report for the documentation: ``python -m tests.docs.pictures`` writes docs/pictures/."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree
from tests.companion_gate.report.conftest import WAIVER

FOLDER = Path(__file__).parents[2] / "docs/pictures"
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


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = write_tree(Path(name), STACKS)
        result = run_gate(folder, "--stack", "infra", "--gate-report", "gate.html")
        assert result.code == 1, result.output
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in ("light", "dark", "print"):
            page = browser.new_page(
                color_scheme="dark" if picture == "dark" else "light",
                viewport=PAPER if picture == "print" else SCREEN,  # type: ignore[arg-type]
            )
            if picture == "print":
                page.emulate_media(media="print")
            page.goto((folder / "gate.html").as_uri())
            page.screenshot(path=FOLDER / f"report-{picture}.png")
        browser.close()


if __name__ == "__main__":
    main()
