"""A guardrail's version is replaced when the guardrail's policy changes."""

from __future__ import annotations

import re

from aic_engine.graph import Graph, Resolution, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Known, Unknown, show
from aic_engine.weakening import drop, set_to

POLICY_BLOCKS = (
    "content_policy_config",
    "contextual_grounding_policy_config",
    "sensitive_information_policy_config",
    "topic_policy_config",
    "word_policy_config",
)
"""The blocks of aws_bedrock_guardrail that hold its policy (AWS provider 5.100 and 6.x)."""

EXPECTED = "a description that carries a digest of the guardrail's policy, or replace_triggered_by on the guardrail"
_DIGEST = re.compile(r"[0-9a-f]{8,}|[0-9A-Za-z+/]{20,}")
"""What hash functions of Terraform give, whole or cut short."""

CURE = (
    'set description = "policy sha256:${sha256(jsonencode(<everything the policy is made of>))}", which forces a new '
    "version, or lifecycle { replace_triggered_by = [<the guardrail>] }"
)


def decide(version: Resource, graph: Graph) -> Decision:
    target = graph.references(version, "guardrail_arn")
    sources = graph.sources(version, "guardrail_arn") or target.found
    guardrails = [found.resource for found in sources if found.resource.type == "aws_bedrock_guardrail"]
    if not guardrails and target.unresolved:
        return undecided("guardrail_arn", expected=EXPECTED, value=Unknown(f"it goes through {target.unresolved[0]}"))
    if not guardrails:
        return not_applicable("its guardrail is not part of this configuration")
    trigger = graph.references(version, "lifecycle[0].replace_triggered_by")
    if all(_covers(trigger, guardrail) for guardrail in guardrails):
        return passed("lifecycle[0].replace_triggered_by")
    return _decide_by_description(version, guardrails, graph)


def _decide_by_description(version: Resource, guardrails: list[Resource], graph: Graph) -> Decision:
    value = version.get("description")
    if isinstance(value, Unknown) and value.conditional:
        return undecided("description", expected=EXPECTED, value=value)
    if isinstance(value, Known) and version.is_conditional("description") and not _DIGEST.search(str(value.value)):
        return failed("description", expected=EXPECTED, actual=value, cure=CURE)
    if isinstance(value, Absent) or version.is_constant("description"):
        if version.expression("lifecycle[0].replace_triggered_by") is None:
            unread = Unknown(f"description is {show(value)}, and a plan does not tell replace_triggered_by", READ_HCL)
            return undecided("description", expected=EXPECTED, value=unread)
        return failed("description", expected=EXPECTED, actual=value, cure=CURE)
    described = graph.references(version, "description")
    if all(_covers(described, guardrail) for guardrail in guardrails):
        return passed("description")
    inputs = {name for guardrail in guardrails for name in _inputs(guardrail, graph)}
    missing = sorted(inputs - set(described.variables))
    if missing:
        actual = f"a description that does not depend on {', '.join(missing)}"
        return failed("description", expected=EXPECTED, actual=actual, cure=CURE)
    if not inputs:
        unread = Unknown("whether description moves with the policy cannot be told", REVIEW)
        return undecided("description", expected=EXPECTED, value=unread)
    return passed("description")


def _covers(resolution: Resolution, guardrail: Resource) -> bool:
    """True where an expression holds the whole policy; the guardrail's name or ARN stay when its policy changes."""
    taken = {found.attribute.split(".")[0] for found in resolution.found if found.resource is guardrail}
    policy = {block for block in POLICY_BLOCKS if guardrail.blocks(block) != 0}
    return "" in taken or (bool(policy) and policy <= taken)


def _inputs(guardrail: Resource, graph: Graph) -> tuple[str, ...]:
    """Root variables that the guardrail's policy is made of, as far as they can be read."""
    found: list[str] = []
    for block in POLICY_BLOCKS:
        if guardrail.expression(block) is not None:
            found.extend(graph.references(guardrail, block).variables)
    return tuple(found)


READ_HCL = "decide it on the HCL"
REVIEW = "make description from the policy itself, or from the variables that the policy is made of"

RULE = Rule(
    id="CKV_AIC_SAFE_002",
    name="guardrail-version-follows-policy",
    title="A changed guardrail policy publishes a new version",
    severity=Severity.CRITICAL,
    types=("aws_bedrock_guardrail_version",),
    why=(
        "The version resource has no argument that changes with the policy: without a digest in its description, an "
        "edited policy updates only the draft, and production keeps the old policy while the plan is clean."
    ),
    fix="""
locals {
  fingerprint = sha256(jsonencode([var.topics, var.words]))
}

resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  description   = "policy sha256:${local.fingerprint}"
  skip_destroy  = true

  lifecycle {
    create_before_destroy = true
  }
}
""",
    sources=(
        "hashicorp/terraform-provider-aws issue 38853: guardrail version is not updated with its guardrail",
        "Measured with AWS provider 5.100: description forces replacement, guardrail_arn alone does not",
    ),
    controls={
        "GENSEC02-BP01": "What the guardrail's policy says is what its callers get.",
        "SOC2-CC8.1": "A reviewed change really takes effect.",
    },
    breaks=(
        set_to("aws_bedrock_guardrail_version", "description", "version one"),
        drop("aws_bedrock_guardrail_version", "description"),
    ),
    decide=decide,
)
