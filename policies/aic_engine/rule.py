"""What a policy is: one pure function over a resource and its graph, with the words that explain it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.values import Absent, Unknown, Value, show
from aic_engine.weakening import Weakening

ID_PATTERN = re.compile(r"CKV_AIC_(SAFE|MEM|VEC|EDGE|LOAD|SCALE|VOICE|GOV)_\d{3}")
_SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Verdict(StrEnum):
    """What a rule says of one resource. Only PASS counts as checked and right."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class Severity(StrEnum):
    """Checkov's own severity names, highest first; set here so that they hold offline."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class RuleError(Exception):
    """A policy is malformed or broke while it ran: the gate must not go on without it."""


@dataclass(frozen=True)
class Decision:
    """A rule's answer for one resource."""

    verdict: Verdict
    path: str = ""
    expected: str = ""
    actual: str = ""
    cure: str = ""


def passed(path: str, actual: str = "") -> Decision:
    return Decision(Verdict.PASS, path, actual=actual)


def failed(path: str, *, expected: str, actual: Value | str, cure: str) -> Decision:
    return Decision(Verdict.FAIL, path, expected, actual if isinstance(actual, str) else show(actual), cure)


def undecided(path: str, *, expected: str, value: Unknown) -> Decision:
    return Decision(Verdict.UNKNOWN, path, expected, show(value), value.cure)


def not_applicable(why: str) -> Decision:
    return Decision(Verdict.NOT_APPLICABLE, actual=why)


def worst(decisions: Iterable[Decision]) -> Decision:
    """The decision that counts when a rule looks at several things of one resource: FAIL before UNKNOWN before PASS."""
    ordered = sorted(decisions, key=lambda decision: _ORDER.index(decision.verdict))
    if not ordered:
        raise RuleError("a rule made no decision at all")
    return ordered[0]


_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)


def require(
    resource: Resource,
    path: str,
    holds: Callable[[Value], bool],
    *,
    expected: str,
    cure: str,
) -> Decision:
    """The most common rule: one attribute whose value must satisfy ``holds``; what absent means, ``holds`` says."""
    value = resource.get(path)
    if isinstance(value, Unknown):
        return undecided(path, expected=expected, value=value)
    if holds(value):
        return passed(path, "not set; the default holds" if isinstance(value, Absent) else show(value))
    shown: Value | str = "(sensitive value)" if resource.is_sensitive(path) else value
    return failed(path, expected=expected, actual=shown, cure=cure)


@dataclass(frozen=True)
class Finding:
    """A decision with its place: what every report shows."""

    rule_id: str
    name: str
    severity: Severity
    title: str
    verdict: Verdict
    resource_type: str
    address: str
    block: str
    path: str
    expected: str
    actual: str
    cure: str
    file: str | None
    line: int | None
    root: str | None
    """Folder of the root module, where the finding comes from HCL."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "severity": Severity(data["severity"])})

    @property
    def message(self) -> str:
        """Subject, attribute, expected, found, cure, in one line."""
        where = f"{self.address}.{self.path}" if self.path else self.address
        if self.verdict is Verdict.FAIL:
            return f"{where}: expected {self.expected}, found {self.actual}; {self.cure}"
        if self.verdict is Verdict.UNKNOWN:
            return f"{where}: cannot be decided, {self.actual}; {self.cure}"
        return f"{where}: {self.actual}" if self.actual else where


def most_severe(findings: Iterable[Finding]) -> Finding:
    """The finding that counts where several speak of the same thing: FAIL before UNKNOWN before PASS."""
    return min(findings, key=lambda finding: _ORDER.index(finding.verdict))


@dataclass(frozen=True)
class Parameter:
    """A number that a team may tighten, never loosen: above ``default`` where ``floor``, else below it."""

    name: str
    default: float
    unit: str
    source: str
    floor: bool = False

    def of(self, graph: Graph) -> float:
        return graph.limits.get(self.name, self.default)

    def tightens(self, value: float) -> bool:
        return value >= self.default if self.floor else value <= self.default


@dataclass(frozen=True)
class Rule:
    """One policy.

    ``id`` is ``CKV_AIC_<AREA>_<NNN>`` and never reused; ``name`` is the slug that people say; ``types`` are the
    resource types it is asked about; ``decide`` must be pure. ``built_in`` names the built-in Checkov check that
    decides the same, with what this rule adds, or is empty. ``sources`` say where numbers and service rules come from.
    ``controls`` maps the id of a control, as in companion_gate/controls, to how the rule supports it. ``breaks`` are
    the ways to weaken a stack that this rule, and no other, answers for. ``only_on_plan`` says why HCL
    cannot tell, where only a plan can.
    """

    id: str
    name: str
    title: str
    severity: Severity
    types: tuple[str, ...]
    why: str
    fix: str
    sources: tuple[str, ...]
    decide: Callable[[Resource, Graph], Decision]
    controls: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[Weakening, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    built_in: str = ""
    only_on_plan: str = ""

    def __post_init__(self) -> None:
        if not ID_PATTERN.fullmatch(self.id):
            raise RuleError(f"policy id {self.id!r} must look like CKV_AIC_MEM_001 (area, then three digits)")
        if not _SLUG_PATTERN.fullmatch(self.name):
            raise RuleError(f"{self.id}: name {self.name!r} must be lower-case words joined by hyphens")
        for said in ("title", "types", "why", "fix", "sources", "controls", "breaks"):
            if not getattr(self, said):
                raise RuleError(f"{self.id}: {said} is empty; every policy says it")
        for control, reason in self.controls.items():
            if not reason.endswith("."):
                raise RuleError(f"{self.id}: say in one sentence, with a full stop, how it supports {control}")

    def evaluate(self, graph: Graph) -> list[Finding]:
        """The rule's finding for every resource of its types; an error in the rule is raised, never swallowed."""
        return [self.judge(resource, graph) for resource in graph.of_type(*self.types)]

    def judge(self, resource: Resource, graph: Graph) -> Finding:
        decision = self._decision(resource, graph)
        return Finding(
            rule_id=self.id,
            name=self.name,
            severity=self.severity,
            title=self.title,
            verdict=decision.verdict,
            resource_type=resource.type,
            address=resource.address,
            block=resource.block_address,
            path=decision.path,
            expected=decision.expected,
            actual=decision.actual,
            cure=decision.cure,
            file=resource.file,
            line=resource.line,
            root=str(folder) if (folder := graph.root_of(resource).folder) else None,
        )

    def _decision(self, resource: Resource, graph: Graph) -> Decision:
        if resource.exists is False:
            return not_applicable("count or for_each makes no instance of it")
        try:
            decision = self.decide(resource, graph)
        except Exception as error:  # whatever a rule raises must stop the gate, with its name
            raise RuleError(f"policy {self.id} ({self.name}) raised {error!r} on {resource.address}") from error
        if not isinstance(decision, Decision):
            raise RuleError(f"policy {self.id} ({self.name}) returned {decision!r} instead of a Decision")
        return decision
