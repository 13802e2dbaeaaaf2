"""Writes docs/costs.md: what each example costs, computed from its plan and from docs/prices.toml.

``python -m tests.docs.costs`` writes the page; ``tests/docs/test_costs.py`` fails when it is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial

from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.stack import EXAMPLE_PROVIDER
from companion_gate.plan.view import Plan
from companion_gate.terraform.batch import BatchCase, Outcome, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed, written
from tests.modules.examples import EXAMPLES as README_EXAMPLES
from tests.modules.roots import MODULES, REPOSITORY

from .fixed import Fixed
from .page import DEAR, EXAMPLES, Cost, page
from .prices import PriceList
from .turn import Turn

PAGE = REPOSITORY / "docs" / "costs.md"
COMMAND = ".venv/bin/python -m tests.docs.costs"


def plans(session: TerraformSession) -> dict[str, Outcome]:
    """The plan of each example, and of each README example that is off by default, by its name."""
    cases = [BatchCase(name, partial(placed, REPOSITORY / "examples" / name)) for name in EXAMPLES]
    for label in DEAR:
        files = {"main.tf": README_EXAMPLES[label]}
        cases.append(BatchCase(label, partial(written, files, {"modules": MODULES}), provider=EXAMPLE_PROVIDER))
    return plan_together(cases, session)


def costs(outcomes: Mapping[str, Outcome], prices: PriceList) -> dict[str, Cost]:
    """Raises GateError where Terraform refuses one, LookupError where something has no price."""
    found = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, GateError):
            raise outcome
        plan = Plan(outcome)
        fixed = Fixed(plan, prices).quantities()
        if name in EXAMPLES:
            turn = Turn(plan, prices)
            found[name] = Cost(fixed, turn.quantities(), turn.quantities(only="voice"))
        else:
            found[name] = Cost(fixed, {})
    return found


def main() -> int:
    """The command; returns its exit status."""
    prices = PriceList.read()
    try:
        with TerraformSession.open() as session, FastLane(session) as session.fast_lane:
            text = page(costs(plans(session), prices), prices, COMMAND)
    except (GateError, LookupError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
