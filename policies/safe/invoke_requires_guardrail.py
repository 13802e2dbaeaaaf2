"""Whoever may call a model may only call it with the pinned guardrail."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE, POSITIVE, demands_guardrail, denied_without, only_unguarded_models
from aic_engine.iam import IDENTITY_POLICIES, Statement, policies_of, statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import edit

EXPECTED = "a condition StringEquals on bedrock:GuardrailIdentifier with <guardrail ARN>:<version number>"
CURE = (
    'add Condition = { StringEquals = { "bedrock:GuardrailIdentifier" = "${<guardrail>.guardrail_arn}:'
    '${<guardrail version>.version}" } } to the statement, or a Deny with StringNotEquals beside it'
)


def decide(policy: Resource, graph: Graph) -> Decision:
    paths = policies_of(policy)
    if isinstance(paths, Unknown):
        return undecided("inline_policy", expected=EXPECTED, value=paths)
    decisions = [decision for path in paths for decision in _document(policy, path, graph)]
    return worst(decisions) if decisions else not_applicable("it allows no call of a Bedrock model")


def _document(policy: Resource, path: str, graph: Graph) -> list[Decision]:
    read = statements(policy.get(path))
    if isinstance(read, Unknown):
        return [undecided(path, expected=EXPECTED, value=read)]
    return [_judge(each, read, path, graph) for each in read if each.allows(*INVOKE) is not False]


def _judge(statement: Statement, read: list[Statement], path: str, graph: Graph) -> Decision:
    unguarded = only_unguarded_models(statement, graph)
    own = demands_guardrail(statement, POSITIVE, graph)
    denied = [
        denied_without(statement, read, action, graph) for action in INVOKE if statement.allows(action) is not False
    ]
    if unguarded or own or (denied and all(denied)):
        return passed(path, statement.label)
    allows = statement.allows(*INVOKE)
    if allows is None or unguarded is None or own is None or None in denied:
        reason = f"{statement.label} may allow calls without a guardrail"
        return undecided(path, expected=EXPECTED, value=Unknown(reason, "write the statement out"))
    return failed(path, expected=EXPECTED, actual=f"none in {statement.label}", cure=CURE)


def without_condition(document: Any) -> Any:
    """No statement has a condition any more, and nothing is denied."""
    kept = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    if not any("bedrock:InvokeModel" in str(each.get("Action")) and each.get("Condition") for each in kept):
        return None
    return {**document, "Statement": [{k: v for k, v in each.items() if k != "Condition"} for each in kept]}


def if_exists(document: Any) -> Any:
    """The condition only counts for a call that names a guardrail at all."""
    text = "StringEqualsIfExists"
    changed = [_renamed(each, "StringEquals", text) for each in document["Statement"] if each["Effect"] == "Allow"]
    if not any(text in str(each) and "GuardrailIdentifier" in str(each) for each in changed):
        return None
    return {**document, "Statement": changed}


def any_guardrail(document: Any) -> Any:
    """Any guardrail will do."""
    if "GuardrailIdentifier" not in str([each for each in document["Statement"] if each["Effect"] == "Allow"]):
        return None
    wanted = {"StringLike": {"bedrock:GuardrailIdentifier": "*"}}
    kept = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    changed = [{**each, "Condition": wanted} if "GuardrailIdentifier" in str(each) else each for each in kept]
    return {**document, "Statement": changed}


def _renamed(statement: Any, operator: str, to: str) -> Any:
    conditions = statement.get("Condition") or {}
    return {**statement, "Condition": {to if name == operator else name: test for name, test in conditions.items()}}


RULE = Rule(
    id="CKV_AIC_SAFE_011",
    name="invoke-requires-guardrail",
    title="Models can only be called with the pinned guardrail",
    severity=Severity.CRITICAL,
    types=tuple(IDENTITY_POLICIES),
    why=(
        "A guardrail protects only the calls that name it. One forgotten argument in the code, and a child reads what "
        "the bare model says; IAM is where it cannot be forgotten."
    ),
    fix="""
policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect   = "Allow"
    Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    Resource = aws_bedrock_inference_profile.chat.arn
    Condition = { StringEquals = {
      (
          "bedrock:GuardrailIdentifier" = "
          ""${aws_bedrock_guardrail.this.guardrail_arn}:${aws_bedrock_guardrail_version.this.version}"
      )
    } }
  }]
})
""",
    sources=(
        "AWS docs, Bedrock: set up permissions to use guardrails (condition key bedrock:GuardrailIdentifier)",
        "AWS docs, IAM: IfExists and ForAllValues are met by a request without the key",
    ),
    controls={
        "OWASP-LLM01": "No caller can leave the check for prompt attacks out.",
        "GENSEC02-BP01": "Guardrails are enforced on every model call by IAM.",
        "SB243-22602.b": "The protocol against self-harm content cannot be bypassed by a code path that forgets it.",
    },
    breaks=(
        edit("aws_iam_role_policy", "policy", without_condition),
        edit("aws_iam_role_policy", "policy", if_exists),
        edit("aws_iam_role_policy", "policy", any_guardrail),
    ),
    decide=decide,
)
