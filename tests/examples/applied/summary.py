"""What a run over the applied examples found, example by example, and how long the steps took."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest

_EXAMPLE = re.compile(r"examples/applied/.*\[([a-z-]+)")


class Summary:
    """Collects the reports of a run, also of pytest-xdist's workers, and says what they come to."""

    def __init__(self) -> None:
        self._failed: dict[str, bool] = {}
        self._told: dict[str, dict[str, Any]] = defaultdict(dict)

    def add(self, report: pytest.TestReport) -> None:
        """Take a report in, if it is about an example."""
        found = _EXAMPLE.search(report.nodeid)
        if found is None:
            return
        example = found[1]
        self._failed[example] = self._failed.get(example, False) or report.failed
        self._told[example].update(report.user_properties)

    def lines(self) -> list[str]:
        """None if no example was applied."""
        if not self._failed:
            return []
        ok = sum(not failed for failed in self._failed.values())
        drift, left = (sum(told.get(name, 0) for told in self._told.values()) for name in ("drift", "left"))
        last = f"apply examples={ok}/{len(self._failed)} drift={drift} left={left}"
        return [line for example in sorted(self._failed) for line in _lines(example, self._told[example])] + [last]


def _lines(example: str, told: dict[str, Any]) -> list[str]:
    lines = [f"{example}: {told['emulator']}"] if "emulator" in told else [f"{example}: did not reach its end"]
    for step in told.get("steps", ()):
        waits = f"; {step['waited']:.0f} s of them the provider's own: {step['chain']}" if step["chain"] else ""
        lines.append(f"  {step['name']:<8} {step['seconds']:6.1f} s, {step['cpu']:5.1f} CPU s{waits}")
    return lines
