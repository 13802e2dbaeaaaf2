"""A model on an endpoint of one's own is moderated all the same."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE_ENDPOINT
from aic_engine.iam import Statement, statements
from aic_engine.links import link, pointing_at, role_statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Unknown
from aic_engine.weakening import edit

MODERATION = ("bedrock:ApplyGuardrail", "comprehend:DetectToxicContent")
EXPECTED = "permission for bedrock:ApplyGuardrail or comprehend:DetectToxicContent in the same role"
CURE = "let the role call bedrock:ApplyGuardrail on the guardrail, and check input and output with it"


def decide(policy: Resource, graph: Graph) -> Decision:
    read = statements(policy.get("policy"))
    if isinstance(read, Unknown):
        return undecided("policy", expected=EXPECTED, value=read)
    calls = [each.allows(*INVOKE_ENDPOINT) for each in read]
    if True not in calls and None not in calls:
        return not_applicable("it allows no call of a SageMaker endpoint")
    others, doubts = _beside(policy, graph)
    moderated = [each.allows(*MODERATION) for each in [*read, *others]]
    if True in moderated:
        return passed("policy")
    if None in moderated or True not in calls or doubts:
        return undecided("policy", expected=EXPECTED, value=Unknown(_doubt(read, doubts), "write the statements out"))
    return failed("policy", expected=EXPECTED, actual="none", cure=CURE)


def _beside(policy: Resource, graph: Graph) -> tuple[list[Statement], list[str]]:
    """What the role allows that has the policy; one that is attached to several must hold by itself."""
    holders = [policy]
    if policy.type == "aws_iam_policy":
        holders, _ = pointing_at(policy, graph, "aws_iam_role_policy_attachment", "policy_arn")
    roles = {role for each in holders if (role := link(each, "role", graph, "aws_iam_role").resource) is not None}
    return role_statements(roles.pop(), graph) if len(roles) == 1 else ([], [])


def _doubt(read: list[Statement], doubts: list[str]) -> str:
    return "; ".join(doubts) or f"what {', '.join(each.label for each in read)} allow is not known"


def without_moderation(document: Any) -> Any:
    """A role that calls the endpoint may not moderate any more."""
    if "sagemaker:InvokeEndpoint" not in str(document):
        return None
    kept = [each for each in document["Statement"] if not any(name in str(each) for name in MODERATION)]
    return {**document, "Statement": kept} if len(kept) < len(document["Statement"]) else None


RULE = Rule(
    id="CKV_AIC_SAFE_015",
    name="moderation-second-line",
    title="Calls of an own model endpoint are moderated too",
    severity=Severity.HIGH,
    types=("aws_iam_role_policy", "aws_iam_policy"),
    why="SageMaker applies no guardrail. Who calls an endpoint and may not even call a moderator answers unmoderated.",
    fix="""
{
  Effect   = "Allow"
  Action   = "bedrock:ApplyGuardrail"
  Resource = aws_bedrock_guardrail.this.guardrail_arn
}
""",
    sources=("AWS docs, Bedrock: use the ApplyGuardrail API with any model",),
    controls={
        "GENSEC02-BP01": "Responses of self-hosted models pass a guardrail as well.",
        "OWASP-LLM05": "Output of an own model is checked before it is used.",
    },
    breaks=(edit("aws_iam_role_policy", "policy", without_moderation),),
    decide=decide,
)
