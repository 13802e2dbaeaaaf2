"""A queue is encrypted with a key of the account."""

from __future__ import annotations

from aic_engine.attributes import is_own_key
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop


def decide(queue: Resource, graph: Graph) -> Decision:
    return is_own_key(queue, "kms_master_key_id")


RULE = Rule(
    id="CKV_AIC_LOAD_005",
    name="queue-encrypted",
    title="Queued words are encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    types=("aws_sqs_queue",),
    why=(
        "What a user says lies in the queue, and for days in the dead-letter queue; SQS's own key lets everybody read "
        "it who may receive."
    ),
    fix="""
kms_master_key_id = aws_kms_key.personal.arn
""",
    sources=("AWS docs, SQS developer guide: encryption at rest; SSE-SQS has no key policy",),
    controls={
        "FSBP-SQS.1": "Messages are encrypted at rest.",
        "GDPR-32": "Queued conversations are encrypted under a key whose use the operator controls.",
    },
    breaks=(drop("aws_sqs_queue", "kms_master_key_id"),),
    built_in="CKV_AWS_27 takes SQS's own key too",
    decide=decide,
)
