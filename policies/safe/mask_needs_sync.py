"""A guardrail that masks is applied before text is streamed, not beside it."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Known, Unknown
from aic_engine.weakening import set_to

VARIABLES = "environment[0].variables"
_MODE = re.compile(r"stream_?processing_?mode|guardrail_?(stream|mode)", re.IGNORECASE)
_ENTITIES = ("pii_entities_config", "regexes_config")


def decide(function: Resource, graph: Graph) -> Decision:
    variables = function.get(VARIABLES)
    if isinstance(variables, Unknown) and graph.beside(function, "aws_bedrock_guardrail"):
        return undecided(VARIABLES, expected="sync, where a guardrail masks", value=variables)
    if not isinstance(variables, Known) or not isinstance(variables.value, dict):
        return not_applicable("it is told no stream processing mode")
    modes = [name for name in variables.value if _MODE.search(name)]
    if not modes or not graph.beside(function, "aws_bedrock_guardrail"):
        return not_applicable("it is told no stream processing mode")
    masking = [_masks(guardrail) for guardrail in graph.beside(function, "aws_bedrock_guardrail")]
    if True not in masking and None not in masking:
        return passed(VARIABLES, "no guardrail masks")
    return worst(_mode(function, f"{VARIABLES}.{name}") for name in modes)


def _mode(function: Resource, path: str) -> Decision:
    value = function.get(path)
    if isinstance(value, Unknown):
        return undecided(path, expected="sync", value=value)
    if isinstance(value, Known) and str(value.value).lower() == "sync":
        return passed(path)
    return failed(path, expected="sync, as a guardrail masks", actual=value, cure='set it to "sync"')


def _masks(guardrail: Resource) -> bool | None:
    answers: list[bool | None] = []
    for kind in _ENTITIES:
        blocks = each_block(guardrail, f"sensitive_information_policy_config[0].{kind}")
        if isinstance(blocks, Unknown):
            answers.append(None)
            continue
        for path in blocks:
            action = guardrail.get(f"{path}.action")
            answers.append(None if isinstance(action, Unknown) else action == Known("ANONYMIZE"))
    return True if True in answers else None if None in answers else False


RULE = Rule(
    id="CKV_AIC_SAFE_014",
    name="mask-needs-sync",
    title="A guardrail that masks is not applied asynchronously",
    severity=Severity.HIGH,
    types=("aws_lambda_function",),
    why="In asynchronous mode text is sent before it is checked, and masking does not happen at all.",
    fix="""
environment {
  variables = {
    STREAM_PROCESSING_MODE = "sync"
  }
}
""",
    sources=(
        "AWS docs, Bedrock: guardrails in streaming; asynchronous mode does not support masking",
        "Which names of variables mean the mode is assumed: STREAM_PROCESSING_MODE, GUARDRAIL_STREAM…, GUARDRAIL_MODE",
    ),
    controls={"OWASP-LLM02": "Masked information is masked before the user, a log or a voice gets it."},
    breaks=(set_to("aws_lambda_function", f"{VARIABLES}.STREAM_PROCESSING_MODE", "async"),),
    decide=decide,
)
