"""The time that functions keep memories for is bounded."""

from __future__ import annotations

import re

from aic_engine.attributes import is_between
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Parameter, Rule, Severity, not_applicable, undecided, worst
from aic_engine.values import Known, Unknown
from aic_engine.weakening import set_to

LONGEST = Parameter(
    "memory_retention_days", 365, "days", "assumed: a year is the longest that a companion needs to recall"
)
VARIABLES = "environment[0].variables"
_NAMED = re.compile(r"(retention|ttl|expir\w*)_?(days|hours|seconds)$", re.IGNORECASE)
_DAYS = {"days": 1.0, "hours": 24.0, "seconds": 86400.0}


def decide(function: Resource, graph: Graph) -> Decision:
    variables = function.get(VARIABLES)
    if isinstance(variables, Unknown):
        return undecided(VARIABLES, expected="a bounded retention", value=variables)
    if not isinstance(variables, Known) or not isinstance(variables.value, dict):
        return not_applicable("it is told no retention")
    found = [(name, match.group(2).lower()) for name in variables.value if (match := _NAMED.search(name))]
    if not found:
        return not_applicable("it is told no retention")
    longest = LONGEST.of(graph)
    return worst(
        is_between(
            function,
            f"{VARIABLES}.{name}",
            1 / _DAYS[unit],
            longest * _DAYS[unit],
            unit=unit,
            cure=f"keep memories for at most {longest:g} days",
        )
        for name, unit in found
    )


RULE = Rule(
    id="CKV_AIC_MEM_015",
    name="retention-promised",
    title="Memories are kept for a bounded number of days",
    severity=Severity.MEDIUM,
    types=("aws_lambda_function",),
    why="A companion that remembers for ten years knows things that its user has long forgotten having said.",
    fix="""
environment {
  variables = {
    RETENTION_DAYS = "180"
  }
}
""",
    sources=(
        "The longest time is assumed",
        ("Which variables tell a retention is assumed: names that end in RETENTION_DAYS, TTL_SECONDS and the like"),
    ),
    controls={
        "GDPR-5.1.e": "Memories are kept no longer than a stated, bounded time.",
        "COPPA-312.10": "Supports keeping a child's data no longer than reasonably necessary.",
    },
    breaks=(
        set_to("aws_lambda_function", "environment[0].variables.RETENTION_DAYS", "3650"),
        set_to("aws_lambda_function", "environment[0].variables.RETENTION_DAYS", "0"),
    ),
    parameters=(LONGEST,),
    decide=decide,
)
