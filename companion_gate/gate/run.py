"""One gate run: what is shared by all its items, made when it is first asked for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest

from aic_engine.loader import load_rules
from aic_engine.profiles import checked_limits, select
from aic_engine.rule import Finding, Rule, RuleError
from companion_gate.aws.target import AwsTarget, aws_target
from companion_gate.cache.inputs import PlanInputs
from companion_gate.cache.scans import ScanCache
from companion_gate.cache.store import ContentCache
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.errors import GateError, room_to_write
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.options import OPTIONS, Options
from companion_gate.gate.planning import Planner, Wanted
from companion_gate.gate.stack import Case
from companion_gate.gate.waivers import Waiver, Waivers, read_waivers
from companion_gate.hcl.syntax import shown
from companion_gate.plan.cases import PlanCases
from companion_gate.plan.view import Plan
from companion_gate.terraform.batch import BatchCase
from companion_gate.terraform.plan import TerraformSession
from companion_gate.terraform.workspace import placed

RUN: pytest.StashKey[GateRun] = pytest.StashKey()


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
        run = GateRun(options, load_policies(options.policies) if options.stacks else (), date.today())
        run.tell = partial(_tell, config)
        config.stash[RUN] = run
        config.add_cleanup(run.close)
    return config.stash[RUN]


def _tell(config: pytest.Config, text: str) -> None:
    """One line on work that takes long, where pytest writes to a terminal or a log and is not to be quiet."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if reporter is not None and config.get_verbosity() >= 0 and not hasattr(config, "workerinput"):
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            reporter.ensure_newline()
            reporter.write_line(f"companion-gate: {text}")


class GateRun:
    """Lazily opens the emulated AWS, Terraform and Checkov; an error is raised again for everyone who needs it."""

    def __init__(self, options: Options, loaded: tuple[Rule, ...], today: date) -> None:
        """``loaded`` are all policies of the folder; the profile chooses ``rules`` among them. Raises GateError."""
        self.options = options
        self.loaded = loaded
        try:
            self.rules = select(loaded, options.profile)
            self.limits = checked_limits(loaded, options.parameters) if loaded else {}
        except RuleError as error:
            raise GateError(str(error)) from error
        file = options.waivers if loaded else None
        self.waivers = read_waivers(file, options.root, loaded, today) if file else Waivers((), today)
        self.tell: Callable[[str], None] = lambda _: None
        """Hears of work that takes long."""
        self._open = contextlib.ExitStack()
        self.expected: tuple[Case, ...] = ()
        """The cases whose plans the selected items will ask for."""
        self._plans: dict[Case, Plan | GateError] = {}
        self._scans: dict[Path, FolderScan] | GateError | None = None

    @cached_property
    def store(self) -> ContentCache | None:
        """Where results are kept from run to run."""
        return ContentCache(self.options.cache) if self.options.cache else None

    @cached_property
    def aws(self) -> AwsTarget:
        """The emulated AWS that every plan of the run talks to."""
        return self._open.enter_context(aws_target(self.options.aws, self.options.aws_port, os.environ))

    @property
    def used_aws(self) -> AwsTarget | None:
        """The emulated AWS, where this run has asked for one."""
        found: AwsTarget | None = self.__dict__.get("aws")
        return found

    @cached_property
    def session(self) -> TerraformSession:
        """Terraform with the run's private folder."""
        session = self._open.enter_context(TerraformSession.open(endpoint_url=self.aws.url))
        session.providers = self.options.providers
        if self.options.plan_engine == "fast":
            lane = FastLane(session, record=self.options.plan_record, replay=self.options.plan_replay)
            session.fast_lane = self._open.enter_context(lane)
        return session

    def scan(self, stack: Path) -> FolderScan:
        """Checkov's and the policies' word on the HCL of a stack; all stacks are scanned in one go."""
        if self._scans is None:
            try:
                with room_to_write():
                    self._scans = self._scan_all()
            except GateError as error:
                self._scans = error
        if isinstance(self._scans, GateError):
            raise self._scans
        return self._scans[stack]

    def _scan_all(self) -> dict[Path, FolderScan]:
        stacks, policies = self.options.stacks, self.options.policies
        if self.store is None:
            self.tell(f"scanning with Checkov: {_listed(stacks)}")
            return scan(stacks, policies, self.loaded, self.limits)[0]
        cache = ScanCache(self.store, policies, self.limits)
        with self.store.alone(" ".join(map(str, ("scan", *stacks)))):
            found = {stack: kept for stack in stacks if (kept := cache.get(stack)) is not None}
            if missing := [stack for stack in stacks if stack not in found]:
                self.tell(f"scanning with Checkov: {_listed(missing)}")
                fresh, _ = scan(missing, policies, self.loaded, self.limits)
                for each in fresh.values():
                    cache.put(each)
                found |= fresh
        return found

    def plan(self, case: Case) -> Plan:
        """The plan of a case, made once and shared by all its assertions; README examples are planned in one go."""
        if case not in self._plans:
            others = [each for each in self.expected if each.example and case.example and each not in self._plans]
            self._plans |= self._planned(list(dict.fromkeys((case, *others))))
        found = self._plans[case]
        if isinstance(found, GateError):
            raise found
        return found

    def _planned(self, cases: Sequence[Case]) -> dict[Case, Plan | GateError]:
        try:
            outcomes = self._planner.outcomes([Wanted(case.to_plan, partial(_inputs, case)) for case in cases])
        except GateError as error:
            return dict.fromkeys(cases, error)
        found = {case: outcomes[case.to_plan.name] for case in cases}
        return {case: made if isinstance(made, GateError) else Plan(made) for case, made in found.items()}

    @cached_property
    def _planner(self) -> Planner:
        return Planner(self.options, self.store, lambda: self.session, lambda text: self.tell(text))

    def plan_folder(self, folder: Path, variables: Mapping[str, Any] | None = None) -> Plan:
        """A plan of any root, for a team's own tests."""
        return self.plan_cases(folder, {str(folder): variables or {}})[str(folder)]

    def plan_cases(self, folder: Path, inputs: Mapping[str, Mapping[str, Any]]) -> PlanCases:
        """Plans of a folder with each of these inputs, by their names."""
        root = folder.absolute()
        place = partial(placed, root)
        wanted = [
            Wanted(BatchCase(name, place, values), partial(PlanInputs, (root,), {}, values))
            for name, values in inputs.items()
        ]
        return PlanCases(self._planner.outcomes(wanted))

    def judge(self, rule: Rule, plan: Plan) -> list[Finding]:
        """The rule on a plan, each finding with its HCL line. Raises GateError when the rule breaks."""
        plan.graph.limits = self.limits
        try:
            return [
                plan.with_source(rule.judge(resource, plan.graph), resource) for resource in plan.resources(*rule.types)
            ]
        except RuleError as error:
            raise GateError(str(error)) from error

    def waiver_for(self, stack: Path, rule: Rule) -> Callable[[Finding], Waiver | None]:
        """What answers for a finding of a rule in a stack today."""
        return partial(self.waivers.covering, stack, rule)

    def close(self) -> None:
        """Stop whatever was started and remove the private folder."""
        self._open.close()


def _inputs(case: Case) -> PlanInputs:
    return case.inputs


def _listed(folders: Sequence[Path]) -> str:
    others = len(folders) - 1
    return shown(folders[0]) + (f" and {others} more" if others else "")
