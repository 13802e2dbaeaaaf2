"""A queue's policy is not for everybody."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import Statement, as_tuple, statements
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided, worst
from aic_engine.values import Absent, Unknown
from aic_engine.weakening import edit

EXPECTED = "named principals, or a condition that narrows them"


def decide(queue: Resource, graph: Graph) -> Decision:
    value = queue.get("policy")
    if isinstance(value, Absent):
        return passed("policy", "no policy: the account's own roles only")
    read = statements(value)
    if isinstance(read, Unknown):
        return undecided("policy", expected=EXPECTED, value=read)
    return worst([*(_judge(each) for each in read), passed("policy")])


def _judge(statement: Statement) -> Decision:
    principals = statement.principals
    named = principals.get("AWS") if isinstance(principals, dict) else principals
    if statement.effect == "Deny" or "*" not in as_tuple(named) or statement.is_conditional:
        return passed("policy", statement.label)
    if statement.is_conditional is None or isinstance(statement.effect, Unknown):
        return undecided("policy", expected=EXPECTED, value=Unknown(f"{statement.label} is not known"))
    cure = "name the principal, or add a condition on aws:SourceArn"
    return failed("policy", expected=EXPECTED, actual=f'{statement.label} is for "*"', cure=cure)


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
