"""One gate run: what is shared by all its items, made when it is first asked for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from aic_engine.loader import load_rules
from aic_engine.rule import Finding, Rule, RuleError
from companion_gate.aws.target import AwsTarget, aws_target
from companion_gate.cache.scans import ScanCache
from companion_gate.cache.store import ContentCache
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.stack import Case
from companion_gate.plan.view import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.safety import unsafe_constructs
from companion_gate.terraform.workspace import Workspace, mirror

RUN: pytest.StashKey[GateRun] = pytest.StashKey()


@dataclass(frozen=True)
class Options:
    """What the command line and the ini file ask for."""

    stacks: tuple[Path, ...]
    policies: Path
    aws: str
    aws_port: int
    plan_engine: str
    """``fast``: with a provider that keeps running, where that is sure to plan the same; ``stock``: plain Terraform."""
    items: tuple[str, ...] = ()
    """Ids of items, where only they were asked for."""
    asked_for: bool = True
    """False where the ini file alone names the stacks."""
    plan_record: Path | None = None
    """File for a recording of the provider's answers, so that the same plans can be made without a provider."""
    plan_replay: Path | None = None
    """Recording that answers in the provider's place; what it does not hold fails."""
    cache: Path | None = None
    """Folder of what earlier runs found; None: nothing is kept, and nothing kept is believed."""


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


def safe(workspace: Workspace) -> Workspace:
    """The same workspace. Raises GateError for whatever would run code or leave the machine, before Terraform can."""
    found = [replace(each, file=workspace.original(each.file)) for each in unsafe_constructs(workspace.root)]
    if found:
        raise GateError("Terraform was not started:\n" + "\n".join(map(str, found)))
    return workspace


class GateRun:
    """Lazily opens the emulated AWS, Terraform and Checkov; an error is raised again for everyone who needs it."""

    def __init__(self, options: Options, rules: tuple[Rule, ...]) -> None:
        self.options = options
        self.rules = rules
        self._open = contextlib.ExitStack()
        self._plans: dict[tuple[Path, str], Planned | GateError] = {}
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
        """The plan of a case, made once and shared by all its assertions."""
        key = (case.stack, case.name)
        if key not in self._plans:
            started = time.perf_counter()
            try:
                plan = Plan(make_plan(safe(case.workspace(self.session)), self.session))
                self._plans[key] = Planned(plan, time.perf_counter() - started)
            except GateError as error:
                self._plans[key] = error
        found = self._plans[key]
        if isinstance(found, GateError):
            raise found
        return found

    def plan_folder(self, folder: Path, variables: Mapping[str, Any] | None = None) -> Plan:
        """A plan of any root, for a team's own tests."""
        return Plan(make_plan(safe(mirror(folder, self.session.new_folder())), self.session, variables))

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
