"""Each example meets a fault in each of its API calls, and what it deploys in the end is what it should be.

The slow lane (`make faults`). A fault hits the first call of every operation that an example makes, so that one life of
it meets them all. What the SDK asks again is recovered from within one apply; what is refused fails with a sentence,
and another apply goes on from there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import pytest

from companion_gate.apply.deployment import Deployment
from companion_gate.aws.faults import Fault, Faults, Kind
from companion_gate.aws.inventory import inventory
from companion_gate.gate.run import run_of
from companion_gate.terraform.diagnostics import TerraformFailed
from tests.applying import REGION
from tests.examples.applied.selection import each_name
from tests.examples.applied.surroundings import ACCOUNT, surround
from tests.examples.deployments import EXAMPLES

# An apply goes as far as the first refusal on each path; no path of an example has more calls in a row.
MOST_APPLIES = 40
BREAK_GLASS = 'module "companion" {\n  break_glass_reason = "the fault test destroys its tables again"\n}\n'


_TAKEN = re.compile(r": ((?:module|aws_)\S+): creating [^\n]*(?:already exists|already has this name|AlreadyExists)")


class Life:
    """An example and the faults that it meets."""

    def __init__(self, request: pytest.FixtureRequest, example: str) -> None:
        run = run_of(request.config)
        assert run.aws.embedded is not None, "faults can be injected into the embedded AWS only"
        run.aws.embedded.reset()
        self.faults: Faults = run.aws.embedded.faults
        self.client = functools.partial(run.aws.client, region=REGION, account=ACCOUNT)
        self.variables = surround(example, self.client)
        self.deployment = Deployment(run.session, EXAMPLES / example, ACCOUNT)
        if example != "bring-your-own":
            (self.deployment.workspace.root / "break_glass_override.tf").write_text(BREAK_GLASS, encoding="utf-8")
        self.deployment.init()
        self.before = inventory(self.client, self.deployment.types())

    def converge(self) -> list[str]:
        """Apply until nothing fails; gives the sentences of what failed."""
        failures: list[str] = []
        for _ in range(MOST_APPLIES):
            try:
                self.deployment.apply(self.variables)
            except TerraformFailed as failed:
                failures.append(str(failed))
                self._keep_what_was_made(str(failed))
            else:
                return failures
        raise AssertionError(f"still failing after {MOST_APPLIES} applies: {failures[-1]}")

    def _keep_what_was_made(self, failure: str) -> None:
        """Untaint what was made before a later call of its creation was denied.

        Terraform would replace it, and make the new one first where something that depends on it is replaced so
        (Terraform docs: create_before_destroy), although the old one has the name.
        """
        for address in _TAKEN.findall(failure):
            self.deployment.terraform.execute_command("untaint", "-no-color", address)

    def left(self) -> frozenset[str]:
        return inventory(self.client, self.deployment.types()) - self.before


@pytest.fixture
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    made = Life(request, request.param)
    yield made
    made.faults.clear()
    made.deployment.destroy(made.variables)


# The answer to a change that is lost is another matter: tests/companion_gate/apply/test_apply_faults.py.
RETRIED = {
    "throttle": [Fault(Kind.THROTTLE)],
    "break": [Fault(Kind.BREAK)],
    "slow": [Fault(Kind.SLOW, seconds=0.3)],
    "lose": [Fault(Kind.LOSE, pattern) for pattern in ("*:Describe*", "*:Get*", "*:List*", "*:BatchGet*")],
}


# Every change: a resource of several calls is half made then. A read that is denied after a change was made is another
# matter: AWS provider 5.100 forgets a guardrail then, whose name stays taken until it is imported.
DENIED = Fault(Kind.DENY, "*:[!BDGL]*")
# Of the smallest example, changes alone.
LEAST_OPERATIONS = 7


@each_name("life")
@pytest.mark.parametrize("kind", RETRIED)
def test_what_aws_is_asked_again_is_recovered_from(life: Life, kind: str) -> None:
    with life.faults.injected(*RETRIED[kind]) as faults:
        assert life.converge() == []
        assert life.deployment.changes(life.variables) == []
        assert len({operation for _, operation in faults.met}) >= LEAST_OPERATIONS
        life.deployment.destroy(life.variables)
    assert life.left() == frozenset()


@each_name("life")
def test_what_is_denied_fails_with_a_sentence_and_converges(life: Life) -> None:
    with life.faults.injected(DENIED) as faults:
        failures = life.converge()
        assert failures
        assert {
            failure for failure in failures if "AccessDenied" not in failure and not _TAKEN.search(failure)
        } == set()
        assert life.deployment.changes(life.variables) == []
        assert len({operation for _, operation in faults.met}) >= LEAST_OPERATIONS
    life.deployment.destroy(life.variables)
    assert life.left() == frozenset()
