"""SQS: who may use a dead letter queue, attributes that stay when others change, and what AWS refuses.

Sources: AWS docs "CreateQueue", "SetQueueAttributes", "GetQueueAttributes" (API reference) and "Using dead-letter
queues", "High throughput for FIFO queues", "Encryption at rest" (developer guide).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.sqs.models import Queue
from moto.sqs.responses import SQSResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action

# AWS docs, "SetQueueAttributes": the least and the most of each number (a message of 1 MiB since August 2025).
_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_FIFO_WORDS = {
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoQueue": ("true",),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_WORDS = {**_FIFO_WORDS, "SqsManagedSseEnabled": ("true", "false")}
_DOCUMENTS = ("Policy", "RedriveAllowPolicy", "RedrivePolicy")
_KNOWN = {*_RANGES, *_WORDS, *_DOCUMENTS, "KmsMasterKeyId"}
# AWS docs, "SetQueueAttributes", RedriveAllowPolicy: the permissions, and how many sources `byQueue` may name.
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MAX_SOURCES = 10
# AWS docs, "Amazon SQS message quotas": maxReceiveCount.
_RECEIVES = range(1, 1_001)

# moto neither keeps this attribute nor lets anybody ask for it.
Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
Queue.redrive_allow_policy = None


@action(SQSResponse, "CreateQueue")
def create_queue(call: Call) -> Answer:
    name, attributes = call.params["QueueName"], call.params.get("Attributes", {})
    is_fifo = attributes.get("FifoQueue") == "true"
    if name.endswith(".fifo") != is_fifo:
        raise AwsError("InvalidAttributeValue", "The name of a FIFO queue, and of no other, ends with .fifo.")
    _refuse_invalid(call, call.arn("sqs", name), attributes, is_fifo)
    return _upstream(call, _with_one_encryption(attributes))


@action(SQSResponse, "SetQueueAttributes")
def set_queue_attributes(call: Call) -> Answer:
    """Change what the request names and nothing else; the server alone would drop the policy with any change."""
    queue, attributes = _queue(call), call.params["Attributes"]
    if "FifoQueue" in attributes:
        raise AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.")
    scope = {"DeduplicationScope": queue.deduplication_scope, "FifoThroughputLimit": queue.fifo_throughput_limit}
    _refuse_invalid(call, queue.queue_arn, {**(scope if queue.fifo_queue else {}), **attributes}, queue.fifo_queue)
    return _upstream(call, {"Policy": queue.policy, **_with_one_encryption(attributes)})


@action(SQSResponse, "GetQueueAttributes")
def get_queue_attributes(call: Call) -> Answer:
    """Documents come back as they were sent, without the blanks that the server adds."""
    attributes = call.upstream().get("Attributes", {})
    documents = {name: _compact(json.loads(attributes[name])) for name in _DOCUMENTS if attributes.get(name)}
    return {"Attributes": {**attributes, **documents}} if attributes else None


def _queue(call: Call) -> Any:
    return call.response.sqs_backend.get_queue(call.params["QueueUrl"].rsplit("/", 1)[-1])


def _upstream(call: Call, attributes: Mapping[str, Any]) -> Answer:
    document = attributes.get("RedriveAllowPolicy")
    allowed = _parsed("RedriveAllowPolicy", document) if document else None
    call.response.params["Attributes"] = {
        **attributes,
        **({} if document is None else {"RedriveAllowPolicy": json.dumps(allowed) if allowed else None}),
    }
    return call.upstream()


def _with_one_encryption(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A queue is encrypted with a KMS key or with SQS's own; the one that is asked for ends the other."""
    if attributes.get("KmsMasterKeyId"):
        return {**attributes, "SqsManagedSseEnabled": "false"}
    if attributes.get("SqsManagedSseEnabled") == "true":
        return {**attributes, "KmsMasterKeyId": ""}
    return dict(attributes)


def _refuse_invalid(call: Call, arn: str, attributes: Mapping[str, Any], is_fifo: bool) -> None:
    for name, value in attributes.items():
        if name not in _KNOWN or (name in _FIFO_WORDS and not is_fifo):
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")
        if name in _WORDS and value not in _WORDS[name]:
            raise _invalid(name, value, f"Must be one of {', '.join(_WORDS[name])}.")
        if name in _RANGES and not _is_within(value, *_RANGES[name]):
            raise _invalid(name, value, "Must be an integer from {} to {}.".format(*_RANGES[name]))
    if attributes.get("FifoThroughputLimit") == "perMessageGroupId":
        scope = attributes.get("DeduplicationScope", "queue")
        if scope != "messageGroup":
            raise _invalid("FifoThroughputLimit", "perMessageGroupId", "DeduplicationScope must be messageGroup.")
    if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
        raise AwsError("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time.")
    _parsed("Policy", attributes.get("Policy"))
    _refuse_invalid_sources(attributes.get("RedriveAllowPolicy"))
    _refuse_invalid_target(call, arn, attributes.get("RedrivePolicy"), is_fifo)


def _refuse_invalid_sources(text: str | None) -> None:
    document = _parsed("RedriveAllowPolicy", text)
    if not document:
        return
    permission, sources = document.get("redrivePermission"), document.get("sourceQueueArns")
    if permission not in _PERMISSIONS:
        raise _invalid("RedriveAllowPolicy", text, f"redrivePermission must be one of {', '.join(_PERMISSIONS)}.")
    if (sources is not None) != (permission == "byQueue"):
        raise _invalid("RedriveAllowPolicy", text, "sourceQueueArns goes with redrivePermission byQueue alone.")
    if sources is not None and not (isinstance(sources, list) and 1 <= len(sources) <= _MAX_SOURCES):
        raise _invalid("RedriveAllowPolicy", text, f"sourceQueueArns must name 1 to {_MAX_SOURCES} queues.")


def _refuse_invalid_target(call: Call, source: str, text: str | None, is_fifo: bool) -> None:
    document = _parsed("RedrivePolicy", text)
    if not document:
        return
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in document:
            raise _invalid("RedrivePolicy", text, f"Redrive policy does not contain mandatory attribute: {name}.")
    if not _is_within(document["maxReceiveCount"], _RECEIVES.start, _RECEIVES.stop - 1):
        raise _invalid("RedrivePolicy", text, "Invalid value for maxReceiveCount.")
    queues = call.response.sqs_backend.queues.values()
    target = next((queue for queue in queues if queue.queue_arn == document["deadLetterTargetArn"]), None)
    if target is None:
        raise _invalid("RedrivePolicy", text, "Dead letter target does not exist.")
    if target.fifo_queue != is_fifo:
        raise _invalid("RedrivePolicy", text, "Dead-letter queue must be same type of queue as the source.")
    allowed = json.loads(target.redrive_allow_policy or "{}")
    permission = allowed.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (permission == "byQueue" and source not in allowed["sourceQueueArns"]):
        raise _invalid("RedrivePolicy", text, "The dead letter target does not allow this source queue.")


def _parsed(name: str, text: str | None) -> dict[str, Any]:
    """The document of an attribute; empty where it is absent, or emptied to remove it."""
    try:
        document = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise _invalid(name, text, "It is not valid JSON.") from error
    if not isinstance(document, dict):
        raise _invalid(name, text, "It is not a JSON object.")
    return document


def _is_within(value: Any, least: int, most: int) -> bool:
    text = str(value)
    return text.isdecimal() and least <= int(text) <= most


def _invalid(name: str, value: Any, reason: str) -> AwsError:
    return AwsError("InvalidAttributeValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}")


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
