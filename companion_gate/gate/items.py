"""The questions about a stack, each a pytest item: ``modules/moderation::hcl::guardrail-version-pinned``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate.checkov.scan import FolderScan, configuration_in
from companion_gate.errors import GateError
from companion_gate.gate.existence import inputs_behind
from companion_gate.gate.judgement import (
    NOT_DECIDED,
    NOT_DEPLOYED,
    NotGood,
    Outcome,
    Status,
    explain,
    judge_hcl,
    judge_plan,
    place,
    still_undecided,
    with_line,
)
from companion_gate.gate.run import RUN, GateRun
from companion_gate.gate.stack import Case
from companion_gate.hcl.documents import read_module
from companion_gate.hcl.syntax import shown
from companion_gate.plan import Plan
from companion_gate.report.records import Record
from companion_gate.terraform.configuration import module_closure
from companion_gate.terraform.safety import unsafe_constructs


class GateItem(pytest.Item):
    """One question about a stack. Its result travels in the report's user properties, so that ``-n`` works."""

    fixturenames: tuple[str, ...] = ()
    """pytest-terraform reads this of every item when pytest-xdist is installed."""
    cases: tuple[Case, ...] = ()
    """Whose plans it asks for."""

    def __init__(self, *, stack: Path, question: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stack = stack
        self.question = question
        self.run = self.config.stash[RUN]

    def answer(self) -> Outcome:
        """Raises NotGood or GateError where the answer is no."""
        raise NotImplementedError

    def runtest(self) -> None:
        started = time.perf_counter()
        outcome, message = Outcome(Status.FAILED), ""
        bad: tuple[int, ...] = ()
        try:
            outcome = self.answer()
        except NotGood as refusal:
            outcome.findings, message, bad = list(refusal.findings), str(refusal), refusal.bad
            raise
        except GateError as error:
            message = str(error)
            raise
        finally:
            record = Record(
                stack=str(self.stack),
                part=self.parent.name if isinstance(self.parent, Part) else "",
                name=self.name,
                status=outcome.status.value,
                note=outcome.note,
                seconds=time.perf_counter() - started,
                findings=tuple(outcome.findings),
                facts=outcome.facts,
                kept=outcome.kept,
                waived=outcome.waived,
                message=message,
                bad=bad,
            )
            self.user_properties.append(record.to_property())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, NotGood | GateError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        # pytest asks for a line where somebody has marked an item to be skipped.
        return self.stack, 0, self.nodeid


class Part(pytest.Collector):
    """The items of one front end: ``hcl``, or one plan."""

    def __init__(self, *, children: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._children = children

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        yield from self._children(self)


class Parses(GateItem):
    """Every .tf file of the root and of the local modules it calls is readable HCL."""

    def answer(self) -> Outcome:
        folders = module_closure(self.stack)
        files = sum(len(read_module(folder).files) for folder in folders)
        if files == 0:
            raise NotGood(f"{shown(self.stack)} holds no .tf file; nothing would be checked")
        return Outcome(Status.PASSED, note=f"{files} files in {len(folders)} folders")


class SafeToPlan(GateItem):
    """Nothing in the configuration would run code, leave the machine or disarm the scan."""

    def answer(self) -> Outcome:
        providers = self.run.options.providers
        faults = [str(found) for found in unsafe_constructs(self.stack, providers)]
        for folder in module_closure(self.stack):
            faults += [
                f"{shown(path)}: Checkov would take settings from this file, which can switch policies off; remove it"
                for path in configuration_in(folder)
            ]
        if faults:
            raise NotGood("\n".join(faults))
        facts = {"providers that were allowed": ", ".join(providers)} if providers else {}
        return Outcome(Status.PASSED, facts=facts)


class ScanComplete(GateItem):
    """Checkov read everything, and no comment in the sources switches one of our policies off."""

    def answer(self) -> Outcome:
        result = self.run.scan(self.stack)
        faults = list(result.faults)
        faults += [
            f"{shown(skip.file)}:{skip.line}: a comment skips {skip.rule_id} for {skip.resource}; "
            "remove it, or write a waiver"
            for skip in result.skips
            if not self.run.waivers.covers_skip(self.stack, skip.rule_id, skip.resource, self.run.rules)
        ]
        if faults:
            raise NotGood("\n".join(faults))
        return Outcome(Status.PASSED, note=f"{len(result.findings)} findings", kept=result.kept)


class PolicyOnHcl(GateItem):
    """One policy, on the HCL, through Checkov."""

    def __init__(self, *, rule: Rule, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule = rule

    def answer(self) -> Outcome:
        scan = _scanned(self.run, self.stack)
        findings = [with_line(finding) for finding in _of(self.rule, scan.findings)]
        outcome = judge_hcl(self.rule, findings, self.run.waiver_for(self.stack, self.rule))
        if scan.faults:
            raise NotGood(f"{NOT_DECIDED}the scan is not complete; {shown(self.stack)}::hcl::scan-complete says why")
        return outcome


class Plans(GateItem):
    """Terraform makes a plan, with at least one resource, and the configuration's own checks hold."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        self.cases = (case,)

    def answer(self) -> Outcome:
        plan = self.run.plan(self.case)
        if not len(plan):
            raise NotGood(f"the plan of {shown(self.stack)} holds no resource; nothing would be checked")
        broken = [check for check in plan.checks if check.status in ("fail", "error")]
        if broken:
            raise NotGood("\n".join(f"{check.address}: {'; '.join(check.messages)}" for check in broken))
        made = plan.run
        facts = {
            "resources": str(len(plan)),
            "terraform": made.terraform_version,
            "providers": ", ".join(f"{name} {at}" for name, at in made.provider_versions.items()),
            "provider source": made.provider_source,
        }
        if made.not_fast:
            facts[f"plain Terraform for {shown(self.stack)}"] = made.not_fast
        seconds = made.seconds_init + made.seconds_plan
        note = "planned by an earlier run" if made.kept else f"planned in {seconds:.1f} s"
        return Outcome(Status.PASSED, note=note, facts=facts, kept=made.kept)


class PolicyOnPlan(GateItem):
    """One policy, on the plan."""

    def __init__(self, *, rule: Rule, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule = rule
        self.case = case
        self.cases = (case,)

    def answer(self) -> Outcome:
        findings = self.run.judge(self.rule, _planned(self.run, self.case))
        on_hcl = _of(self.rule, _scanned(self.run, self.stack).findings)
        return judge_plan(self.rule, findings, on_hcl, self.run.waiver_for(self.stack, self.rule))


class Unplannable(GateItem):
    """Stands for the plan of a stack that cannot be planned, and says why."""

    def answer(self) -> Outcome:
        raise NotGood(self.question)


class Decided(GateItem):
    """Whatever HCL could not tell was decided by a plan."""

    def __init__(self, *, cases: tuple[Case, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cases = cases

    def answer(self) -> Outcome:
        on_hcl = _scanned(self.run, self.stack).findings
        on_plans = [
            finding
            for case in self.cases
            for rule in self.run.rules
            for finding in self.run.judge(rule, _planned(self.run, case))
        ]
        # What the HCL of a root below leaves open, no plan of this stack settles.
        own = [finding for finding in on_hcl if not self._below(finding)]
        below = [finding for finding in on_hcl if self._below(finding) and not self._is_asked_elsewhere(finding)]
        left = [
            finding
            for rule in self.run.rules
            for finding in _of(rule, [*still_undecided(own, on_plans), *still_undecided(below, [])])
            if self.run.waiver_for(self.stack, rule)(finding) is None
        ]
        # An example is one call of many; the plan of a root is all that the root deploys, as long as its HCL says so.
        is_root = not any(case.example for case in self.cases)
        planned = {place(finding) for finding in on_plans}
        inputs = {
            finding.address: inputs_behind(self.stack, finding.address)
            for finding in left
            if is_root and place(finding) not in planned and not self._below(finding)
        }
        absent = [finding for finding in left if inputs.get(finding.address) == ()]
        undecided = [finding for finding in left if finding not in absent]
        if undecided:
            lines = [*_undecided_lines(undecided, inputs), *self._roots_below(undecided)]
            raise NotGood("\n".join(lines), undecided, undecided)
        names = ", ".join(dict.fromkeys(finding.address for finding in absent))
        return Outcome(Status.PASSED, note=f"{NOT_DEPLOYED}{names}" if names else "")

    def _below(self, finding: Finding) -> bool:
        """Whether it was found in a root that lies below the stack, whose plan is none of the stack's."""
        return finding.root is not None and Path(finding.root).resolve() != self.stack

    def _is_asked_elsewhere(self, finding: Finding) -> bool:
        return self._below(finding) and Path(finding.root or "").resolve() in self.run.options.stacks

    def _roots_below(self, undecided: Sequence[Finding]) -> Iterator[str]:
        for root in sorted({str(finding.root) for finding in undecided if self._below(finding)}):
            yield f"{shown(Path(root))} is a root of its own; judge it too: --stack {shown(Path(root))}"


class WaiversHold(GateItem):
    """Each waiver of the stack still covers something, and has not expired."""

    def __init__(self, *, cases: tuple[Case, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cases = cases

    def answer(self) -> Outcome:
        waivers = self.run.waivers
        scan = _scanned(self.run, self.stack)
        found = [(rule, finding) for rule in self.run.rules for finding in self._findings(rule, scan)]
        faults: list[str] = []
        for waiver in waivers.of(self.stack):
            used = any(waiver.covers(rule, finding) for rule, finding in found) or any(
                waiver.covers_skip(skip.rule_id, skip.resource, self.run.rules) for skip in scan.skips
            )
            faults += waivers.faults(waiver, used)
        if faults:
            raise NotGood("\n".join(faults))
        soon = [str(waiver) for waiver in waivers.of(self.stack) if waivers.ends_soon(waiver)]
        facts = {f"ends soon in {shown(self.stack)}": "; ".join(soon)} if soon else {}
        return Outcome(Status.PASSED, note=f"{len(waivers.of(self.stack))} waivers", facts=facts)

    def _findings(self, rule: Rule, scan: FolderScan) -> list[Finding]:
        planned = [finding for case in self.cases for finding in self.run.judge(rule, _planned(self.run, case))]
        bad = (Verdict.FAIL, Verdict.UNKNOWN)
        return [finding for finding in (*_of(rule, scan.findings), *planned) if finding.verdict in bad]


def _undecided_lines(findings: Sequence[Finding], inputs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield "neither the HCL nor a plan decides this; add an example that creates the resource"
    for finding in findings:
        yield from explain(with_line(finding))
        if behind := inputs.get(finding.address):
            yield f"  depends on: {', '.join(behind)}, so that another value could deploy it"


def _scanned(run: GateRun, stack: Path) -> FolderScan:
    """The scan, for items whose business is not that it could not be made: they say so in one line."""
    try:
        return run.scan(stack)
    except GateError:
        raise NotGood(f"{NOT_DECIDED}there is no scan; {shown(stack)}::hcl::scan-complete says why") from None


def _planned(run: GateRun, case: Case) -> Plan:
    """The plan, as `_scanned` gives the scan."""
    try:
        return run.plan(case)
    except GateError:
        raise NotGood(f"{NOT_DECIDED}there is no plan; {shown(case.stack)}::{case.name}::plans says why") from None


def _of(rule: Rule, findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.rule_id == rule.id]
