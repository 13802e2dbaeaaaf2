"""Runs the rules inside anyone's Checkov, on HCL and on plan files.

One Checkov check per rule. Checkov's own rendering of variables is not used, as it is silently wrong where it cannot
know: the graph is built once per scan from Checkov's module resolution and Checkov's parser, and every rule runs on it.

In a plain ``checkov`` run FAIL is a failed check, PASS a passed one, UNKNOWN a warning on standard error (Checkov has
no output for it) or, with ``COMPANION_GATE_UNKNOWN=fail``, a failed check. A rule that raises is a failed check. With
``COMPANION_GATE_RECEIPT=FILE`` what was loaded and found is also appended to FILE as JSON lines, for the gate to read.
``COMPANION_GATE_PROFILE`` chooses a profile (default: every policy), ``COMPANION_GATE_PARAMETERS`` tightens numbers.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.runners.base_runner import BaseRunner
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from aic_engine.checkov_graph import graphs_of
from aic_engine.loader import load_rules
from aic_engine.profiles import EVERYTHING, checked_limits, select
from aic_engine.rule import Finding, Rule, RuleError, Severity, Verdict, most_severe

LOADING_FAILED = "CKV_AIC_GOV_000"
"""The id under which a broken policies folder is reported; no policy may use it."""

RECEIPT = "COMPANION_GATE_RECEIPT"
PROFILE = "COMPANION_GATE_PROFILE"
PARAMETERS = "COMPANION_GATE_PARAMETERS"
UNKNOWN_FAILS = "COMPANION_GATE_UNKNOWN"
_PARSE_ERROR_FAILS = "CKV_PARSE_ERROR_FAIL"
_REGISTERED: set[Path] = set()
_LOG = logging.getLogger("companion-gate")
_UPWARDS = re.compile(r"^(/\.\.)+")
_INSTANCE_KEY = re.compile(r"\[[^\]]*\]")


def register(folder: Path) -> None:
    """Hand every rule of ``folder`` to Checkov; where the folder is not whole, every resource fails with the reason.

    (Ending the process instead would be silent: by default Checkov runs its frameworks in child processes and ignores
    how they end.) Also makes a file that Checkov cannot parse fail the run, where Checkov's default is exit code 0,
    unless the user set Checkov's own switch for it.
    """
    if folder in _REGISTERED or not _is_asked_for_terraform():
        return  # Checkov loads external checks once for each of its frameworks, most of them in processes of their own
    _REGISTERED.add(folder)
    os.environ.setdefault(_PARSE_ERROR_FAILS, "true")
    try:
        rules = load_rules(folder)
        limits = checked_limits(rules, _parameters())
        asked = select(rules, os.environ.get(PROFILE) or EVERYTHING)
    except RuleError as error:
        sys.stderr.write(f"companion-gate: {error}\n")
        write_receipt({"error": str(error)})
        BrokenPolicies(str(error))
        return
    scan = Scan(asked, limits)
    for rule in asked:
        CompanionCheck(rule, scan)
    write_receipt({"loaded": [rule.id for rule in rules]})


def _is_asked_for_terraform() -> bool:
    """False only where one of Checkov's runners for something else is loading the checks: it asks none of ours."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        runner = frame.f_locals.get("self")
        if isinstance(runner, BaseRunner):
            return str(runner.check_type).startswith("terraform")
        frame = frame.f_back
    return True


def _parameters() -> dict[str, object]:
    text = os.environ.get(PARAMETERS) or "{}"
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RuleError(f'{PARAMETERS} must be JSON such as {{"log_retention_days": 90}}: {error}') from error
    if not isinstance(found, dict):
        raise RuleError(f'{PARAMETERS} must be a JSON object such as {{"log_retention_days": 90}}, not {text}')
    return found


def write_receipt(entry: dict[str, Any]) -> None:
    """Append one JSON line to the receipt, where one was asked for."""
    if path := os.environ.get(RECEIPT):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


class BrokenPolicies(BaseResourceCheck):  # type: ignore[misc]
    """Fails every resource, because the policies that should have judged it could not be loaded."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            name=f"The companion policies could not be loaded: {reason}",
            id=LOADING_FAILED,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["*"],
        )
        self.severity = Severities[Severity.CRITICAL.value]

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult:
        return CheckResult.FAILED

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return CheckResult.FAILED


class Scan:
    """All findings of one Checkov scan, computed at the first question and kept until Checkov's graph changes."""

    def __init__(self, rules: tuple[Rule, ...], limits: Mapping[str, float]) -> None:
        self._rules = rules
        self._limits = limits
        self._graph: Any = None
        self._findings: dict[tuple[str, str], list[Finding]] = {}
        self._errors: dict[str, RuleError] = {}

    def findings(self, rule: Rule, address: str, checkov_graph: Any) -> list[Finding]:
        """What ``rule`` found for ``address``; several where the scan holds several roots. Raises what it raised."""
        if checkov_graph is not self._graph:
            self._graph = checkov_graph
            self._findings, self._errors = {}, {}
            self._evaluate(checkov_graph)
        if rule.id in self._errors:
            raise self._errors[rule.id]
        return self._findings.get((rule.id, address), [])

    def _evaluate(self, checkov_graph: Any) -> None:
        try:
            graphs = graphs_of(checkov_graph)
            for graph in graphs:
                graph.limits = self._limits
        except Exception as error:  # Checkov would log it and go on; then nothing would have been checked
            reason = error if isinstance(error, RuleError) else RuleError(f"Checkov's graph cannot be read: {error!r}")
            self._errors = {rule.id: reason for rule in self._rules}
            _report(reason)
            return
        for rule in self._rules:
            try:
                for finding in (finding for graph in graphs for finding in rule.evaluate(graph)):
                    self._findings.setdefault((finding.rule_id, finding.address), []).append(finding)
            except RuleError as error:
                self._errors[rule.id] = error
                _report(error)
        write_receipt({"findings": [item.to_json() for group in self._findings.values() for item in group]})


def _report(error: RuleError) -> None:
    _LOG.error("%s", error)
    write_receipt({"error": str(error)})


class CompanionCheck(BaseResourceCheck):  # type: ignore[misc]
    """One rule as a Checkov check."""

    def __init__(self, rule: Rule, scan: Scan) -> None:
        super().__init__(
            name=rule.title,
            id=rule.id,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=list(rule.types),
        )
        self.severity = Severities[rule.severity.value]
        self._rule = rule
        self._scan = scan
        self.details: list[str] = []

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult:
        """Checkov's question about one resource; of its rendered ``conf`` only the address is used."""
        self.entity_type = entity_type
        self.details = []
        file, _, rest = self.entity_path.partition(":")
        address = conf.get("__address__") or rest.replace(":", ".")
        if not file.endswith(".json"):
            address = _INSTANCE_KEY.sub("", address)
        try:
            findings = self._scan.findings(self._rule, address, self.graph)
        except RuleError as error:
            return self._failed(str(error))
        # Checkov writes a module outside the scanned folder as /../modules/x/main.tf
        inside = _UPWARDS.sub("", file)
        here = [finding for finding in findings if finding.file is None or finding.file.endswith(inside)]
        if not here:
            unread = RuleError(f"{address} in {file} was not read by the policies")
            _report(unread)
            return self._failed(str(unread))
        return self._answer(most_severe(here))

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return self.scan_entity_conf(conf, self.entity_type)

    def _answer(self, finding: Finding) -> CheckResult:
        self.evaluated_keys = [re.sub(r"\[(\d+)\]\.?", r"/[\1]/", finding.path).replace(".", "/")]
        if finding.verdict is Verdict.FAIL:
            self.details = [finding.message]
            return CheckResult.FAILED
        if finding.verdict is Verdict.UNKNOWN:
            where = f" ({finding.file}:{finding.line})" if finding.file else ""
            message = f"{self._rule.id} {finding.message}{where}"
            if os.environ.get(UNKNOWN_FAILS) == "fail":
                return self._failed(message)
            if RECEIPT not in os.environ:
                _LOG.warning("not decided: %s", message)
            return CheckResult.UNKNOWN
        return CheckResult.PASSED if finding.verdict is Verdict.PASS else CheckResult.UNKNOWN

    def _failed(self, message: str) -> CheckResult:
        self.details = [message]
        return CheckResult.FAILED
