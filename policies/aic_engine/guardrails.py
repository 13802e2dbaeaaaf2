"""What several rules ask of a guardrail and of calls to models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import Statement, matches_any
from aic_engine.rule import Decision, failed
from aic_engine.values import GAP, Known, Unknown

INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
"""Converse and ConverseStream are authorised as these two (AWS API reference: Converse)."""

INVOKE_ENDPOINT = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")

CONDITION_KEY = "bedrock:GuardrailIdentifier"
POSITIVE = ("stringequals", "stringlike", "arnequals", "arnlike")
NEGATED = ("stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike")
"""A negated operator also matches a request without the key (AWS docs, IAM: condition operators)."""

_NUMBERED = re.compile(r".*:([1-9]\d*|\*)", re.DOTALL)
_UNGUARDED = re.compile(r"foundation-model/[^/]*(embed|rerank)", re.IGNORECASE)
_ANY_GUARDRAIL = re.compile(r"guardrail/[^:]*[*?]")


def switched_off(guardrail: Resource, path: str) -> Iterator[Decision]:
    """A failure for each direction in which the filter at ``path`` only watches, or does not look."""
    for direction in ("input", "output"):
        for switch, off in ((f"{path}.{direction}_action", "NONE"), (f"{path}.{direction}_enabled", False)):
            value = guardrail.get(switch)
            if value == Known(off):
                cure = f"take {switch.rpartition('.')[2]} out, or let the filter act"
                yield failed(switch, expected="a filter that acts", actual=value, cure=cure)


def only_unguarded_models(statement: Statement, graph: Graph) -> bool | None:
    """True where a statement reaches embedding and reranking models only, to which no guardrail applies.

    AWS docs, Bedrock: supported Regions and models for guardrails.
    """
    if statement.not_resources or not statement.resources:
        return False
    known = [each for each in statement.resources if isinstance(each, str)]
    if not all(_UNGUARDED.search(each) for each in known):
        return False
    hidden = [_is_unguarded(each, graph) for each in statement.resources if isinstance(each, Unknown)]
    return False if False in hidden else None if None in hidden else True


def _is_unguarded(model: Unknown, graph: Graph) -> bool | None:
    target = graph.target(model)
    if target is None:
        return True if _UNGUARDED.search(model.text or "") else None
    source = target.resource.get("model_source[0].copy_from")
    text = str(source.value) if isinstance(source, Known) else source.text if isinstance(source, Unknown) else None
    return None if text is None else _UNGUARDED.search(text) is not None


def names_numbered_version(value: Any, graph: Graph) -> bool | None:
    """Whether a condition's value is the ARN of a numbered version; without a number it is the draft's.

    AWS docs, Bedrock: set up permissions to use guardrails; the key holds ``<arn>:<version>`` for a numbered version.
    """
    if isinstance(value, str):
        return "guardrail/" in value and not _ANY_GUARDRAIL.search(value) and _NUMBERED.fullmatch(value) is not None
    if not isinstance(value, Unknown):
        return None
    target = graph.target(value)
    if target is not None and target.resource.type == "aws_bedrock_guardrail":
        return False
    if value.text is None:
        return None
    if _ANY_GUARDRAIL.search(value.text):
        return False
    if not value.text.endswith(GAP):
        return _NUMBERED.fullmatch(value.text) is not None
    last = graph.target(value.gaps[-1]) if value.gaps else None
    if last is None:
        return None
    return last.resource.type == "aws_bedrock_guardrail_version" and last.takes("version")


def demands_guardrail(statement: Statement, operators: tuple[str, ...], graph: Graph) -> bool | None:
    """Whether a statement's condition names a numbered guardrail version with one of the operators."""
    if isinstance(statement.conditions, Unknown):
        return None
    answers: list[bool | None] = []
    for operator, values in statement.condition(CONDITION_KEY):
        # Of a request without the key, ForAnyValue is never true: an Allow stays closed, a Deny would stay silent.
        name = operator.lower().removeprefix("foranyvalue:") if operators == POSITIVE else operator.lower()
        if name in operators and values:
            each = [names_numbered_version(value, graph) for value in values]
            answers.append(False if False in each else None if None in each else True)
    return True if True in answers else None if None in answers else False


def denied_without(statement: Statement, others: list[Statement], action: str, graph: Graph) -> bool | None:
    """Whether another statement denies what this one allows, unless the call names the guardrail."""
    answers = [
        demands_guardrail(other, NEGATED, graph)
        for other in others
        # Another condition beside it would have to hold as well before anything is denied.
        if other.denies(action) is True and other.condition_keys == 1 and _reaches(other, statement)
    ]
    return True if True in answers else None if None in answers else False


def _reaches(deny: Statement, allow: Statement) -> bool:
    if deny.not_resources:
        excepted = [each for each in deny.not_resources if isinstance(each, str | Unknown)]
        return all(_UNGUARDED.search(each if isinstance(each, str) else each.text or "") for each in excepted)
    if "*" in deny.resources:
        return True
    wanted = [each for each in allow.resources if isinstance(each, str)]
    return bool(wanted) and len(wanted) == len(allow.resources) and all(matches_any(deny.resources, w) for w in wanted)
