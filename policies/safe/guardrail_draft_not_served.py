"""What an application is given is a guardrail's numbered version, never its draft."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aic_engine.graph import Graph, Reference, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Absent, Known, Unknown

EXPECTED = "a numbered version: aws_bedrock_guardrail_version.<name>.version"
CURE = "pass the version of an aws_bedrock_guardrail_version (or a number) instead"
_VERSION_VARIABLE = re.compile(r"guardrail.*version", re.IGNORECASE)


def decide(resource: Resource, graph: Graph) -> Decision:
    decisions = [_judge(resource, graph, path) for path in _places(resource)]
    environment = resource.get("environment[0].variables")
    if isinstance(environment, Unknown) and not decisions:
        return _judge_environment(resource, graph, environment)
    return worst(decisions) if decisions else not_applicable("it is given no guardrail version")


def _places(resource: Resource) -> Iterator[str]:
    """Paths at which the resource is given a guardrail version."""
    if not isinstance(resource.get("guardrail_configuration[0].guardrail_identifier"), Absent):
        yield "guardrail_configuration[0].guardrail_version"
    variables = resource.get("environment[0].variables")
    if isinstance(variables, Known) and isinstance(variables.value, dict):
        yield from (f"environment[0].variables.{name}" for name in variables.value if _VERSION_VARIABLE.search(name))


def _judge(resource: Resource, graph: Graph, path: str) -> Decision:
    value = resource.get(path)
    if isinstance(value, Known):
        numbered = str(value.value).isdigit()
        return passed(path) if numbered else failed(path, expected=EXPECTED, actual=value, cure=CURE)
    if isinstance(value, Absent):
        return failed(path, expected=EXPECTED, actual=value, cure=CURE)
    target = graph.references(resource, path)
    if _draft(target.found):
        return failed(path, expected=EXPECTED, actual="the guardrail's own version, which is DRAFT", cure=CURE)
    if any(found.resource.type == "aws_bedrock_guardrail_version" for found in target.found):
        return passed(path)
    return undecided(path, expected=EXPECTED, value=value)


def _judge_environment(resource: Resource, graph: Graph, value: Unknown) -> Decision:
    """The variables as a whole are unknown, as on every plan that creates what they refer to."""
    path = "environment[0].variables"
    target = graph.references(resource, path)
    if _draft(target.found):
        return failed(path, expected=EXPECTED, actual="the guardrail's own version, which is DRAFT", cure=CURE)
    types = {found.resource.type for found in target.found}
    if "aws_bedrock_guardrail_version" in types:
        return passed(path)
    if "aws_bedrock_guardrail" in types:
        return undecided(path, expected=EXPECTED, value=value)
    return not_applicable("its environment refers to no guardrail")


def _draft(found: tuple[Reference, ...]) -> bool:
    return any(
        reference.resource.type == "aws_bedrock_guardrail" and reference.attribute == "version" for reference in found
    )


RULE = Rule(
    id="CKV_AIC_SAFE_003",
    name="guardrail-draft-not-served",
    title="Applications are given a numbered guardrail version, not the draft",
    severity=Severity.CRITICAL,
    types=("aws_lambda_function", "aws_bedrockagent_agent"),
    why="The draft changes with every edit, tested or not: users would meet a safety policy that nobody released.",
    fix="""
environment {
  variables = {
    GUARDRAIL_ID      = aws_bedrock_guardrail.this.guardrail_id
    GUARDRAIL_VERSION = aws_bedrock_guardrail_version.this.version
  }
}
""",
    sources=("AWS docs, Amazon Bedrock User Guide: Deploy your guardrail (DRAFT is the working draft)",),
    built_in="CKV_AWS_383 asks that an agent has a guardrail; this asks that it is not the draft, of Lambdas too",
    decide=decide,
)
