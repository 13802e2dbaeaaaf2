"""What an application is given is a guardrail's numbered version, never its draft."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aic_engine.graph import Graph, Reference, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Absent, Known, Unknown
from aic_engine.weakening import set_to

EXPECTED = "a numbered version: aws_bedrock_guardrail_version.<name>.version"
CURE = "pass the version of an aws_bedrock_guardrail_version (or a number) instead"
DRAFT = "the guardrail's own version, which is DRAFT"
_VERSION_VARIABLE = re.compile(r"guardrail.*version", re.IGNORECASE)


def decide(resource: Resource, graph: Graph) -> Decision:
    decisions = [_judge(resource, graph, path) for path in _places(resource)]
    environment = resource.get("environment[0].variables")
    if isinstance(environment, Unknown) and not decisions:
        if not graph.beside(resource, "aws_bedrock_guardrail"):
            return not_applicable("there is no guardrail beside it")
        return _judge_environment(resource, graph, environment)
    if isinstance(environment, Known) and not decisions and graph.beside(resource, "aws_bedrock_guardrail"):
        # A pass, not "not applicable": on a plan that knows none of the variables, this settles it.
        return passed("environment[0].variables", "no guardrail version is among the variables")
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
    target = graph.target(value)
    found = graph.references(resource, path).found if target is None else (target,)
    if _draft(found):
        return failed(path, expected=EXPECTED, actual=DRAFT, cure=CURE)
    if _numbered(graph.sources(resource, path) if target is None else found):
        return passed(path)
    return undecided(path, expected=EXPECTED, value=value)


def _judge_environment(resource: Resource, graph: Graph, value: Unknown) -> Decision:
    """The variables as a whole are unknown, as on every plan that creates what they refer to."""
    path = "environment[0].variables"
    target = graph.references(resource, path)
    if _draft(target.found):
        return failed(path, expected=EXPECTED, actual=DRAFT, cure=CURE)
    if _numbered(graph.sources(resource, path)):
        return passed(path)
    return undecided(path, expected=EXPECTED, value=value)


def _numbered(sources: tuple[Reference, ...] | None) -> bool:
    return any(
        source.resource.type == "aws_bedrock_guardrail_version" and source.takes("version") for source in sources or ()
    )


def _draft(found: tuple[Reference, ...]) -> bool:
    return any(
        reference.resource.type == "aws_bedrock_guardrail" and reference.attribute.rpartition(".")[2] == "version"
        for reference in found
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
    controls={
        "GENSEC02-BP01": "Callers use a fixed version of the guardrail.",
        "SOC2-CC8.1": "Nobody's edit of the draft reaches users.",
    },
    breaks=(
        set_to("aws_lambda_function", "environment[0].variables.GUARDRAIL_VERSION", "DRAFT"),
        set_to("aws_bedrockagent_agent", "guardrail_configuration[0].guardrail_version", "DRAFT"),
    ),
    decide=decide,
)
