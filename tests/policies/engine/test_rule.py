"""Malformed rules, and rules that break, stop the gate with a sentence that names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aic_engine.graph import Graph, Resource
from aic_engine.rule import (
    Decision,
    Finding,
    Rule,
    RuleError,
    Severity,
    Verdict,
    failed,
    most_severe,
    passed,
    require,
    undecided,
    worst,
)
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop
from tests.policies.engine.worlds import block, change, planned

GRAPH = planned([change("aws_a.b", {"c": "secret"}, unknown={"d": True})], block("aws_a.b", d=["aws_x.y.z"]))
GOOD: dict[str, Any] = {
    "id": "CKV_AIC_GOV_001",
    "name": "a-rule",
    "title": "Title",
    "severity": Severity.LOW,
    "types": ("aws_a",),
    "why": "why",
    "fix": "fix",
    "sources": ("source",),
    "controls": {"a control": "It supports."},
    "breaks": (drop("aws_a", "c"),),
    "decide": lambda resource, graph: passed(""),
}


@pytest.mark.parametrize(
    "id_",
    ["CKV_AIC_GOV_1", "CKV_AIC_GOV_0001", "CKV_AIC_NONE_001", "CKV_AWS_28", "ckv_aic_gov_001", "CKV_AIC_GOV_001 "],
)
def test_bad_id(id_: str) -> None:
    with pytest.raises(RuleError, match="must look like CKV_AIC_MEM_001"):
        Rule(**{**GOOD, "id": id_})


@pytest.mark.parametrize("name", ["", "A-Rule", "a_rule", "a--rule", "-a", "a "])
def test_bad_name(name: str) -> None:
    with pytest.raises(RuleError, match="lower-case words joined by hyphens"):
        Rule(**{**GOOD, "name": name})


@pytest.mark.parametrize("field", ["title", "types", "why", "fix", "sources", "controls", "breaks"])
def test_empty_words(field: str) -> None:
    with pytest.raises(RuleError, match=f"{field} is empty"):
        Rule(**{**GOOD, field: type(GOOD[field])()})


def broken(resource: Resource, graph: Graph) -> Decision:
    raise KeyError("x")


@pytest.mark.parametrize(
    ("decide", "complaint"),
    [
        (broken, r"CKV_AIC_GOV_001 \(a-rule\) raised KeyError\('x'\) on aws_a.b"),
        (lambda resource, graph: None, "returned None instead of a Decision"),
        (lambda resource, graph: True, "returned True instead of a Decision"),
        (lambda resource, graph: Verdict.PASS, "instead of a Decision"),
        (lambda resource, graph: worst([]), "made no decision at all"),
    ],
)
def test_rule_that_breaks_is_named(decide: Callable[[Resource, Graph], Any], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        Rule(**{**GOOD, "decide": decide}).evaluate(GRAPH)


def test_the_worst_decision_counts() -> None:
    good, bad = passed("a"), failed("b", expected="x", actual="y", cure="z")
    unknown = undecided("c", expected="x", value=Unknown("why"))
    assert worst([good, unknown, bad]) is bad
    assert worst([good, unknown]) is unknown


@pytest.mark.parametrize(
    ("path", "holds", "verdict"),
    [("c", True, Verdict.PASS), ("c", False, Verdict.FAIL), ("d", True, Verdict.UNKNOWN), ("e", True, Verdict.PASS)],
)
def test_require(path: str, holds: bool, verdict: Verdict) -> None:
    decision = require(GRAPH.resources[0], path, lambda value: holds, expected="x", cure="y")
    assert decision.verdict is verdict


def test_a_sensitive_value_is_not_shown() -> None:
    sensitive = change("aws_a.b", {"c": "secret"})
    sensitive["change"]["after_sensitive"] = {"c": True}
    resource = planned([sensitive]).resources[0]
    decision = require(resource, "c", lambda value: value == Known("other"), expected="other", cure="y")
    assert (decision.verdict, decision.actual) == (Verdict.FAIL, "(sensitive value)")


def test_a_finding_survives_json_and_says_everything_in_one_line() -> None:
    rule = Rule(**{**GOOD, "decide": lambda resource, graph: failed("c", expected="x", actual=Known(1), cure="do y")})
    (finding,) = rule.evaluate(GRAPH)
    assert Finding.from_json(finding.to_json()) == finding
    assert finding.message == "aws_a.b.c: expected x, found 1; do y"
    assert most_severe([finding]) is finding
