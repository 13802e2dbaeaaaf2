"""One gate run: what is shared by all its items, made when it is first asked for."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest

from aic_engine.loader import load_rules
from aic_engine.rule import Finding, Rule, RuleError
from companion_gate.aws.target import AwsTarget, aws_target
from companion_gate.cache.inputs import NotKept, surroundings
from companion_gate.cache.plans import PlanCache
from companion_gate.cache.scans import ScanCache
from companion_gate.cache.store import ContentCache
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.options import OPTIONS, Options
from companion_gate.gate.stack import Case
from companion_gate.plan.cases import PlanCases
from companion_gate.plan.view import Plan
from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.binary import find_terraform
from companion_gate.terraform.plan import PlanRun, TerraformSession, make_plan
from companion_gate.terraform.safety import safe
from companion_gate.terraform.workspace import mirror, placed

RUN: pytest.StashKey[GateRun] = pytest.StashKey()


@dataclass(frozen=True)
class Planned:
    """A plan with what the policies say of it; ``seconds`` is wall time."""

    plan: Plan
    seconds: float


def load_policies(folder: Path) -> tuple[Rule, ...]:
    """The policies of a folder. Raises GateError for a folder that is not whole."""
    try:
        return load_rules(folder)
    except RuleError as error:
        raise GateError(str(error)) from error


def run_of(config: pytest.Config) -> GateRun:
    """The run of this pytest process, made when it is first asked for. Raises GateError for policies not whole."""
    if RUN not in config.stash:
        options = config.stash[OPTIONS]
        run = GateRun(options, load_policies(options.policies) if options.stacks else ())
        config.stash[RUN] = run
        config.add_cleanup(run.close)
    return config.stash[RUN]


class GateRun:
    """Lazily opens the emulated AWS, Terraform and Checkov; an error is raised again for everyone who needs it."""

    def __init__(self, options: Options, rules: tuple[Rule, ...]) -> None:
        self.options = options
        self.rules = rules
        self._open = contextlib.ExitStack()
        self.expected: tuple[Case, ...] = ()
        """The cases whose plans the selected items will ask for."""
        self._plans: dict[Case, Planned | GateError] = {}
        self._scans: dict[Path, FolderScan] | GateError | None = None

    @cached_property
    def store(self) -> ContentCache | None:
        """Where results are kept from run to run."""
        return ContentCache(self.options.cache) if self.options.cache else None

    @cached_property
    def aws(self) -> AwsTarget:
        """The emulated AWS that every plan of the run talks to."""
        return self._open.enter_context(aws_target(self.options.aws, self.options.aws_port))

    @cached_property
    def session(self) -> TerraformSession:
        """Terraform with the run's private folder."""
        session = self._open.enter_context(TerraformSession.open(endpoint_url=self.aws.url))
        if self.options.plan_engine == "fast":
            lane = FastLane(session, record=self.options.plan_record, replay=self.options.plan_replay)
            session.fast_lane = self._open.enter_context(lane)
        return session

    def scan(self, stack: Path) -> FolderScan:
        """Checkov's and the policies' word on the HCL of a stack; all stacks are scanned in one go."""
        if self._scans is None:
            try:
                self._scans = self._scan_all()
            except GateError as error:
                self._scans = error
        if isinstance(self._scans, GateError):
            raise self._scans
        return self._scans[stack]

    def _scan_all(self) -> dict[Path, FolderScan]:
        stacks, policies = self.options.stacks, self.options.policies
        if self.store is None:
            return scan(stacks, policies, self.rules)[0]
        cache = ScanCache(self.store, policies)
        with self.store.alone("scan"):
            found = {stack: kept for stack in stacks if (kept := cache.get(stack)) is not None}
            if missing := [stack for stack in stacks if stack not in found]:
                fresh, _ = scan(missing, policies, self.rules)
                for each in fresh.values():
                    cache.put(each)
                found |= fresh
        return found

    def plan(self, case: Case) -> Planned:
        """The plan of a case, made once and shared by all its assertions; README examples are planned in one go."""
        if case not in self._plans:
            others = [each for each in self.expected if each.example and case.example and each not in self._plans]
            self._plans |= self._planned(list(dict.fromkeys((case, *others))))
        found = self._plans[case]
        if isinstance(found, GateError):
            raise found
        return found

    def _planned(self, cases: Sequence[Case]) -> dict[Case, Planned | GateError]:
        """What earlier runs kept, and the rest made now; one process at a time, so that the others find it kept."""
        if self._plan_cache is None or self.store is None:
            return self._make(cases)
        with self.store.alone("plans"):
            kept = {case: Planned(Plan(run), 0.0) for case in cases if (run := self._kept(self._plan_cache, case))}
            made = self._make([case for case in cases if case not in kept])
            for case, planned in made.items():
                if isinstance(planned, Planned):
                    self._plan_cache.put(case.inputs, planned.plan.run)
        return {**kept, **made}

    def _kept(self, cache: PlanCache, case: Case) -> PlanRun | None:
        try:
            return cache.get(case.inputs)
        except GateError:
            return None  # planning says what is wrong, and of this case only

    def _make(self, cases: Sequence[Case]) -> dict[Case, Planned | GateError]:
        """Plan the cases with Terraform; the time of each is its share."""
        if not cases:
            return {}
        started = time.perf_counter()
        try:
            outcomes = plan_together([case.to_plan for case in cases], self.session)
        except GateError as error:
            return dict.fromkeys(cases, error)
        seconds = (time.perf_counter() - started) / len(cases)
        made = zip(cases, outcomes.values(), strict=True)
        return {
            case: outcome if isinstance(outcome, GateError) else Planned(Plan(outcome), seconds)
            for case, outcome in made
        }

    @cached_property
    def _plan_cache(self) -> PlanCache | None:
        options = self.options
        if self.store is None or options.plan_record or options.plan_replay:
            return None
        try:
            around = surroundings(find_terraform(), os.environ, engine=options.plan_engine, aws=options.aws)
        except NotKept:
            return None
        return PlanCache(self.store, around)

    def plan_folder(self, folder: Path, variables: Mapping[str, Any] | None = None) -> Plan:
        """A plan of any root, for a team's own tests."""
        return Plan(make_plan(safe(mirror(folder, self.session.new_folder())), self.session, variables))

    def plan_cases(self, folder: Path, inputs: Mapping[str, Mapping[str, Any]]) -> PlanCases:
        """Plans of a module folder with each of these inputs, by their names."""
        place = partial(placed, folder)
        cases = [BatchCase(name, place, values) for name, values in inputs.items()]
        return PlanCases(plan_together(cases, self.session))

    def judge(self, rule: Rule, plan: Plan) -> list[Finding]:
        """The rule on a plan, each finding with its HCL line. Raises GateError when the rule breaks."""
        try:
            return [
                plan.with_source(rule.judge(resource, plan.graph), resource) for resource in plan.resources(*rule.types)
            ]
        except RuleError as error:
            raise GateError(str(error)) from error

    def close(self) -> None:
        """Stop whatever was started and remove the private folder."""
        self._open.close()
