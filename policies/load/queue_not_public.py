"""A queue's policy is not for everybody."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.openness import is_for_named_principals
from aic_engine.rule import Decision, Rule, Severity, passed
from aic_engine.values import Absent
from aic_engine.weakening import edit


def decide(resource: Resource, graph: Graph) -> Decision:
    if isinstance(resource.get("policy"), Absent):
        return passed("policy", "no policy: the account's own roles only")
    return is_for_named_principals(resource, "policy")


def for_everybody(document: Any) -> Any:
    """Everybody may send."""
    first, *others = document["Statement"]
    opened = {name: value for name, value in first.items() if name != "Condition"}
    return {**document, "Statement": [{**opened, "Effect": "Allow"}, *others]}


RULE = Rule(
    id="CKV_AIC_LOAD_013",
    name="queue-not-public",
    title="Nobody else puts words into the queue",
    severity=Severity.HIGH,
    types=("aws_sqs_queue", "aws_sqs_queue_policy"),
    why="Whoever can send into the queue speaks as any user; whoever can receive reads them.",
    fix="""
Principal = "*"
Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
""",
    sources=("AWS docs, SQS developer guide: overview of managing access",),
    controls={
        "OWASP-LLM06": "Turns come from the edge only.",
        "GDPR-32": "Queued conversations are read by named roles only.",
    },
    breaks=(edit("aws_sqs_queue_policy", "policy", for_everybody),),
    built_in="CKV_AWS_168 asks for more than one wildcard action",
    decide=decide,
)
